extension Reactor {
    /// Calls the closure once, when the system's clock shows the time or a later one; in the next turn if it already
    /// does.
    ///
    /// Accurate to a millisecond or two. For a delay use `after(_:_:)`, which setting the clock does not affect.
    @discardableResult
    public func at(_ time: WallClockTime, _ body: @escaping (WallClockTimer) throws -> Void) -> WallClockTimer {
        checkThread()
        return WallClockTimer(on: self, offset: time.timestamp, interval: 0, body: body)
    }

    /// Calls the closure at round times of the system's clock: `every: .seconds(3600)` is on the hour, UTC.
    ///
    /// Times that pass while the reactor is busy are skipped.
    ///
    /// - Parameters:
    ///   - interval: From one time to the next, counted from 1970; at least a millisecond.
    ///   - offset: How long after the round time, 15 minutes past the hour for example. Taken modulo the interval.
    ///   - body: Called at each of these times, with the timer.
    @discardableResult
    public func onWallClock(
        every interval: Duration,
        offset: Duration = .zero,
        _ body: @escaping (WallClockTimer) throws -> Void
    ) -> WallClockTimer {
        checkThread()
        let step = max(1_000_000, interval.roundedUpNanoseconds)
        let shift = offset.roundedUpNanoseconds % step
        return WallClockTimer(
            on: self,
            offset: Double(shift < 0 ? shift + step : shift) / 1e9,
            interval: Double(step) / 1e9,
            body: body
        )
    }
}
