package import EventReactor
import Synchronization

/// The thread of a backend: what a reactor has to log or to publish is handed over to it, so that a backend that takes
/// long, or blocks, holds no reactor.
///
/// So many pieces of work may wait; more are left out, and counted. Work that has been accepted is done, also after the
/// last reference to this object is gone.
package final class BackendThread: Sendable {
    private let thread: ReactorThread
    private let refused = Atomic(0)

    /// - Throws: `ReactorError` when the thread cannot be started.
    package init(named name: String, limit: Int) throws {
        thread = try Reactor.start(named: name, inboxLimit: limit)
    }

    deinit { thread.stop() }

    /// The pieces of work that were left out.
    package var leftOut: Int { refused.load(ordering: .relaxed) }

    /// Does the work on the thread. Returns whether there was room; otherwise it is left out, and counted if so wanted.
    @discardableResult
    package func submit(counted: Bool = true, _ work: @escaping ReactorHandle.Work) -> Bool {
        guard thread.handle.submit(work) != .accepted else { return true }
        if counted { refused.add(1, ordering: .relaxed) }
        return false
    }

    /// Blocks until all work is done that was submitted before. Not for the thread itself.
    package func flush() { thread.handle.submitAndWait { _ in } }

    /// As above, without blocking a thread.
    nonisolated(nonsending) package func flush() async {
        await withCheckedContinuation { continuation in
            if !thread.handle.submitUnlimited({ _ in continuation.resume() }) { continuation.resume() }
        }
    }
}
