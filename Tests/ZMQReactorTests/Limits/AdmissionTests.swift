import EventReactor
import Glibc
import Testing

@testable import ZMQReactor

/// The pure parts of admission, in virtual time.
@Suite struct AdmissionTests {
    private static let second: Int64 = 1_000_000_000

    private func limits(_ change: (inout SocketLimits) -> Void) -> SocketLimits {
        var limits = SocketLimits()
        change(&limits)
        return limits
    }

    // MARK: The bucket

    @Test(arguments: [1, 2, 3, 7, 1000, 10_000])
    func aBucketAdmitsARateAndAsManyAtOnce(rate: Int) {
        var bucket = TokenBucket()
        func taken(at now: Int64) -> Int { (0..<2 * rate + 2).count { _ in bucket.take(rate, at: now) } }
        #expect(taken(at: 0) == rate)
        // Rounding may give away a nanosecond for each of them.
        #expect(taken(at: Self.second / Int64(rate) - Int64(rate)) == 0)
        #expect(taken(at: Self.second / Int64(rate)) == 1)
        #expect(taken(at: 100 * Self.second) == rate)
        // Another thread's clock may be slightly behind.
        #expect(taken(at: 99 * Self.second) == 0)
        #expect(taken(at: .max) == rate)
    }

    @Test func anyRateAndTimeAreTaken() {
        for rate in [1, Int(Self.second) - 1, Int(Self.second), .max] {
            var bucket = TokenBucket()
            for now in [.min, -1, 0, 1, .max, .min] as [Int64] { _ = bucket.take(rate, at: now) }
            #expect(bucket.take(rate, at: .max) || rate == 1)
        }
    }

    // MARK: The table

    @Test func eachLimitAppliesAtItsBoundaryAndCountsNothing() {
        let (one, other) = (RemoteAddress.ipv4(1), RemoteAddress.ipv6(network: 2))
        var table = AdmissionTable()
        var bounds = limits { ($0.connections, $0.handshakes) = (4, 3) }
        (bounds.connectionsPerAddress, bounds.handshakesPerAddress) = (3, 2)
        func admit(_ address: RemoteAddress?) -> SocketLimit? { table.admit(address, bounds, at: 0) }
        #expect(admit(one) == nil && admit(one) == nil)
        #expect(admit(one) == .handshakesPerAddress)
        #expect(admit(other) == nil)
        #expect(admit(other) == .handshakes && admit(nil) == .handshakes)
        for address in [one, one, other] { table.endHandshake(address) }
        #expect(admit(one) == nil)
        table.endHandshake(one)
        #expect(admit(other) == .connections && admit(nil) == .connections)
        table.leave(other)
        #expect(admit(one) == .connectionsPerAddress)
        #expect(admit(nil) == nil)
        #expect(table.all == AdmissionTable.Tally(connections: 4, handshakes: 1))
        #expect(table[one].connections == 3 && table[other] == AdmissionTable.Tally())
        #expect(table.addressCount == 1)
        table.endHandshake(nil)
        for address in [one, one, one, nil] { table.leave(address) }
        #expect(table.all == AdmissionTable.Tally() && table.addressCount == 0)
    }

    @Test func theRateIsNotUsedUpByRejections() {
        var table = AdmissionTable()
        var bounds = limits { ($0.connectionRate, $0.connections) = (2, 1) }
        #expect(table.admit(nil, bounds, at: 0) == nil)
        #expect(table.admit(nil, bounds, at: 0) == .connections)
        bounds.connections = 10
        #expect(table.admit(nil, bounds, at: 0) == nil)
        #expect(table.admit(nil, bounds, at: 0) == .connectionRate)
        #expect(table.admit(nil, bounds, at: Self.second / 2) == nil)
    }

    @Test func connectionsOfTheProgramHaveNoHandshakeAndNoRate() {
        var table = AdmissionTable()
        let bounds = limits { ($0.connections, $0.handshakes, $0.connectionRate) = (3, 1, 1) }
        for _ in 0..<3 { #expect(table.admitInproc(bounds) == nil) }
        #expect(table.admitInproc(bounds) == .connections)
        table.leave(nil)
        #expect(table.admit(nil, bounds, at: 0) == nil)
    }

    // MARK: Addresses

    private func address(_ text: String) throws -> RemoteAddress? {
        let (found, reason) = SocketAddress.resolve(text, port: 5555, family: AF_UNSPEC, isLocal: false)
        return RemoteAddress(try #require(found.first, "\(reason)"))
    }

    @Test func addressesCountByHostOrNetwork() throws {
        #expect(try address("192.0.2.1") == .ipv4(0xC000_0201))
        #expect(try address("192.0.2.1") != address("192.0.2.2"))
        #expect(try address("::ffff:192.0.2.1") == .ipv4(0xC000_0201))
        #expect(try address("2001:db8:1:2::1") == address("2001:db8:1:2:ffff::9"))
        #expect(try address("2001:db8:1:2::1") != address("2001:db8:1:3::1"))
        #expect(RemoteAddress(SocketAddress(unix: "/tmp/x", isAbstract: false)) == nil)
        for local in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            #expect(try address(local)?.isLocal == true, "\(local)")
        }
        for remote in ["128.0.0.1", "10.0.0.1", "2001:db8::1", "::ffff:10.0.0.1", "fe80::1"] {
            #expect(try address(remote)?.isLocal == false, "\(remote)")
        }
    }

    // MARK: Events

    @Test func oneEventPerLimitAndSecond() {
        var events = LimitEvents()
        #expect(events.refusal(by: .connections, at: 5) == 0)
        #expect(events.refusal(by: .connectionRate, at: 5) == 0)
        for _ in 0..<10 { #expect(events.refusal(by: .connections, at: 5) == nil) }
        #expect(events.refusal(by: .connections, at: 4 + Self.second) == nil)
        #expect(events.refusal(by: .connections, at: 5 + Self.second) == 11)
        #expect(events.refusal(by: .connections, at: 5 + 2 * Self.second) == 0)
        #expect(events.refusal(by: .connectionRate, at: 5 + 2 * Self.second) == 0)
    }

    @Test func everyLimitHasItsOwnCounter() {
        var counts = SocketLimit.Counts()
        #expect(counts == SocketLimit.Counts() && counts.total == 0 && counts.description == "")
        for (number, limit) in SocketLimit.all.enumerated() { counts[limit] = number + 1 }
        for (number, limit) in SocketLimit.all.enumerated() { #expect(counts[limit] == number + 1) }
        #expect(counts != SocketLimit.Counts())
        #expect(Set(SocketLimit.all.map(\.name)).count == SocketLimit.all.count)
        var few = SocketLimit.Counts()
        few[.connections] = 3
        few[.slowPeer] = 1
        #expect("\(few)" == "connections: 3, slow-peer: 1")
    }
}
