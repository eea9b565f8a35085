extension ReactorHandle {
    /// Runs `body` on the reactor's thread in one of its next turns, and returns what it returns.
    ///
    /// ```swift
    /// let time = try await handle.run { reactor in reactor.now }
    /// ```
    ///
    /// It runs after all work that was submitted before it. Any number of tasks may wait at once, from any executor.
    ///
    /// A cancelled task does not wait: if `body` has not begun, it never does.
    ///
    /// - Throws: What `body` throws; `CancellationError` when the task is cancelled before `body` has begun; and
    ///   ``ReactorError`` with the code ``ReactorError/Code/inboxFull`` or ``ReactorError/Code/reactorGone`` when the
    ///   reactor does not run it.
    nonisolated(nonsending)
        public func run<Success: Sendable>(
            _ body: @escaping @Sendable (Reactor) throws -> Success
        ) async throws -> Success
    {
        let pending = PendingRun<Success>()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard pending.wait(continuation) else { return }
                let work = PendingWork(pending)
                switch submit({ reactor in work.run(body, reactor) }) {
                case .accepted: break
                case .full: pending.end(.failure(ReactorError(.inboxFull, "the inbox of the reactor is full")))
                case .gone: break  // the work is released
                }
            }
        } onCancel: {
            pending.cancel()
        }
    }
}

/// A task's wait for the result of work. Its first end counts.
private final class PendingRun<Success: Sendable>: Sendable {
    private enum State {
        case new, cancelled
        case waiting(CheckedContinuation<Success, any Error>)
        case running(CheckedContinuation<Success, any Error>)
        case over
    }

    private let state = Locked(State.new)

    /// Returns false, and ends the wait, if the task has already been cancelled.
    func wait(_ continuation: CheckedContinuation<Success, any Error>) -> Bool {
        let isWaiting = state.withLock { state in
            guard case .new = state else { return false }
            state = .waiting(continuation)
            return true
        }
        if !isWaiting { continuation.resume(throwing: CancellationError()) }
        return isWaiting
    }

    /// Returns whether the work may run: the task is still waiting for it.
    func begin() -> Bool {
        state.withLock { state in
            guard case .waiting(let continuation) = state else { return false }
            state = .running(continuation)
            return true
        }
    }

    func end(_ result: Result<Success, any Error>) {
        let continuation: CheckedContinuation<Success, any Error>? = state.withLock { state in
            switch state {
            case .waiting(let continuation), .running(let continuation):
                state = .over
                return continuation
            case .new, .cancelled, .over: return nil
            }
        }
        continuation?.resume(with: result)
    }

    func cancel() {
        let continuation: CheckedContinuation<Success, any Error>? = state.withLock { state in
            switch state {
            case .new: state = .cancelled
            case .waiting(let continuation):
                state = .over
                return continuation
            case .running, .cancelled, .over: break
            }
            return nil
        }
        continuation?.resume(throwing: CancellationError())
    }
}

/// The work that a task waits for. A reactor that is released drops work: the wait ends then, too.
private final class PendingWork<Success: Sendable>: Sendable {
    private let pending: PendingRun<Success>

    init(_ pending: PendingRun<Success>) { self.pending = pending }

    deinit { pending.end(.failure(ReactorError(.reactorGone, "the reactor no longer exists"))) }

    func run(_ body: (Reactor) throws -> Success, _ reactor: Reactor) {
        guard pending.begin() else { return }
        pending.end(Result { try body(reactor) })
    }
}
