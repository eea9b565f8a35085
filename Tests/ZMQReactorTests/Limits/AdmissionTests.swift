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

    // MARK: Shares of the rate

    /// One that lets every connection in and out at once, so that nothing but the rate counts.
    private func taken(_ table: inout AdmissionTable, _ address: RemoteAddress?, _ count: Int, at now: Int64) -> Int {
        let bounds = limits { $0.connectionRate = 100 }
        return (0..<count).count { _ in
            guard table.admit(address, bounds, at: now) == nil else { return false }
            table.endHandshake(address)
            table.leave(address)
            return true
        }
    }

    @Test func anAddressThatFloodsLeavesHalfOfTheRateToTheOthers() {
        let (flood, other, third) = (RemoteAddress.ipv4(1), RemoteAddress.ipv4(2), RemoteAddress.ipv6(network: 1))
        var table = AdmissionTable()
        #expect(taken(&table, flood, 1000, at: 0) == 50)
        #expect(taken(&table, other, 40, at: 0) == 40)
        #expect(taken(&table, third, 40, at: 0) == 10)
        // For a minute it comes ten times as often as the rate allows, and the other one at half of the rate.
        var served = 0
        for step in 1...3000 {
            let now = Self.second + Int64(step) * Self.second / 50
            _ = taken(&table, flood, 20, at: now)
            served += taken(&table, other, 1, at: now)
        }
        #expect(served == 3000)
    }

    @Test func anAddressThatIsAloneHasTheWholeRateOverTime() {
        var table = AdmissionTable()
        let address = RemoteAddress.ipv4(1)
        var count = taken(&table, address, 1000, at: 0)
        for step in 1...1000 { count += taken(&table, address, 10, at: Int64(step) * Self.second / 100) }
        #expect(count == 50 + 10 * 100)
        // A peer without an address has all that is left.
        #expect(taken(&table, nil, 1000, at: 10 * Self.second) == 50)
        #expect(taken(&table, nil, 1000, at: 20 * Self.second) == 100)
    }

    @Test(arguments: [1, 2, 3, 4, 5, 10_000, 1_000_000_000, Int.max])
    func halfOfARateIsRoundedUp(rate: Int) {
        let bounds = limits { $0.connectionRate = rate }
        var table = AdmissionTable()
        func admitted(_ address: RemoteAddress) -> Int {
            (0..<5000).count { _ in table.admit(address, bounds, at: 0) == nil }
        }
        let mine = admitted(.ipv4(1))
        #expect(mine == min(rate - rate / 2, 1024))
        for _ in 0..<mine { table.endHandshake(.ipv4(1)) }
        #expect(admitted(.ipv4(2)) == min(rate / 2, 1024))
    }

    @Test func aRefusalUsesUpNoShare() {
        var table = AdmissionTable()
        let (one, other) = (RemoteAddress.ipv4(1), RemoteAddress.ipv4(2))
        #expect(taken(&table, nil, 100, at: 0) == 100)
        #expect(taken(&table, one, 1000, at: 0) == 0)
        // Half a second later there is half of the rate, which is the whole share of one address.
        #expect(taken(&table, one, 1000, at: Self.second / 2) == 50)
        #expect(taken(&table, other, 1000, at: Self.second / 2) == 0)
    }

    @Test func addressesAreForgottenWhenTheirSharesAreWholeAgain() {
        var shares = AddressShares()
        func use(_ address: UInt32, at now: Int64) -> Bool {
            var share = shares[.ipv4(address)]
            defer { shares.update(.ipv4(address), share, at: now) }
            return share.take(1, at: now)
        }
        for address in 1...100 as ClosedRange<UInt32> { #expect(use(address, at: Self.second - 1)) }
        #expect(shares.count == 100)
        #expect(use(200, at: Self.second))
        // The share of an address of the former period is not forgotten yet.
        #expect(!use(1, at: 2 * Self.second - 2))
        #expect(use(2, at: 2 * Self.second - 1))
        #expect(use(200, at: 2 * Self.second))
        #expect(use(200, at: 3 * Self.second))
        #expect(shares.count <= 3)
    }

    @Test func anyNumberOfAddressesTakesBoundedMemory() {
        var shares = AddressShares()
        for address in 0..<UInt64(3 * AddressShares.most) {
            shares.update(.ipv6(network: address), TokenBucket(), at: 5)
            guard shares.count > 2 * AddressShares.most else { continue }
            Issue.record("\(shares.count) entries")
            break
        }
        #expect(shares.count > AddressShares.most)
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
