import Glibc
import Synchronization

/// The jobs enqueued on a reactor by its own thread: they take neither a lock nor a system call.
///
/// Sendable because the ring is touched by the owner's thread only, and no more once `isOpen` is false: every access is behind
/// ``isCurrent``, or made by the reactor itself, which belongs to that thread. A thread that gets the number of one that has
/// ended finds the queue closed, because the reactor closes it before its thread ends.
final class JobQueue: @unchecked Sendable {
    private let owner = pthread_self()
    private let isOpen = Atomic(true)
    @exclusivity(unchecked) private var ring = Ring<UnownedJob>()  // calls nothing

    /// Whether the caller is on the reactor's thread, and the reactor takes jobs.
    @inline(__always) var isCurrent: Bool {
        pthread_equal(owner, pthread_self()) != 0 && isOpen.load(ordering: .relaxed)
    }

    // What follows is for the owner's thread.

    @inline(__always) var isEmpty: Bool { ring.isEmpty }
    @inline(__always) var count: Int { ring.count }
    /// Nothing else keeps the job's task going: it has to be taken out and run.
    @inline(__always) func append(_ job: UnownedJob) { ring.append(job) }
    @inline(__always) func takeFirst() -> UnownedJob { ring.takeFirst() }

    /// No job comes any more.
    func close() { isOpen.store(false, ordering: .relaxed) }
}
