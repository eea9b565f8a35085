/// A reactor as the place where actors and tasks live.
///
/// ```swift
/// actor Ledger {
///     let handle: ReactorHandle
///     init(on handle: ReactorHandle) { self.handle = handle }
///     nonisolated var unownedExecutor: UnownedSerialExecutor { handle.asUnownedSerialExecutor() }
/// }
///
/// Task(executorPreference: reactor.handle) { await ledger.add(…) }
/// ```
///
/// It is both kinds of executor, because a serial one alone is not enough: when a task that does not prefer this executor is
/// resumed, it goes through the shared pool of threads first, even if it belongs to an actor that lives here. Tasks begun with
/// ``Reactor/task(name:priority:_:)``, or with `executorPreference`, resume on the reactor's thread directly.
///
/// A piece of a task, from one suspension to the next, runs at the end of a turn, never within a handler; 256 of them at most,
/// then events are served again. What they send leaves in the same turn. `inboxLimit` does not hold for them.
///
/// **When the reactor is gone**, tasks that prefer it go on all the same, because a task that is dropped would never end: one
/// after the other, on a thread of the shared pool. They must not use anything of the reactor there.
extension ReactorHandle: SerialExecutor, TaskExecutor {
    /// Has the job run on the reactor's thread; see ``ReactorHandle``. Called by the Swift runtime, from any thread.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if jobs.isCurrent {
            jobs.append(job)
        } else if !submit(job: job) {
            detachedJobs.add(job, of: self)
        }
    }

    /// Traps when this is not the reactor's thread. Called by `assumeIsolated` and `preconditionIsolated`.
    public func checkIsolated() {
        precondition(
            jobs.isCurrent,
            "This belongs to the thread of a reactor, and this is another one. Begin the task with reactor.task { … }"
        )
    }

    /// Whether this is the reactor's thread.
    public func isIsolatingCurrentContext() -> Bool? { jobs.isCurrent }

    /// What an actor that lives on this reactor answers as its `unownedExecutor`.
    public func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    /// What `withTaskExecutorPreference` and `Task(executorPreference:)` ask for.
    public func asUnownedTaskExecutor() -> UnownedTaskExecutor { UnownedTaskExecutor(ordinary: self) }

    /// Runs the job here and now.
    @inline(__always)
    func run(_ job: UnownedJob) {
        job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
    }
}
