import EventReactor
import Glibc
import ZMTP

/// Verifies passwords on threads of their own: so many at a time, so many that wait, the first to come first.
///
/// A thread starts when there is work, and ends when there is none.
final class PasswordChecks: Sendable {
    enum Outcome: Sendable, Equatable {
        case matches, differs
        /// Too many wait.
        case busy
        /// The hash could not be computed.
        case failed
        /// The task that waited has been cancelled.
        case cancelled
    }

    private struct Check: Sendable {
        let number: Int
        let hash: PasswordHash
        let password: Password
        let continuation: CheckedContinuation<Outcome, Never>
    }

    private struct State {
        var threads = 0
        var waiting: [Check] = []
    }

    private let state = Locked(State())
    private let concurrency: Int
    private let waitingLimit: Int
    private let verify: @Sendable (PasswordHash, Password) throws -> Bool

    init(
        concurrency: Int,
        waitingLimit: Int,
        verify: @escaping @Sendable (PasswordHash, Password) throws -> Bool
    ) {
        (self.concurrency, self.waitingLimit, self.verify) = (concurrency, waitingLimit, verify)
    }

    /// How many checks wait for a thread.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Waits until the password has been verified. A cancelled task waits no longer, and its password is not verified
    /// unless that has begun.
    func check(_ password: Password, against hash: PasswordHash) async -> Outcome {
        let number = UniqueNumber.next()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                enqueue(
                    Check(number: number, hash: hash, password: password, continuation: continuation)
                )
            }
        } onCancel: {
            let check = state.withLock { state in
                state.waiting.firstIndex { $0.number == number }.map { state.waiting.remove(at: $0) }
            }
            check?.continuation.resume(returning: .cancelled)
        }
    }

    private enum Entry { case waits, startsThread, ends(Outcome) }

    private func enqueue(_ check: Check) {
        let entry = state.withLock { state -> Entry in
            // A task that is cancelled later finds the check in the queue.
            if Task.isCancelled { return .ends(.cancelled) }
            let startsThread = state.threads < concurrency
            guard startsThread || state.waiting.count < waitingLimit else { return .ends(.busy) }
            state.waiting.append(check)
            guard startsThread else { return .waits }
            state.threads += 1
            return .startsThread
        }
        switch entry {
        case .waits: break
        case .ends(let outcome): check.continuation.resume(returning: outcome)
        case .startsThread: if !startThread() { threadFailed() }
        }
    }

    /// Verifies what waits, until nothing does. The body of a thread.
    fileprivate func work() {
        while let check = next() {
            let outcome: Outcome
            do { outcome = try verify(check.hash, check.password) ? .matches : .differs } catch { outcome = .failed }
            check.continuation.resume(returning: outcome)
        }
    }

    private func next() -> Check? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.threads -= 1
                return nil
            }
            return state.waiting.removeFirst()
        }
    }

    private func startThread() -> Bool {
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(self)
        guard pthread_create(&thread, nil, passwordThreadMain, argument.toOpaque()) == 0 else {
            argument.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    /// The system has no more threads: what waits is left to those that there are.
    private func threadFailed() {
        let left = state.withLock { state -> [Check] in
            state.threads -= 1
            guard state.threads == 0 else { return [] }
            defer { state.waiting = [] }
            return state.waiting
        }
        for check in left { check.continuation.resume(returning: .failed) }
    }
}

private func passwordThreadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    Unmanaged<PasswordChecks>.fromOpaque(argument!).takeRetainedValue().work()
    return nil
}
