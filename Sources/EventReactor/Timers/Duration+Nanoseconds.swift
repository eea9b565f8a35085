extension Duration {
    /// Whole nanoseconds, rounded up so that nothing positive becomes zero, and held to what 64 bits can say (±292 years).
    package var roundedUpNanoseconds: Int64 {
        let (whole, rest) = attoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return Int64(clamping: rest > 0 ? whole + 1 : whole)
    }
}

extension Int64 {
    /// The sum, held at the largest or smallest value instead of wrapping or trapping.
    func addingSaturating(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }
}
