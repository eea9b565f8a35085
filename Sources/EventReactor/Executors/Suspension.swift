#if DEBUG
    private typealias Continuation<Outcome> = CheckedContinuation<Outcome, Never>
#else
    // A checked continuation would be one more allocation for each suspension.
    private typealias Continuation<Outcome> = UnsafeContinuation<Outcome, Never>
#endif

/// A task's one-time wait for something on the reactor.
///
/// It is awaited and ended on the reactor's thread. Only a cancellation may come from another thread, and is submitted
/// to the reactor first. The first end counts. Ending the wait does not run the task, which continues at the end of the
/// turn.
package final class Suspension<Outcome: Sendable> {
    private var continuation: Continuation<Outcome>?
    private var outcome: Outcome?
    /// Whether the wait has ended. Its outcome no longer changes.
    package private(set) var isOver = false

    package init() {}

    /// Ends the wait. Returns whether this call was the first to do so.
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

    /// Waits until ``end(_:)`` is called or the task is cancelled.
    package nonisolated(nonsending) func wait(on reactor: Reactor, whenCancelled cancelled: Outcome) async -> Outcome {
        let handle = reactor.handle
        // It is used only on the reactor's thread, by submitted work.
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
    /// Runs the work at once on the reactor's thread, or submits it from any other.
    func onThread(_ work: @escaping @Sendable () -> Void) {
        guard !jobs.isCurrent, submitUnlimited({ _ in work() }) else {
            // Without a reactor, no other thread can be using it.
            return work()
        }
    }
}
