extension Reactor {
    /// Calls the closure once, when the delay has gone by.
    ///
    /// Timers of equal deadline fire in the order they were started. A timer that is started by a handler fires in a later
    /// turn, however short its delay.
    ///
    /// - Parameters:
    ///   - delay: Counted from ``now``, to the nanosecond. Zero or less means the next turn.
    ///   - body: Called once, with the timer, which may be started again in it.
    @discardableResult
    public func after(_ delay: Duration, _ body: @escaping (ReactorTimer) -> Void) -> ReactorTimer {
        ReactorTimer(on: self, deadline: deadline(after: delay), .body(body))
    }

    /// Calls the handler once, when the delay has gone by. As ``after(_:_:)-(_,(ReactorTimer)->Void)``, without a closure.
    @discardableResult
    public func after(_ delay: Duration, handler: any TimerHandler) -> ReactorTimer {
        ReactorTimer(on: self, deadline: deadline(after: delay), .handler(handler))
    }

    /// Calls the closure again and again, free of drift: the n-th tick is due n intervals after the start.
    ///
    /// - Parameters:
    ///   - interval: Time between ticks. Zero or less means once per turn, which keeps the reactor from ever waiting.
    ///   - missedTicks: What happens to ticks that went by while the reactor was busy. They are skipped by default.
    ///   - body: Called at each tick, with the timer.
    @discardableResult
    public func every(
        _ interval: Duration,
        missedTicks: MissedTicks = .skip,
        _ body: @escaping (ReactorTimer) -> Void
    ) -> ReactorTimer {
        let step = max(1, interval.roundedUpNanoseconds)
        return ReactorTimer(
            on: self,
            deadline: deadline(after: interval),
            interval: step,
            missedTicks: missedTicks,
            .body(body)
        )
    }

    /// Calls the handler again and again. As `every(_:missedTicks:_:)`, without a closure.
    @discardableResult
    public func every(
        _ interval: Duration,
        missedTicks: MissedTicks = .skip,
        handler: any TimerHandler
    ) -> ReactorTimer {
        let step = max(1, interval.roundedUpNanoseconds)
        return ReactorTimer(
            on: self,
            deadline: deadline(after: interval),
            interval: step,
            missedTicks: missedTicks,
            .handler(handler)
        )
    }

    func deadline(after delay: Duration) -> Int64 {
        nanoseconds.addingSaturating(max(0, delay.roundedUpNanoseconds))
    }
}
