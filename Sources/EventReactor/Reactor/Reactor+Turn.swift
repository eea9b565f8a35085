import CLibev

extension Reactor {
    /// The most timers, and the most pieces of submitted work, that one turn handles.
    static var turnBudget: Int { 4096 }

    func turn(mayBlock: Bool) {
        let timersDue = setAlarm()
        // Handlers that ask for the next turn from now on get the one after this.
        let leftForThisTurn = nextTurn.count
        if rests | leftForThisTurn != 0 { rests = leftForThisTurn }
        let isIdle =
            flushList.isEmpty && batch.isEmpty && !inboxSignalled && jobs.isEmpty && idlers.isEmpty
            && leftForThisTurn == 0 && afterTurn.isEmpty
        let blocks = mayBlock && !timersDue && isIdle
        turnTime = Self.unread
        isDispatching = true
        if hasServed { adaptive.noteDescriptor() }
        hasServed = false
        if blocks { wait() } else { poll(blocking: false) }

        var busy = leftForThisTurn > 0
        if busy { goOn(leftForThisTurn) }
        if timersDue || alarm.hasFired { busy = fireTimers() || busy }
        if inboxSignalled || !batch.isEmpty { busy = drainInbox() || busy }
        if !idlers.isEmpty, !busy, !hasServed, jobs.isEmpty { runIdlers() }
        finishTurn()
        turnTime = Self.unread
    }

    /// Calls handlers that have left work for this turn, in their order, until all are called or their time is over:
    /// the others are the first in the next turn. However many there are, what has just arrived waits for no more than
    /// that.
    @inline(never)
    private func goOn(_ count: Int) {
        let start = workTime
        for number in 1...count {
            nextTurn.takeFirst().reactorTurnGoesOn()
            if number % Self.handlersPerLook == 0, workTime - start > Self.timeForRests { return }
        }
    }

    /// How long handlers with work from an earlier turn are called in a turn, in nanoseconds.
    private static var timeForRests: Int64 { 250_000 }

    /// How many of them are called for each look at the clock.
    private static var handlersPerLook: Int { 8 }

    /// The only place where the reactor sleeps. Its name is what a profile subtracts: do not rename.
    @inline(never)
    func poll(blocking: Bool) {
        if blocking { waits &+= 1 }
        if !descriptors.areVerified { verifyDescriptors() }
        ev_run(loop, Int32(blocking ? EVRUN_ONCE : EVRUN_NOWAIT))
    }

    /// Calls the handlers for the end of the turn, then releases what was cancelled in it.
    ///
    /// Tasks run in between: handlers have resumed some of them, and what these send leaves with this turn. Only when
    /// all of it has been written is room reported, so that it is shared fairly.
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
        // Handlers that ask from now on are called at the end of the next turn, which then does not block.
        for _ in 0..<flushList.count { flushList.takeFirst().reactorTurnEnded() }
    }

    @inline(never)
    private func callAfterTurnHandlers() {
        for _ in 0..<afterTurn.count { afterTurn.takeFirst().reactorTurnIsOver() }
    }

    func releasePending() {
        // A deinit may add more releases.
        while !pendingReleases.isEmpty {
            swap(&pendingReleases, &emptyReleases)
            emptyReleases.removeAll(keepingCapacity: true)
        }
    }
}
