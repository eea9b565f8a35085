extension Reactor {
    /// Delivers wake-ups, and runs submitted work up to the budget of a turn. Returns whether there was any.
    func drainInbox() -> Bool {
        // Taken out meanwhile, so that no access to a property lasts.
        var (batch, wakeups) = (exchange(&batch, with: WorkBatch()), exchange(&spareWakeups, with: []))
        let stop: Bool
        if batch.isEmpty {
            inboxSignalled = false
            let handle = handle
            stop = batch.refill { handle.take(into: &$0, budget: Self.turnBudget, &wakeups) }
        } else {
            // The rest of the inbox is taken when this batch is done.
            stop = handle.carryOver(max(0, batch.count - Self.turnBudget), &wakeups)
        }
        if stop { stopRequested = true }
        let hasWakeups = !wakeups.isEmpty
        if hasWakeups { deliver(&wakeups) }
        let portion = min(batch.count, Self.turnBudget)
        for _ in 0..<portion {
            let work = batch.take()
            call(.work) { work(self) }
        }
        batch.releaseDone()
        (self.batch, spareWakeups) = (batch, wakeups)
        return portion > 0 || hasWakeups
    }

    /// For a thread that is about to end: refuses new work, runs all accepted work, and releases everything that holds
    /// the reactor.
    func wrapUp() {
        isDispatching = true
        var batch = exchange(&batch, with: WorkBatch())
        let rest = handle.close()
        while !batch.isEmpty { batch.take()(self) }
        for work in rest { work(self) }
        finishTurn()
        endTasks()
        isDispatching = true
        endSharedObjects()
        finishTurn()
        runLastJobs()
        giveUpJobs()
        // Handlers that wait for a turn that will not come may hold the reactor.
        releaseWatchers()
        while queues.takeAny() != nil {}
        releasePending()
    }
}
