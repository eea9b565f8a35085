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
        // Under load there is something already, and no need to read the clock.
        if look() {
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
            if handle.isSignalled {
                (found, inboxSignalled) = (true, true)
                if adaptive.isPollDue(at: now) { poll(blocking: false) }
            } else if rounds % adaptive.roundsPerPoll == 0 {
                found = look()
            }
        } while !found && now - start < AdaptiveWaiting.limit
        adaptive.ended(found: found, after: now - start)
        return found
    }

    /// Takes what is available. Returns whether there was anything.
    @inline(__always)
    private func look() -> Bool {
        poll(blocking: false)
        return hasServed || alarm.hasFired || inboxSignalled
    }

    /// Polls for events until there are some or the time is over. Returns whether there are any.
    private func busyPoll(for time: Int64) -> Bool {
        let limit = Self.monotonicClock().addingSaturating(time)
        repeat {
            if look() { return true }
        } while Self.monotonicClock() < limit
        return false
    }
}
