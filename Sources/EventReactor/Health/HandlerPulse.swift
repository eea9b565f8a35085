/// The handler that a reactor is calling, as a thread sees it that watches the reactor.
final class HandlerPulse: Sendable {
    struct Call: Sendable {
        let label: HandlerLabel
        /// On the monotonic clock, in nanoseconds, even where the reactor has another.
        let start: Int64
        var isReported = false
    }

    private let current = Locked<Call?>(nil)

    // MARK: On the reactor's thread

    func begin(_ label: HandlerLabel) {
        let call = Call(label: label, start: Reactor.monotonicClock())
        current.withLock { $0 = call }
    }

    func end() { current.withLock { $0 = nil } }

    // MARK: On any thread

    /// The call that has lasted for longer than the limit; nil if there is none, or if it has been returned before.
    func overdue(at now: Int64, limit: Int64) -> SlowHandler? {
        current.withLock { call in
            guard let found = call, !found.isReported, now - found.start >= limit else { return nil }
            call?.isReported = true
            return found.label.report(now - found.start, hasReturned: false)
        }
    }
}
