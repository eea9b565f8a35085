#if DEBUG
    private typealias Continuation<Outcome> = CheckedContinuation<Outcome, Never>
#else
    // A checked one would be another allocation for each suspension.
    private typealias Continuation<Outcome> = UnsafeContinuation<Outcome, Never>
#endif

/// A task that waits for something on the reactor, once.
///
/// It is waited for and ended on the reactor's thread; only a cancellation may come from elsewhere, and travels to that thread first.
/// Whatever ends it first counts. Ending it does not run the task, which goes on at the end of the turn.
package final class Suspension<Outcome: Sendable> {
    private var continuation: Continuation<Outcome>?
    private var outcome: Outcome?
    /// Whether it has been ended, and nothing can change its outcome any more.
    package private(set) var isOver = false

    package init() {}

    /// Ends the wait. Says whether this was the first to do so.
    @discardableResult
    package func end(_ outcome: Outcome) -> Bool {
        guard !isOver else { return false }
        isOver = true
        if let continuation = continuation.take() {
            continuation.resume(returning: outcome)
        } else {
            self.outcome = outcome
        }
        return true
    }

    /// Waits until somebody ends it; the cancellation of the task does so, too.
    package nonisolated(nonsending) func wait(on reactor: Reactor, whenCancelled cancelled: Outcome) async -> Outcome {
        let handle = reactor.handle
        // It is used on the reactor's thread only, by what is submitted there.
        nonisolated(unsafe) let me = self
        return await withTaskCancellationHandler {
            #if DEBUG
                await withCheckedContinuation { me.suspend($0) }
            #else
                await withUnsafeContinuation { me.suspend($0) }
            #endif
        } onCancel: {
            handle.onThread { me.end(cancelled) }
        }
    }

    private func suspend(_ continuation: Continuation<Outcome>) {
        if let outcome { continuation.resume(returning: outcome) } else { self.continuation = continuation }
    }
}

extension ReactorHandle {
    /// Does the work at once when this is the reactor's thread, and has it done there otherwise.
    func onThread(_ work: @escaping @Sendable () -> Void) {
        guard !jobs.isCurrent, submitUnlimited({ _ in work() }) else {
            // Without a reactor there is no other thread that could be at it.
            return work()
        }
    }
}
