extension Reactor {
    /// Delivers wake-ups, and runs submitted work up to the budget of a turn. Returns whether there was any.
    func drainInbox() -> Bool {
        let stop: Bool
        if batch.isEmpty {
            inboxSignalled = false
            let handle = handle
            stop = batch.refill { handle.take(into: &$0, budget: Self.turnBudget, &pendingWakeups) }
        } else {
            // The rest of the inbox is taken when this batch is done.
            stop = handle.carryOver(max(0, batch.count - Self.turnBudget), &pendingWakeups)
        }
        if stop { stopRequested = true }
        let hasWakeups = !pendingWakeups.isEmpty
        if hasWakeups { deliverWakeups() }
        let portion = min(batch.count, Self.turnBudget)
        for _ in 0..<portion { batch.take()(self) }
        batch.releaseDone()
        return portion > 0 || hasWakeups
    }

    /// For a thread that is about to end: refuses new work, runs all accepted work, and releases everything that holds
    /// the reactor.
    func wrapUp() {
        isDispatching = true
        let rest = handle.close()
        while !batch.isEmpty { batch.take()(self) }
        for work in rest { work(self) }
        batch.releaseDone()
        finishTurn()
        endTasks()
        isDispatching = true
        endSharedObjects()
        finishTurn()
        runLastJobs()
        giveUpJobs()
        // Handlers that wait for a turn that will not come may hold the reactor.
        releaseWatchers()
        while !flushList.isEmpty { _ = flushList.takeFirst() }
        while !afterTurn.isEmpty { _ = afterTurn.takeFirst() }
        while !nextTurn.isEmpty { _ = nextTurn.takeFirst() }
        releasePending()
    }
}
