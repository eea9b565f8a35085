/// Decides which faults of datagrams are reported as events: one each second, so that none fills a log. All are counted.
/// A pure value; time is an argument, in nanoseconds.
struct DatagramFaults {
    private var last: Int64?
    private var silent = 0

    private static let pause: Int64 = 1_000_000_000

    /// There has been a fault. Returns the number of those that have not been reported since the last event; nil when
    /// this one is not reported either.
    mutating func report(at now: Int64) -> Int? {
        if let last, now - last < Self.pause {
            silent += 1
            return nil
        }
        defer { (last, silent) = (now, 0) }
        return silent
    }
}
