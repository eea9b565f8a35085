/// Admits a number of events per second, and as many at once after a quiet second. Time is an argument, in nanoseconds
/// of any clock that does not run backwards.
struct TokenBucket {
    /// The used part of the burst, in nanoseconds until it is restored.
    private var debt: Int64 = 0
    private var last: Int64 = 0

    static let second: Int64 = 1_000_000_000

    /// Takes a token; returns whether there was one.
    ///
    /// - Parameter keepsHalf: whether there is none for this event unless half of the burst is left behind it.
    mutating func take(_ rate: Int, at now: Int64, keepsHalf: Bool = false) -> Bool {
        // A full second restores everything.
        debt = max(0, debt - max(0, min(now.subtractingSaturating(last), Self.second)))
        last = max(last, now)
        // No clock distinguishes more events.
        guard rate < Self.second else { return true }
        let price = Self.second / Int64(rate)
        guard debt <= (keepsHalf ? Self.second / 2 : Self.second) - price else { return false }
        debt += price
        return true
    }
}

extension Int64 {
    /// The difference, clamped to the largest or smallest value.
    func subtractingSaturating(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }
}
