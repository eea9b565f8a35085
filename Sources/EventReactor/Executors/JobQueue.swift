import Glibc
import Synchronization

/// The jobs that a reactor's own thread enqueues on it: they take neither a lock nor a system call.
///
/// Sendable because only the owner's thread accesses the ring, and only while `isOpen` is true: every access is guarded
/// by ``isCurrent``, or made by the reactor itself, which belongs to that thread. A new thread with the number of an
/// ended one finds the queue closed, because the reactor closes it before its thread ends.
final class JobQueue: @unchecked Sendable {
    private let owner = pthread_self()
    private let isOpen = Atomic(true)
    @exclusivity(unchecked) private var ring = Ring<UnownedJob>()  // calls nothing

    /// Whether the caller is on the reactor's thread, and the reactor accepts jobs.
    @inline(__always) var isCurrent: Bool {
        pthread_equal(owner, pthread_self()) != 0 && isOpen.load(ordering: .relaxed)
    }

    // The rest is for the owner's thread.

    /// The reactor, while the queue is open: it closes the queue before it is released.
    unowned(unsafe) var reactor: Reactor?

    @inline(__always) var isEmpty: Bool { ring.isEmpty }
    @inline(__always) var count: Int { ring.count }
    /// Nothing else drives the job's task: the job must be taken out and run.
    @inline(__always) func append(_ job: UnownedJob) { ring.append(job) }
    @inline(__always) func takeFirst() -> UnownedJob { ring.takeFirst() }

    /// Accepts no more jobs.
    func close() { isOpen.store(false, ordering: .relaxed) }
}
