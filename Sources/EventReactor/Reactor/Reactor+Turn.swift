import CLibev

extension Reactor {
    /// How many timers, and how many pieces of submitted work, one turn takes at most.
    static var turnBudget: Int { 4096 }

    func turn(mayBlock: Bool) {
        let timersDue = setAlarm()
        // What asks for the next turn from now on means the one after this.
        let leftForThisTurn = nextTurn.count
        if rests | leftForThisTurn != 0 { rests = leftForThisTurn }
        let isIdle =
            flushList.isEmpty && batch.isEmpty && !inboxSignalled && jobs.isEmpty && idlers.isEmpty && leftForThisTurn == 0
            && afterTurn.isEmpty
        let blocks = mayBlock && !timersDue && isIdle
        turnTime = Self.unread
        isDispatching = true
        eventsThisTurn = 0
        if !blocks {
            poll(blocking: false)
        } else if vigil.begins(), keepVigil() {
            // Another thread has left something.
        } else if busyPollTime == 0 || !spin() {
            poll(blocking: true)
        }

        var busy = leftForThisTurn > 0
        if busy { goOn(leftForThisTurn) }
        if timersDue || alarm.rang { busy = fireTimers() || busy }
        if inboxSignalled || !batch.isEmpty { busy = drainInbox() || busy }
        if !idlers.isEmpty, !busy, eventsThisTurn == 0, jobs.isEmpty { runIdlers() }
        finishTurn()
        turnTime = Self.unread
    }

    @inline(never)
    private func goOn(_ count: Int) {
        for _ in 0..<count { nextTurn.takeFirst().reactorTurnGoesOn() }
    }

    /// The only place where the reactor waits. Its name is what a profile subtracts: do not rename.
    @inline(never)
    func poll(blocking: Bool) {
        if blocking { waits &+= 1 }
        if !descriptors.areVerified { verifyDescriptors() }
        ev_run(loop, Int32(blocking ? EVRUN_ONCE : EVRUN_NOWAIT))
    }

    /// Calls those who asked for the end of the turn, then lets go of what was cancelled in it.
    ///
    /// Tasks come in between: those who were called have resumed some, and what these send leaves with this turn. When all that has
    /// left is what there is now room for known, to be shared out fairly.
    func finishTurn() {
        if !flushList.isEmpty { callEndOfTurnHandlers() }
        if !jobs.isEmpty {
            runJobs()
            if !flushList.isEmpty { callEndOfTurnHandlers() }
        }
        if !afterTurn.isEmpty { callAfterTurnHandlers() }
        isDispatching = false
        if !pendingReleases.isEmpty { releasePending() }
    }

    private func callEndOfTurnHandlers() {
        // Who asks from now on is called at the end of the next turn, which then does not block.
        for _ in 0..<flushList.count { flushList.takeFirst().reactorTurnEnded() }
    }

    @inline(never)
    private func callAfterTurnHandlers() {
        for _ in 0..<afterTurn.count { afterTurn.takeFirst().reactorTurnIsOver() }
    }

    func releasePending() {
        // What is released here may have more to release in its deinit.
        while !pendingReleases.isEmpty {
            swap(&pendingReleases, &emptyReleases)
            emptyReleases.removeAll(keepingCapacity: true)
        }
    }
}
