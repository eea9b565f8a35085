extension Reactor {
    /// Runs jobs of tasks, up to the budget of a turn. Each task may enqueue another one, and events must be served.
    func runJobs() {
        let (jobs, handle) = (jobs, handle)
        jobBudget.begin()
        while !jobs.isEmpty, jobBudget.portion > 0 || jobBudget.renew(at: workTime) {
            let job = jobs.takeFirst()
            call(.task) { handle.run(job) }
            jobBudget.portion -= 1
        }
        if jobBudget.isMeasuring { jobBudget.end(at: workTime) }
    }

    /// The thread is about to end: runs the pending jobs, and ends what waits on this reactor.
    func endTasks() {
        tasks.cancelAll()
        // Tasks that were begun elsewhere are not cancelled.
        for watcher in everyWatcher { watcher.endSuspension() }
        runLastJobs()
    }

    /// Runs jobs on the thread that is about to end.
    func runLastJobs() {
        // A task that ends needs a few jobs for that; one that never ends must not hold the thread.
        for _ in 0..<64 where !jobs.isEmpty {
            isDispatching = true
            runJobs()
            finishTurn()
        }
    }

    /// From here on, jobs find no reactor.
    func giveUpJobs() {
        jobs.close()
        while !jobs.isEmpty { detachedJobs.add(jobs.takeFirst(), of: handle) }
    }
}
