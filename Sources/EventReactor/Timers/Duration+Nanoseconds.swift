extension Duration {
    /// Whole nanoseconds, rounded up so that nothing positive becomes zero, and held to what 64 bits can say (±292 years).
    package var roundedUpNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let part = attoseconds > 0 ? (attoseconds + 999_999_999) / 1_000_000_000 : attoseconds / 1_000_000_000
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? (seconds < 0 ? .min : .max) : whole.addingSaturating(part)
    }
}

extension Int64 {
    /// The sum, held at the largest or smallest value instead of wrapping or trapping.
    func addingSaturating(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }
}
