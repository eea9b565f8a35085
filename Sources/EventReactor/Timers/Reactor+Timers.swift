extension Reactor {
    /// Calls the closure once, after the delay.
    ///
    /// Timers with equal deadlines fire in the order they were started. A timer started by a handler fires in a later
    /// turn, however short its delay.
    ///
    /// - Parameters:
    ///   - delay: Counted from ``now``, with nanosecond precision. Zero or less means the next turn.
    ///   - body: Called once, with the timer, which it may start again.
    @discardableResult
    public func after(_ delay: Duration, _ body: @escaping (ReactorTimer) throws -> Void) -> ReactorTimer {
        ReactorTimer(on: self, deadline: deadline(after: delay), .body(body))
    }

    /// Calls the handler once, after the delay. As ``after(_:_:)-(_,(ReactorTimer)->Void)``, without a closure.
    @discardableResult
    public func after(_ delay: Duration, handler: any TimerHandler) -> ReactorTimer {
        ReactorTimer(on: self, deadline: deadline(after: delay), .handler(handler))
    }

    /// Calls the closure repeatedly, without drift: tick n is due n intervals after the start.
    ///
    /// - Parameters:
    ///   - interval: Time between ticks. Zero or less means once per turn, and the reactor never waits.
    ///   - missedTicks: What happens to ticks that passed while the reactor was busy. They are skipped by default.
    ///   - body: Called at each tick, with the timer.
    @discardableResult
    public func every(
        _ interval: Duration,
        missedTicks: MissedTicks = .skip,
        _ body: @escaping (ReactorTimer) throws -> Void
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

    /// Calls the handler repeatedly. As `every(_:missedTicks:_:)`, without a closure.
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
