extension Reactor {
    /// Sets the alarm to the earliest deadline. Returns whether that is known to be over, without reading the clock
    /// again.
    func setAlarm() -> Bool {
        if let manualClock {
            return timers.earliest.map { $0 <= manualClock.nanoseconds } ?? false
        }
        if let earliest = timers.earliest, earliest <= lastKnownTime { return true }
        alarm.ensure(by: timers.earliest)
        return false
    }

    /// Calls the timers that are due and were started before this call. Returns whether there were any.
    func fireTimers() -> Bool {
        let now = nanoseconds
        lastKnownTime = now
        // A timer started by a handler has a later order and is due now at the earliest, so it is behind in the queue.
        let limit = timers.nextOrder
        var fired = 0
        while fired < Self.turnBudget, let timer = timers.firstDue(at: now, startedBefore: limit) {
            timer.fire(at: now)
            fired += 1
        }
        return fired > 0
    }
}
