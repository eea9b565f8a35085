import Glibc

extension Reactor {
    /// How the reactor waits when a turn finds nothing to do. Default ``IdleStrategy/adaptive``.
    ///
    /// ```swift
    /// reactor.idleStrategy = .busyPoll(.microseconds(50))
    /// ```
    public var idleStrategy: IdleStrategy {
        get { idle }
        set {
            checkThread()
            if idle.kind != .passTime { idle = newValue }
        }
    }

    /// How often the reactor has slept, rather than polled and continued.
    package var waits: Int { waitCount }

    /// The clock by which waiting is measured, in nanoseconds.
    package var pollingClock: Int64 { Self.monotonicClock() }

    /// Another thread and this one have exchanged something: more may follow at once.
    package func exchangesWithAnotherThread() { adaptive.noteThread() }

    /// Waits for events according to the idle strategy.
    @inline(never)
    func wait() {
        switch idle.kind {
        case .adaptive where adaptive.begins() && lookAgain(): break
        case .busyPoll(let time) where busyPoll(for: time): break
        case .passTime: passTime()
        default: poll(blocking: true)
        }
    }

    /// Polls for events for a moment, yielding the processor. Returns whether there are any.
    private func lookAgain() -> Bool {
        // Under load there is something already: no need for the clock, nor for a system call where a thread keeps pace.
        if adaptive.awaitsThread ? handle.isSignalled && lookAtInbox(at: Self.monotonicClock()) : look() {
            adaptive.ended(found: true, after: 0)
            return true
        }
        let start = Self.monotonicClock()
        var now = start
        var found = false
        var rounds = 0
        repeat {
            sched_yield()
            now = Self.monotonicClock()
            rounds += 1
            found = lookAtInbox(at: now) || rounds % adaptive.roundsPerPoll == 0 && look()
        } while !found && now - start < AdaptiveWaiting.limit
        adaptive.ended(found: found, after: now - start)
        return found
    }

    /// Returns whether another thread has left something. Descriptors have their turn all the same when it is time.
    @inline(__always)
    private func lookAtInbox(at now: Int64) -> Bool {
        guard handle.isSignalled else { return false }
        inboxSignalled = true
        if adaptive.isPollDue(at: now) { poll(blocking: false) }
        return true
    }

    /// Takes what is available. Returns whether there was anything.
    @inline(__always)
    private func look() -> Bool {
        poll(blocking: false)
        return hasServed || alarm.hasFired || inboxSignalled
    }

    /// Polls for events until there are some or the time is over. Returns whether there are any.
    private func busyPoll(for time: Int64) -> Bool {
        _ = adaptive.begins()  // learns nothing, but knows the last source
        var now = Self.monotonicClock()
        let limit = now.addingSaturating(time)
        repeat {
            if lookAtInbox(at: now) || look() { return true }
            // The other thread may have been put on this processor.
            if adaptive.awaitsThread { sched_yield() }
            now = Self.monotonicClock()
        } while now < limit
        return false
    }
}
