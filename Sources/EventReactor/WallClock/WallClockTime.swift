import Glibc

/// A point in civil time: seconds and nanoseconds since 1970 began in UTC, without leap seconds.
public struct WallClockTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Whole seconds since 1970-01-01 00:00:00 UTC; negative before.
    public let seconds: Int64
    /// Nanoseconds after the whole second, 0...999 999 999.
    public let nanoseconds: Int32

    /// The time a number of seconds and nanoseconds after 1970 began. Nanoseconds beyond a second carry over into the
    /// seconds.
    public init(seconds: Int64, nanoseconds: Int64 = 0) {
        let (carry, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        self.seconds = seconds.addingSaturating(rest < 0 ? carry - 1 : carry)
        self.nanoseconds = Int32(rest < 0 ? rest + 1_000_000_000 : rest)
    }

    /// The system's time (CLOCK_REALTIME).
    public static var now: WallClockTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallClockTime(seconds: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec))
    }

    /// The time later by the duration, or earlier by a negative one; fractions of a nanosecond are dropped.
    public func advanced(by duration: Duration) -> WallClockTime {
        // Not with `components`, which traps for a duration of more seconds than 64 bits hold.
        let (whole, attoseconds) = duration.attoseconds.quotientAndRemainder(dividingBy: 1_000_000_000_000_000_000)
        return WallClockTime(
            seconds: seconds.addingSaturating(Int64(clamping: whole)),
            nanoseconds: Int64(nanoseconds) + Int64(attoseconds / 1_000_000_000)
        )
    }

    /// How much later the other time is.
    public func duration(to other: WallClockTime) -> Duration {
        .seconds(other.seconds) - .seconds(seconds) + .nanoseconds(Int64(other.nanoseconds) - Int64(nanoseconds))
    }

    /// Orders times from earlier to later.
    public static func < (a: WallClockTime, b: WallClockTime) -> Bool {
        (a.seconds, a.nanoseconds) < (b.seconds, b.nanoseconds)
    }

    /// Seconds since 1970 with nine decimals.
    public var description: String {
        let digits = String(nanoseconds)
        return "\(seconds)." + String(repeating: "0", count: 9 - digits.count) + digits
    }

    /// In libev's form. A double resolves present-day times to about 0.2 µs.
    var timestamp: Double { Double(seconds) + Double(nanoseconds) / 1e9 }
}
