import Testing
import ZMQReactorTestSupport

@testable import EventReactor

@Suite struct AdaptiveWaitingTests {
    @Test func onlyATurnWithAnArrivalIsFollowedByAPoll() {
        var waiting = AdaptiveWaiting()
        check(!waiting.begins())
        waiting.noteDescriptor()
        check(waiting.begins())
        check(!waiting.begins(), "one arrival, one poll")
        waiting.noteThread()
        check(waiting.begins())
    }

    /// How many turns with an arrival pass until there is a poll.
    private func skipped(_ waiting: inout AdaptiveWaiting) -> Int {
        for count in 0...10_000 {
            waiting.noteDescriptor()
            if waiting.begins() { return count }
        }
        return .max
    }

    @Test func eachMissMakesPollsRarer() {
        var waiting = AdaptiveWaiting()
        for expected in [0, 2, 4, 8, 16, 32, 64, 64, 64] {
            check(skipped(&waiting) == expected)
            waiting.ended(found: false, after: AdaptiveWaiting.limit)
        }
        check(skipped(&waiting) == 64)
        waiting.ended(found: true, after: AdaptiveWaiting.limit)
        check(skipped(&waiting) == 0, "a hit resets the rate")
    }

    @Test func aPollThatLostItsProcessorIsAMiss() {
        var waiting = AdaptiveWaiting()
        check(skipped(&waiting) == 0)
        waiting.ended(found: true, after: AdaptiveWaiting.limit + 1)
        check(skipped(&waiting) == 2)
    }

    @Test("a poll that lost its processor for a time slice is followed by a thousand turns without one")
    func losses() {
        var waiting = AdaptiveWaiting()
        for found in [true, false] {
            check(skipped(&waiting) == 0)
            waiting.ended(found: found, after: 3_000_000)
            check(skipped(&waiting) == 1000)
            waiting.ended(found: true, after: 5_000)
        }
        check(skipped(&waiting) == 0, "a hit resets the rate")
    }

    @Test func theLastSourceIsCheckedMostOften() {
        var waiting = AdaptiveWaiting()
        waiting.noteThread()
        check(waiting.roundsPerPoll > 1)
        // In the same turn, the thread takes precedence.
        waiting.noteDescriptor()
        check(waiting.roundsPerPoll > 1)
        check(waiting.begins())
        waiting.noteDescriptor()
        check(waiting.roundsPerPoll == 1)
    }

    @Test func descriptorsAreCheckedOccasionallyWhateverThreadsSend() {
        var waiting = AdaptiveWaiting()
        let start: Int64 = 1_000_000_000
        check(waiting.isPollDue(at: start))
        check(!waiting.isPollDue(at: start + AdaptiveWaiting.limit))
        check(waiting.isPollDue(at: start + AdaptiveWaiting.limit + 1))
    }

    @Test("a descriptor is served although another thread sends something in every turn")
    func newsDoesNotKeepDescriptorsWaiting() throws {
        let reactor = try Reactor()
        let wakeup = Wakeup()
        let signaller = Signaller(wakeup, at: reactor)
        reactor.register(signaller, for: wakeup)
        let pair = SocketPair()
        var served = false
        try reactor.watch(pair.a, for: .readable) { watcher, _ in
            served = true
            watcher.cancel()
        }
        pair.poke()
        signaller.wakeupSignalled()
        run(reactor, until: { served })
        reactor.register(nil, for: wakeup)
    }

    /// Another thread signals again after each signal.
    private final class Signaller: WakeupHandler {
        private let wakeup: Wakeup
        private unowned let reactor: Reactor

        init(_ wakeup: Wakeup, at reactor: Reactor) { (self.wakeup, self.reactor) = (wakeup, reactor) }

        func wakeupSignalled() {
            reactor.exchangesWithAnotherThread()
            let (handle, wakeup) = (reactor.handle, wakeup)
            OtherThread { _ = handle.signal(wakeup) }.join()
        }
    }
}
