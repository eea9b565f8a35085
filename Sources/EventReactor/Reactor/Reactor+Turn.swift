import CLibev

extension Reactor {
    /// The most timers, and the most pieces of submitted work, that one turn handles.
    static var turnBudget: Int { 4096 }

    @inline(__always)
    func turn(mayBlock: Bool) {
        let timersDue = setAlarm()
        // Handlers that ask for the next turn from now on get the one after this.
        let leftForThisTurn = queues.nextTurn.count
        if rests | leftForThisTurn != 0 { rests = leftForThisTurn }
        if load.hasBegun || load.hasChurn { load.begin() }
        let isIdle =
            !queues.haveWork && batch.isEmpty && !inboxSignalled && jobs.isEmpty && queues.idle.isEmpty
        let blocks = mayBlock && !timersDue && isIdle
        turnTime = Self.unread
        isDispatching = true
        if hasServed { adaptive.noteDescriptor() }
        hasServed = false
        if blocks { wait() } else { poll(blocking: false) }

        var busy = leftForThisTurn > 0
        if busy { goOn(leftForThisTurn) }
        if queues.haveLaterWork {
            if !queues.churn.isEmpty { goOnWithChurn() }
            if !queues.large.isEmpty { moveLarge() }
            busy = true
        }
        if timersDue || alarm.hasFired { busy = fireTimers() || busy }
        if inboxSignalled || !batch.isEmpty { busy = drainInbox() || busy }
        if !queues.idle.isEmpty, !busy, !hasServed, jobs.isEmpty { runIdlers() }
        finishTurn()
        turnTime = Self.unread
    }

    /// Calls handlers that have left work for this turn, in their order, until all are called or their share is used up:
    /// the others are the first in the next turn. However many there are, what arrives waits for no more than that; and
    /// what has just been served is written before.
    @inline(never)
    private func goOn(_ count: Int) {
        if !queues.endOfTurn.isEmpty { callEndOfTurnHandlers() }
        let (start, bytes) = (workTime, load.bytes)
        load.start = start
        for number in 1...count {
            goOn(with: queues.nextTurn.takeFirst())
            if load.bytes - bytes >= TurnLoad.share || workTime - start > WorkBudget.time {
                return load.leavesRests = number < count
            }
        }
    }

    /// Calls handlers that move much, until the turn has moved its share, but at least one; the others wait for the same
    /// moment of the next turn. What has been served is written before.
    @inline(never)
    private func moveLarge() {
        if !queues.endOfTurn.isEmpty { callEndOfTurnHandlers() }
        repeat { goOn(with: queues.large.takeFirst()) } while !queues.large.isEmpty && !turnIsLoaded
    }

    /// Calls what begins or ends and has waited for it, in its order, as long as the turn has time for that. What has
    /// been served is written before.
    @inline(never)
    private func goOnWithChurn() {
        guard !load.hasChurn else { return }
        if !queues.endOfTurn.isEmpty { callEndOfTurnHandlers() }
        load.churnStart = workTime
        // Those that ask again wait for the next turn.
        var left = queues.churn.count
        repeat {
            load.hasChurnGrant = true
            goOn(with: queues.churn.takeFirst())
            left -= 1
        } while left > 0 && churnHasTime
        load.hasChurnGrant = false
    }

    private func goOn(with handler: any NextTurnHandler) {
        if isMonitored { call(.deferred(handler)) { handler.reactorTurnGoesOn() } } else { handler.reactorTurnGoesOn() }
    }

    /// The only place where the reactor sleeps. Its name is what a profile subtracts: do not rename.
    @inline(never)
    func poll(blocking: Bool) {
        if blocking { waitCount &+= 1 }
        if !descriptors.areVerified { verifyDescriptors() }
        servesDescriptors = true
        ev_run(loop, Int32(blocking ? EVRUN_ONCE : EVRUN_NOWAIT))
        servesDescriptors = false
    }

    /// Calls the handlers for the end of the turn, then releases what was cancelled in it.
    ///
    /// Tasks run in between: handlers have resumed some of them, and what these send leaves with this turn. Only when
    /// all of it has been written is room reported, so that it is shared fairly.
    @inline(__always)
    func finishTurn() {
        if !queues.endOfTurn.isEmpty { callEndOfTurnHandlers() }
        if !jobs.isEmpty {
            runJobs()
            if !queues.endOfTurn.isEmpty { callEndOfTurnHandlers() }
        }
        if !queues.afterTurn.isEmpty { callAfterTurnHandlers() }
        if isMonitored { meter.turnEnded(at: readClock) }
        isDispatching = false
        if !queues.releases.isEmpty { releasePending() }
    }

    @inline(__always)
    private func callEndOfTurnHandlers() {
        if isMonitored { return measureEndOfTurn() }
        // Handlers that ask from now on are called at the end of the next turn, which then does not block.
        for _ in 0..<queues.endOfTurn.count { queues.endOfTurn.takeFirst().reactorTurnEnded() }
    }

    @inline(never)
    private func measureEndOfTurn() {
        if !isWatched, !meter.hasBegun { beginCounting() }
        for _ in 0..<queues.endOfTurn.count {
            let handler = queues.endOfTurn.takeFirst()
            // Watching keeps the handler, which counts references: only what is watched pays for that.
            if isWatched { call(.deferred(handler)) { handler.reactorTurnEnded() } } else { handler.reactorTurnEnded() }
        }
    }

    @inline(never)
    private func callAfterTurnHandlers() {
        for _ in 0..<queues.afterTurn.count {
            if isMonitored {
                let handler = queues.afterTurn.takeFirst()
                call(.deferred(handler)) { handler.reactorTurnIsOver() }
            } else {
                queues.afterTurn.takeFirst().reactorTurnIsOver()
            }
        }
    }

    func releasePending() {
        // A deinit may add more releases.
        while !queues.releases.isEmpty {
            swap(&queues.releases, &emptyReleases)
            emptyReleases.removeAll(keepingCapacity: true)
        }
    }
}
