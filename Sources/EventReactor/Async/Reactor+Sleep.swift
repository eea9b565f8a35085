extension Reactor {
    /// Waits until the delay has gone by, while the reactor serves others. For tasks that live on this reactor.
    ///
    /// - Parameter delay: Counted from ``now``, to the nanosecond. Zero or less lets one turn go by.
    /// - Throws: `CancellationError` as soon as the task is cancelled, or when it has been before.
    public nonisolated(nonsending) func sleep(for delay: Duration) async throws(CancellationError) {
        try await sleep(until: deadline(after: delay))
    }

    /// Waits until a moment on the clock of ``now``.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled, or when it has been before.
    public nonisolated(nonsending) func sleep(until moment: SuspendingClock.Instant) async throws(CancellationError) {
        try await sleep(until: SuspendingClock().systemEpoch.duration(to: moment).roundedUpNanoseconds)
    }

    nonisolated(nonsending) func sleep(until deadline: Int64) async throws(CancellationError) {
        checkThread()
        guard !Task.isCancelled else { throw CancellationError() }
        let alarmClock = AlarmClock()
        let timer = ReactorTimer(on: self, deadline: deadline, .handler(alarmClock))
        let slept = await alarmClock.suspension.wait(on: self, whenCancelled: false)
        timer.cancel()
        if !slept { throw CancellationError() }
    }
}

private final class AlarmClock: TimerHandler {
    let suspension = Suspension<Bool>()
    func timerFired(_ timer: ReactorTimer) { suspension.end(true) }
}
