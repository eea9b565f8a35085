extension Duration {
    /// Whole nanoseconds, rounded up so that nothing positive becomes zero, and clamped to the range of 64 bits (±292
    /// years).
    package var roundedUpNanoseconds: Int64 {
        let (whole, rest) = attoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return Int64(clamping: rest > 0 ? whole + 1 : whole)
    }
}

extension Int64 {
    /// The sum, clamped to the largest or smallest value.
    func addingSaturating(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }
}
