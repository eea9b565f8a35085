import EventReactor

extension TestScene {
    /// The most turns of one run: more of them do not end by themselves.
    private static let turnLimit = 20_000_000

    /// How often a condition is evaluated when nothing happens any more: it may itself take one message at a time.
    private static let patience = 1000

    /// Runs all reactors until nothing is left to do before time passes.
    public func settle() {
        for _ in 0..<Self.turnLimit where !turn() { return }
    }

    /// Runs all reactors for a virtual time.
    public func run(for duration: Duration) {
        let end = clock.nanoseconds + duration.nanoseconds
        for _ in 0..<Self.turnLimit where !step(upTo: end) { break }
        clock.advance(to: end)
        settle()
    }

    /// Runs all reactors until the condition holds, which is evaluated after each step.
    ///
    /// - Parameters:
    ///   - condition: what is waited for.
    ///   - what: the same in words, for the failure.
    ///   - limit: the virtual time that it may take; default 1 minute.
    /// - Throws: what the condition throws, or ``TestFailure`` when the time is over, or when nothing is left that
    ///   could happen.
    public func run(
        until condition: () throws -> Bool,
        _ what: String = "the condition",
        within limit: Duration = .seconds(60)
    ) throws {
        let end = clock.nanoseconds + limit.nanoseconds
        var fruitless = 0
        for _ in 0..<Self.turnLimit {
            if try condition() { return }
            if step(upTo: end) {
                fruitless = 0
            } else if fruitless < Self.patience {
                fruitless += 1
            } else if clock.nextDeadline != nil {
                throw TestFailure("waited \(limit) of virtual time for \(what) in vain")
            } else {
                throw TestFailure("waited for \(what) in vain: nothing is left that could happen")
            }
        }
        throw TestFailure("waited for \(what) in vain: the reactors do not come to rest")
    }

    /// Does what there is to do at this time, or else lets the time of the next timer come. Returns false when there is
    /// none up to `end`.
    private func step(upTo end: Int64) -> Bool {
        if turn() { return true }
        guard let next = clock.nextDeadline, next <= end else { return false }
        clock.advance(to: next)
        return true
    }

    /// Turns the reactors that have something to do. Returns whether there were any.
    private func turn() -> Bool {
        var hasWorked = false
        for reactor in clock.reactors where reactor.hasWork {
            reactor.run(.nowait)
            hasWorked = true
        }
        return hasWorked || lookAtSystem()
    }

    /// Turns the reactors that have watchers of the system's. Returns whether there was something for one of them.
    private func lookAtSystem() -> Bool {
        var hasServed = false
        for reactor in clock.reactors where reactor.activeWatchers.others > 0 {
            reactor.run(.nowait)
            hasServed = hasServed || reactor.servedInLastTurn
        }
        return hasServed
    }
}
