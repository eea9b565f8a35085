import Glibc

extension Reactor {
    /// The time of this turn, on the clock of `SuspendingClock` (CLOCK_MONOTONIC).
    ///
    /// It is read once per turn, at its first use, and does not change until the turn ends: reading it is cheap, and
    /// timers started by one handler all count from the same moment. Outside a run it is the current time.
    public var now: SuspendingClock.Instant {
        SuspendingClock().systemEpoch.advanced(by: .nanoseconds(nanoseconds))
    }

    /// ``now`` in nanoseconds since the clock's epoch.
    package var nanoseconds: Int64 {
        checkThread()
        if turnTime != Self.unread { return turnTime }
        let time = readClock()
        if isDispatching { turnTime = time }
        return time
    }

    /// Reads the clock again, for a handler that has computed for a long time and starts timers from here.
    public func updateNow() {
        checkThread()
        if isDispatching { turnTime = readClock() }
    }

    /// The current time in nanoseconds since the clock's epoch, read from the system.
    package func readClock() -> Int64 {
        manualClock?.nanoseconds ?? Self.monotonicClock()
    }

    /// CLOCK_MONOTONIC, even for a reactor in virtual time.
    static func monotonicClock() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}
