extension Reactor {
    /// Sets the alarm to the earliest deadline. Says whether that has already come, as far as is known without asking
    /// the clock again.
    func setAlarm() -> Bool {
        if let manualClock {
            return timers.earliest.map { $0 <= manualClock.nanoseconds } ?? false
        }
        if let earliest = timers.earliest, earliest <= lastKnownTime { return true }
        alarm.ensure(by: timers.earliest)
        return false
    }

    /// Calls the timers that are due and were started before this moment. Says whether there were any.
    func fireTimers() -> Bool {
        let now = nanoseconds
        lastKnownTime = now
        // Whatever a handler starts has a later order and, being due now at the earliest, stands behind in the queue.
        let limit = timers.nextOrder
        var fired = 0
        while fired < Self.turnBudget, let timer = timers.firstDue(at: now, startedBefore: limit) {
            timer.fire(at: now)
            fired += 1
        }
        return fired > 0
    }
}
