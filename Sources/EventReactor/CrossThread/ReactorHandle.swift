import Glibc
import Synchronization

/// A reactor as other threads, actors and tasks see it. It can be kept for any length of time: it does not keep the
/// reactor alive.
public final class ReactorHandle: Sendable {
    /// Work for the reactor's thread.
    public typealias Work = @Sendable (Reactor) -> Void

    private struct Inbox {
        var work: ContiguousArray<Work> = []
        var pendingWakeups: ContiguousArray<Wakeup> = []
        /// Jobs of tasks. No limit applies to them: a task whose job is refused would never end.
        var jobs: ContiguousArray<UnownedJob> = []
        /// Accepted work that the reactor has taken out and will not reach in its current turn.
        var carriedOver = 0
        var stopRequested = false
        /// `nil` when the reactor is gone.
        var waker: Waker?
        let limit: Int
        /// How often the loop was woken.
        var wakeUps = 0

        mutating func moveJobs(to queue: JobQueue) {
            guard !jobs.isEmpty else { return }
            for job in jobs { queue.append(job) }
            jobs.removeAll(keepingCapacity: jobs.count <= 4096)
        }

        mutating func takeStopRequest() -> Bool {
            exchange(&stopRequested, with: false)
        }
    }

    private let inbox: Locked<Inbox>

    /// Threads that are about to wake the loop, which must exist until they have.
    private let waking = Atomic(0)

    /// Whether the inbox holds something that the reactor has not taken. Changed under the lock.
    private let signalled = Atomic(false)

    /// Whether other threads have left something. Cheap enough for the reactor's own thread to poll.
    var isSignalled: Bool { signalled.load(ordering: .relaxed) }

    /// The jobs of tasks that the reactor's own thread has enqueued.
    let jobs = JobQueue()

    /// Called on the reactor's thread.
    init(waker: Waker, limit: Int?) {
        inbox = Locked(Inbox(waker: waker, limit: max(0, limit ?? .max)))
    }

    /// Runs the work on the reactor's thread in one of its next turns, after all work accepted before it.
    ///
    /// Never blocks. Can be called from any thread, including the reactor's own. Work that is submitted by other work
    /// runs in a later turn. The reactor is woken once for any amount of work that accumulates before it runs.
    ///
    /// Accepted work runs, with one exception: a reactor that is released without having been run again drops it, and
    /// releases what it captures. The reactor of a ``ReactorThread`` always runs it, even while it is being stopped.
    ///
    /// - Returns: Whether the work was accepted.
    @discardableResult
    public func submit(_ work: @escaping Work) -> SubmitResult {
        let (result, waker): (SubmitResult, Waker?) = inbox.withLock { inbox in
            guard let waker = inbox.waker else { return (.gone, nil) }
            guard inbox.work.count < inbox.limit - inbox.carriedOver else { return (.full, nil) }
            inbox.work.append(work)
            return (.accepted, inbox.work.count == 1 ? announced(waker, &inbox) : nil)
        }
        if let waker { wake(waker) }
        return result
    }

    /// As ``submit(_:)``, but waits until the work is done; returns at once if it was not accepted. Must not be called
    /// on the reactor's own thread, nor on one that the reactor may be waiting for.
    package func submitAndWait(_ work: @escaping Work) {
        let done = Latch<Void>()
        let isTaken = submitUnlimited { reactor in
            work(reactor)
            done.open(())
        }
        if isTaken { done.wait() }
    }

    /// Puts something into the inbox, and wakes the loop when `put` returns true. Returns false when the reactor is
    /// gone.
    private func put(_ put: (inout Inbox) -> Bool) -> Bool {
        let (isTaken, waker): (Bool, Waker?) = inbox.withLock { inbox in
            guard let waker = inbox.waker else { return (false, nil) }
            return (true, put(&inbox) ? announced(waker, &inbox) : nil)
        }
        if let waker { wake(waker) }
        return isTaken
    }

    /// As ``submit(_:)``, without the inbox limit: for the framework's own work, whose amount is bounded. Returns false
    /// when the reactor is gone.
    @discardableResult
    package func submitUnlimited(_ work: @escaping Work) -> Bool {
        put { inbox in
            inbox.work.append(work)
            return inbox.work.count == 1
        }
    }

    /// Signals a wake-up, which is delivered in the next turn. Returns whether the reactor still exists.
    package func signal(_ wakeup: Wakeup) -> Bool {
        put { inbox in
            inbox.pendingWakeups.append(wakeup)
            return inbox.pendingWakeups.count == 1
        }
    }

    /// Runs a job on the reactor's thread. Returns false when the reactor is gone.
    func submit(job: UnownedJob) -> Bool {
        put { inbox in
            inbox.jobs.append(job)
            return inbox.jobs.count == 1
        }
    }

    /// Call with the lock held; then call `wake` after unlocking.
    private func announced(_ waker: Waker, _ inbox: inout Inbox) -> Waker {
        inbox.wakeUps += 1
        signalled.store(true, ordering: .relaxed)
        waking.add(1, ordering: .relaxed)
        return waker
    }

    /// Not under the lock: the woken thread takes the lock at once, and would go back to sleep.
    private func wake(_ waker: Waker) {
        waker.wake()
        waking.subtract(1, ordering: .releasing)
    }

    /// Ends the reactor's run at the end of its current turn; if it is not running, its next run returns at once.
    public func stop() {
        _ = put { !exchange(&$0.stopRequested, with: true) }
    }

    /// How often the loop has been woken by `submit` and `stop`.
    package var wakeUps: Int { inbox.withLock { $0.wakeUps } }

    /// Whether a stop was requested. Resets the request.
    func takeStopRequest() -> Bool {
        inbox.withLock { $0.takeStopRequest() }
    }

    /// Moves all work into the array, which must be empty, as must the one of wake-ups. Returns whether a stop was
    /// requested.
    func take(into batch: inout ContiguousArray<Work>, budget: Int, _ wakeups: inout ContiguousArray<Wakeup>) -> Bool {
        inbox.withLock { inbox in
            signalled.store(false, ordering: .relaxed)
            swap(&inbox.work, &batch)
            swap(&inbox.pendingWakeups, &wakeups)
            inbox.carriedOver = max(0, batch.count - budget)
            inbox.moveJobs(to: jobs)
            return inbox.takeStopRequest()
        }
    }

    /// Records how much of the work taken remains for after this turn. Returns whether a stop was requested.
    func carryOver(_ count: Int, _ wakeups: inout ContiguousArray<Wakeup>) -> Bool {
        inbox.withLock { inbox in
            inbox.carriedOver = count
            swap(&inbox.pendingWakeups, &wakeups)
            inbox.moveJobs(to: jobs)
            return inbox.takeStopRequest()
        }
    }

    /// Accepts no more work. Returns the accepted work that has not been taken out.
    @discardableResult
    func close() -> ContiguousArray<Work> {
        let rest = inbox.withLock { inbox in
            inbox.waker = nil
            inbox.moveJobs(to: jobs)
            return exchange(&inbox.work, with: [])
        }
        // No thread can begin now; those that have begun are about to make one system call.
        while waking.load(ordering: .acquiring) > 0 { sched_yield() }
        return rest
    }
}

/// Replaces the value, and returns the old one.
func exchange<T>(_ place: inout T, with value: T) -> T {
    let old = place
    place = value
    return old
}
