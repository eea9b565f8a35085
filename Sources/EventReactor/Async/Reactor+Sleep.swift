extension Reactor {
    /// Suspends the task for the delay; the reactor keeps serving other events. For tasks that live on this reactor.
    ///
    /// - Parameter delay: Counted from ``now``, with nanosecond precision. Zero or less lets one turn pass.
    /// - Throws: `CancellationError` as soon as the task is cancelled, or at once if it already is; and when the
    ///   reactor's thread ends.
    public nonisolated(nonsending) func sleep(for delay: Duration) async throws(CancellationError) {
        try await sleep(until: deadline(after: delay))
    }

    /// Suspends the task until a moment on the clock of ``now``.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled, or at once if it already is; and when the
    ///   reactor's thread ends.
    public nonisolated(nonsending) func sleep(until moment: SuspendingClock.Instant) async throws(CancellationError) {
        try await sleep(until: SuspendingClock().systemEpoch.duration(to: moment).roundedUpNanoseconds)
    }

    nonisolated(nonsending) func sleep(until deadline: Int64) async throws(CancellationError) {
        // A task may go on elsewhere when its thread has ended.
        guard !Task.isCancelled, !tasks.areOver else { throw CancellationError() }
        checkThread()
        let alarmClock = AlarmClock()
        let timer = ReactorTimer(on: self, deadline: deadline, .handler(alarmClock))
        let slept = await alarmClock.suspension.wait(on: self, whenCancelled: false)
        timer.cancel()
        if !slept { throw CancellationError() }
    }
}

private final class AlarmClock: TimerHandler, SuspensionHandler {
    let suspension = Suspension<Bool>()
    func timerFired(_ timer: ReactorTimer) { suspension.end(true) }
    func suspensionEnds() { suspension.end(false) }
}
