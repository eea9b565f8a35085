extension Reactor {
    /// How long a turn that finds nothing to do goes on looking before it waits. Default zero: it waits at once.
    ///
    /// For work that comes at short intervals and must not be late: going to sleep and being woken takes microseconds,
    /// many of them on a virtual machine, and looking saves them. Its price is a processor: for up to so long in every
    /// turn the thread takes all of one. Where that one is shared with the thread that the work comes from, everything
    /// becomes slower, not faster. A good value is somewhat more than the usual time between two events.
    ///
    /// Nothing else changes: timers are on time, and `submit` and `stop` are heard.
    ///
    /// ```swift
    /// reactor.busyPoll = .microseconds(50)
    /// ```
    public var busyPoll: Duration {
        get { .nanoseconds(busyPollTime) }
        set {
            checkThread()
            busyPollTime = max(0, newValue.roundedUpNanoseconds)
            countEventsIfWanted()
        }
    }

    /// Looks for events until there are some, which are served, or the time is over. Says whether there were any.
    @inline(never)
    func spin() -> Bool {
        let limit = Self.monotonicClock().addingSaturating(busyPollTime)
        repeat {
            poll(blocking: false)
            if eventsThisTurn > 0 { return true }
        } while Self.monotonicClock() < limit
        return false
    }
}
