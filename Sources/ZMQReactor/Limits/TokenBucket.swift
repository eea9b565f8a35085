/// Lets through so many events per second, and as many at once after a quiet second. Time is an argument, in nanoseconds of any clock
/// that does not go back.
struct TokenBucket {
    /// What has been used of the burst, in nanoseconds that it takes to come back.
    private var debt: Int64 = 0
    private var last: Int64 = 0

    private static let second: Int64 = 1_000_000_000

    /// Takes a token; answers whether there was one.
    mutating func take(_ rate: Int, at now: Int64) -> Bool {
        // The passing of a second pays for everything.
        debt = max(0, debt - max(0, min(now.subtractingSaturating(last), Self.second)))
        last = max(last, now)
        // No clock tells more events apart.
        guard rate < Self.second else { return true }
        let price = Self.second / Int64(rate)
        guard debt <= Self.second - price else { return false }
        debt += price
        return true
    }
}

extension Int64 {
    /// The difference, held at the largest or smallest value.
    fileprivate func subtractingSaturating(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }
}
