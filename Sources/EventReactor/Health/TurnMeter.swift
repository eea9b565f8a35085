/// Times the turns of a reactor, and the handlers called in them.
///
/// Rules:
/// * The clock is read when a handler begins, which ends the one before it, and at the end of the turn. So what sockets
///   write there counts for the last handler.
/// * What a report takes counts for the turn, and for no handler.
struct TurnMeter {
    /// Whether statistics are wanted.
    var isCounting = false

    // In nanoseconds.
    private var turns = 0
    private var busyTime: Int64 = 0
    private var longestTurn: Int64 = 0
    private var handlers = DurationHistogram()

    /// When the turn's first handler began, and when the present one did, in nanoseconds; `none` when there is none.
    private var (start, present) = (Self.none, Self.none)
    private static var none: Int64 { .min }

    /// Whether a handler has begun in this turn.
    var hasBegun: Bool { start != Self.none }

    var statistics: TurnStatistics {
        var statistics = TurnStatistics()
        statistics.turns = turns
        statistics.busyTime = .nanoseconds(busyTime)
        statistics.longestTurn = .nanoseconds(longestTurn)
        statistics.handlers = handlers
        return statistics
    }

    /// A handler begins.
    mutating func begin(at now: Int64) {
        if hasBegun { end(at: now) } else { start = now }
        present = now
    }

    /// The present handler ends, if there is one.
    mutating func end(at now: Int64) {
        if isCounting, present != Self.none { handlers.add(nanoseconds: now - present) }
        present = Self.none
    }

    mutating func turnEnded(at now: () -> Int64) {
        if isCounting {
            turns += 1
            if hasBegun {
                let now = now()
                end(at: now)
                busyTime += now - start
                longestTurn = max(longestTurn, now - start)
            }
        }
        forgetTurn()
    }

    mutating func forgetTurn() { (start, present) = (Self.none, Self.none) }
}
