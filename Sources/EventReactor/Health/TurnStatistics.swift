/// How a reactor has spent its turns while it was measured; see ``Reactor/measuresTurns``.
public struct TurnStatistics: Sendable, Equatable {
    package init() {}

    /// The turns of the loop, including those that found nothing to do.
    public internal(set) var turns = 0

    /// The time from the beginning of a turn's first handler to the end of the turn, over all turns. The rest of the
    /// time the reactor waited.
    public internal(set) var busyTime = Duration.zero

    /// The longest of these times: what a timer may have been late.
    public internal(set) var longestTurn = Duration.zero

    /// The times for which handlers held the loop. Each call counts: of a watcher, a timer, a piece of submitted work,
    /// a step of a task, and work that a socket has left for a later moment. What sockets write at the end of a turn
    /// counts for the turn's last handler; while slow handlers are watched, each write is a call.
    public internal(set) var handlers = DurationHistogram()
}
