/// What waits for a moment of the turn: for its end, for what comes after that, for the next turn, or for a turn
/// without anything else to do.
///
/// Elements are moved in and out, and called or released when the queue is no longer accessed.
struct TurnQueues: ~Copyable {
    /// Called at the end of the turn.
    var endOfTurn = Ring<any EndOfTurnHandler>()
    /// Called after those.
    var afterTurn = Ring<any AfterTurnHandler>(capacity: 16)
    /// Called in this turn, when what is small has been served, or at that moment of a later one.
    var large = Ring<any NextTurnHandler>(capacity: 16)
    /// Called when a turn has time for what begins or ends.
    var churn = Ring<any NextTurnHandler>(capacity: 16)
    /// Called in the next turn.
    var nextTurn = Ring<any NextTurnHandler>(capacity: 16)
    /// Called in a turn without anything else to do.
    var idle: ContiguousArray<IdleWatcher> = []
    /// Released at the end of the turn.
    var releases: ContiguousArray<AnyObject> = []

    /// Whether a handler waits for this turn or the next one.
    @inline(__always) var haveWork: Bool { endOfTurn.count | afterTurn.count | restCount != 0 }

    /// Whether a turn has left work.
    @inline(__always) var haveRests: Bool { restCount != 0 }

    // Without a branch for each: every turn looks at this.
    @inline(__always) private var restCount: Int { nextTurn.count | large.count | churn.count }

    /// Whether something large, or that begins or ends, waits for its moment of this turn.
    @inline(__always) var haveLaterWork: Bool { large.count | churn.count != 0 }

    /// Takes a handler out of one of the queues; nil when they are empty.
    @inline(never)
    mutating func takeAny() -> AnyObject? {
        if !endOfTurn.isEmpty { return endOfTurn.takeFirst() }
        if !afterTurn.isEmpty { return afterTurn.takeFirst() }
        if !large.isEmpty { return large.takeFirst() }
        if !churn.isEmpty { return churn.takeFirst() }
        if !nextTurn.isEmpty { return nextTurn.takeFirst() }
        return nil
    }

    /// Releases handlers that have nothing left to do. They hold the reactor, and no turn may follow.
    @inline(never)
    mutating func releaseEnded() {
        Self.moveEnded(from: &nextTurn, to: &releases)
        Self.moveEnded(from: &large, to: &releases)
        Self.moveEnded(from: &churn, to: &releases)
    }

    private static func moveEnded(
        from queue: inout Ring<any NextTurnHandler>,
        to releases: inout ContiguousArray<AnyObject>
    ) {
        for _ in 0..<queue.count {
            let handler = queue.takeFirst()
            if handler.isOver { releases.append(handler) } else { queue.append(handler) }
        }
    }
}
