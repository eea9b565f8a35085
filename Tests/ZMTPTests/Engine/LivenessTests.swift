import Testing
import ZMQReactorTestSupport

@testable import ZMTP

/// Heartbeats in virtual time.
struct LivenessTests {
    private static let second: Int64 = 1_000_000_000
    private func liveness(interval: Int64 = 1, timeout: Int64 = 3, timeToLive: UInt16 = 0, at start: Int64 = 0)
        -> Liveness
    {
        let settings = Liveness.Settings(interval: interval, timeout: timeout, timeToLive: timeToLive)
        return Liveness(settings, at: start)
    }

    @Test func HB5_onePingIsOutstanding() {
        var peer = liveness()
        #expect(peer.deadline == 1)
        check(peer.check(at: 0) == .nothing)
        check(peer.check(at: 1) == .ping(timeToLive: 0))
        #expect(peer.deadline == 4)
        peer.pingLeft(at: 1)
        #expect(peer.deadline == 4)
        peer.heard(at: 2)
        check(peer.check(at: 3) == .nothing)
        #expect(peer.deadline == 5)
        peer.pong(at: 3)
        #expect(peer.deadline == 2)
        check(peer.check(at: 3) == .ping(timeToLive: 0))
    }

    @Test func HB4_silenceAfterAPingEndsTheConnection() {
        var peer = liveness()
        _ = peer.check(at: 1)
        peer.pingLeft(at: 2)
        check(peer.check(at: 3) == .nothing)
        check(peer.check(at: 4) == .end)
    }

    @Test func HB4_aBlockedPingCountsFromWhenItWasDue() {
        var peer = liveness()
        check(peer.check(at: 1) == .ping(timeToLive: 0))
        #expect(peer.deadline == 4)
        check(peer.check(at: 3) == .nothing)
        check(peer.check(at: 4) == .end)
    }

    @Test func HB4_progressOfOutputIsASignOfLife() {
        var peer = liveness()
        _ = peer.check(at: 1)
        for time in Int64(2)...50 {
            peer.outputMoved(at: time)
            check(peer.check(at: time + 2) == .nothing)
        }
        #expect(peer.deadline == 53)
        // Behind the PING, too.
        peer.pingLeft(at: 51)
        peer.outputMoved(at: 51)
        check(peer.check(at: 53) == .nothing)
        check(peer.check(at: 54) == .end)
    }

    @Test func HB4_earlierProgressOfOutputDoesNotCount() {
        var peer = liveness()
        peer.outputMoved(at: 0)
        _ = peer.check(at: 1)
        #expect(peer.deadline == 4)
    }

    @Test(arguments: [(Int64.max, Int64.max), (Int64.max, 3), (1, Int64.max)] as [(Int64, Int64)])
    func infiniteTimesNeverExpire(interval: Int64, timeout: Int64) {
        var peer = liveness(interval: interval, timeout: timeout, at: Int64.max - 10)
        for time in Int64.max - 10..<Int64.max {
            if case .ping = peer.check(at: time) { peer.pingLeft(at: time) }
            check(peer.deadline! > time)
            peer.heard(at: time)
        }
        peer.peerTimeToLive = .max
        #expect(peer.deadline == .max)
        check(peer.check(at: .max - 1) == .nothing)
    }

    @Test func HB3_anyInputIsASignOfLife() {
        var peer = liveness()
        _ = peer.check(at: 1)
        peer.pingLeft(at: 1)
        for time in Int64(2)...50 {
            peer.heard(at: time)
            check(peer.check(at: time + 2) == .nothing)
        }
        check(peer.check(at: 53) == .end)
    }

    @Test func HB2_thePeersTimeToLive() {
        var peer = Liveness(.silent, at: 0)
        #expect(peer.deadline == nil)
        peer.peerTimeToLive = 20
        #expect(peer.deadline == 2 * Self.second)
        peer.heard(at: Self.second)
        check(peer.check(at: 2 * Self.second) == .nothing)
        check(peer.check(at: 3 * Self.second) == .end)
        peer.peerTimeToLive = 0
        check(peer.check(at: 9 * Self.second) == .nothing)
    }

    @Test func roundTripIsRecorded() {
        var peer = liveness(interval: 10, timeout: 30)
        #expect(peer.roundTrip == nil)
        check(peer.check(at: 10) == .ping(timeToLive: 0))
        peer.pingLeft(at: 12)
        peer.pong(at: 17)
        #expect(peer.roundTrip == 5)
        // An unrequested one.
        peer.pong(at: 19)
        #expect(peer.roundTrip == 5)
    }

    @Test func noTimeoutWhileNotReading() {
        var peer = liveness(timeToLive: 7)
        check(peer.check(at: 1) == .ping(timeToLive: 7))
        peer.pingLeft(at: 1)
        peer.peerTimeToLive = 1
        // The peer is informed once that our silence does not count.
        check(peer.suspend())
        check(!peer.suspend())
        #expect(peer.deadline == nil)
        check(peer.check(at: Self.second) == .nothing)
        let now = 2 * Self.second
        peer.resume(at: now)
        check(peer.check(at: now) == .nothing)
        peer.pong(at: now + 1)
        #expect(peer.roundTrip == now)
        check(peer.check(at: now + 1) == .ping(timeToLive: 7))
        peer.pingLeft(at: now + 1)
        // The reply to the PING sent in between, then the one to this.
        peer.pong(at: now + 2)
        #expect(peer.roundTrip == now)
        peer.pong(at: now + 3)
        #expect(peer.roundTrip == 2)
    }

    @Test func withoutATimeToLiveNothingIsSentWhenReadingStops() {
        var peer = liveness()
        check(!peer.suspend())
    }
}
