/// The pauses between attempts: each twice the previous one, up to a limit, and each with a jitter of a quarter, so
/// that sockets that have lost the same peer do not return at the same time.
struct Backoff {
    let first: Duration
    let limit: Duration
    private var base: Duration

    /// Longer than any pause that ends, and far from what a `Duration` can hold, so that no arithmetic here overflows.
    private static let longest = Duration.nanoseconds(Int64.max)

    init(first: Duration, limit: Duration) {
        self.first = min(first, Self.longest)
        self.limit = min(limit, Self.longest)
        base = self.first
    }

    /// The next pause.
    ///
    /// - Parameter random: from 0 up to 1.
    mutating func next(random: Double = Double.random(in: 0..<1)) -> Duration {
        let pause = min(base * (0.75 + random / 2), limit)
        base = min(base * 2, limit)
        return pause
    }

    /// Begins again with the first pause.
    mutating func reset() { base = first }
}
