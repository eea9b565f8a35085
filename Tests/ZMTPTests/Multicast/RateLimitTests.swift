import Testing

@testable import ZMTP

@Suite struct RateLimitTests {
    @Test("as much leaves as the rate allows", arguments: [12_500, 1_250_000, 125_000_000, 12_500_000_000])
    func rate(bytesPerSecond: Int) {
        var limit = RateLimit(bytesPerSecond: bytesPerSecond, largest: 1500, at: 0)
        var (now, sent) = (Int64(0), 0)
        let end: Int64 = bytesPerSecond < 100_000 ? 20_000_000_000 : 100_000_000
        while now < end {
            limit.refill(at: now)
            while limit.allows(1500) {
                limit.spend(1500)
                sent += 1500
            }
            now += max(limit.delay(for: 1500), 1)
        }
        let expected = Double(bytesPerSecond) * Double(end) / 1e9
        #expect(abs(Double(sent) - expected) < expected * 0.05 + 3000)
    }

    @Test("no more than two milliseconds leave at once") func burst() {
        var limit = RateLimit(bytesPerSecond: 125_000_000, largest: 1500, at: 0)
        limit.refill(at: 10_000_000_000)
        var sent = 0
        while limit.allows(1000) {
            limit.spend(1000)
            sent += 1000
        }
        #expect(sent == 250_000)
    }

    @Test("a packet that is larger than that leaves after a while") func largePacket() {
        var limit = RateLimit(bytesPerSecond: 1000, largest: 1500, at: 0)
        #expect(limit.allows(1500))
        limit.spend(1500)
        #expect(!limit.allows(1500))
        #expect(limit.delay(for: 1500) <= 1_500_000_001)
        limit.refill(at: 1_500_000_001)
        #expect(limit.allows(1500))
    }
}
