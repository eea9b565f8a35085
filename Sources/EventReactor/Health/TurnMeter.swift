/// Times the turns of a reactor, and the handlers called in them.
///
/// Rules:
/// * The clock is read when a turn's first handler begins, and when each handler ends: the end of one is the beginning
///   of the next.
/// * What a report takes counts for the turn, and for no handler.
struct TurnMeter {
    /// Whether statistics are wanted.
    var isCounting = false

    // In nanoseconds.
    private var turns = 0
    private var busyTime: Int64 = 0
    private var longestTurn: Int64 = 0
    private var handlers = DurationHistogram()

    /// When the turn's first handler began, and when its last ended, in nanoseconds; `none` before the first.
    private var (start, last) = (Self.none, Self.none)
    private static var none: Int64 { .min }

    var statistics: TurnStatistics {
        var statistics = TurnStatistics()
        statistics.turns = turns
        statistics.busyTime = .nanoseconds(busyTime)
        statistics.longestTurn = .nanoseconds(longestTurn)
        statistics.handlers = handlers
        return statistics
    }

    /// A handler begins. Returns when, in nanoseconds.
    @inline(__always)
    mutating func begin(at now: () -> Int64) -> Int64 {
        if start == Self.none {
            start = now()
            last = start
        }
        return last
    }

    /// A handler has ended. Returns how long it took, in nanoseconds.
    @inline(__always)
    mutating func end(since start: Int64, at now: Int64) -> Int64 {
        last = now
        if isCounting { handlers.add(nanoseconds: now - start) }
        return now - start
    }

    /// The time up to here belongs to no handler.
    mutating func skip(to now: Int64) { last = now }

    mutating func turnEnded() {
        if isCounting {
            turns += 1
            if start != Self.none {
                busyTime += last - start
                longestTurn = max(longestTurn, last - start)
            }
        }
        forgetTurn()
    }

    mutating func forgetTurn() { (start, last) = (Self.none, Self.none) }
}
