/// A limit on bytes per second: a token bucket. A pure value; time is an argument, in nanoseconds.
///
/// Rules:
/// * At once, no more may leave than in two milliseconds at the full rate, or one packet of any size.
/// * A packet may leave when there is a token for each of its bytes.
package struct RateLimit {
    private let bytesPerSecond: Int64
    private let burst: Int64
    /// In billionths of a byte.
    private var tokens: Int64
    private var last: Int64

    private static let unit: Int64 = 1_000_000_000

    /// - Parameter largest: the size of the largest packet.
    package init(bytesPerSecond: Int, largest: Int, at now: Int64) {
        self.bytesPerSecond = Int64(max(bytesPerSecond, 1))
        burst = max(self.bytesPerSecond / 500, Int64(largest)) * Self.unit
        tokens = burst
        last = now
    }

    /// Adds the tokens of the time that has passed.
    package mutating func refill(at now: Int64) {
        let elapsed = now - last
        guard elapsed > 0 else { return }
        last = now
        let (gain, overflow) = elapsed.multipliedReportingOverflow(by: bytesPerSecond)
        tokens = overflow || gain >= burst - tokens ? burst : tokens + gain
    }

    /// Whether a packet of the size may leave.
    package func allows(_ size: Int) -> Bool { tokens >= Int64(size) * Self.unit }

    /// A packet has left. Those that are not held back may exceed the limit.
    package mutating func spend(_ size: Int) { tokens = max(tokens - Int64(size) * Self.unit, -burst) }

    /// How long it takes, in nanoseconds, until half of what may leave at once can, and a packet of the size.
    package func delay(for size: Int) -> Int64 {
        let wanted = max(burst / 2, Int64(size) * Self.unit)
        guard tokens < wanted else { return 0 }
        let missing = wanted - tokens
        return missing / bytesPerSecond + 1
    }
}
