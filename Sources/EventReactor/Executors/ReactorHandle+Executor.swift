/// A reactor as an executor of actors and tasks.
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
/// It is both kinds of executor, because a serial one is not enough: when a task that does not prefer this executor is
/// resumed, it goes through the shared thread pool first, even if it belongs to an actor that lives here. Tasks started
/// with ``Reactor/task(name:priority:isolation:_:)``, or with `executorPreference`, resume on the reactor's thread directly.
///
/// A job, which is a piece of a task from one suspension to the next, runs at the end of a turn, never within a
/// handler. At most 256 run before events are served again. Whatever they send leaves in the same turn. `inboxLimit`
/// does not apply to them.
///
/// **When the reactor is gone**, tasks that prefer it continue, because a task whose job is dropped would never end:
/// one at a time, on a thread of the shared pool. They must not use anything that belonged to the reactor.
extension ReactorHandle: SerialExecutor, TaskExecutor {
    /// Runs the job on the reactor's thread; see ``ReactorHandle``. Called by the Swift runtime, from any thread.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if jobs.isCurrent {
            jobs.append(job)
        } else if !submit(job: job) {
            detachedJobs.add(job, of: self)
        }
    }

    /// Traps on any thread but the reactor's. Called by `assumeIsolated` and `preconditionIsolated`.
    public func checkIsolated() {
        precondition(
            jobs.isCurrent,
            "This must run on the thread of its reactor. Start the task with reactor.task { … }"
        )
    }

    /// Whether this is the reactor's thread.
    public func isIsolatingCurrentContext() -> Bool? { jobs.isCurrent }

    /// The reactor, for code that runs on its thread: in an actor that lives on it, the actor's own code, which makes
    /// sockets, timers and watchers there.
    ///
    /// ```swift
    /// func start() {
    ///     handle.assumeReactor().every(.seconds(1)) { _ in self.beats += 1 }
    /// }
    /// ```
    ///
    /// Traps on any other thread, and when the reactor is gone. See <doc:Isolation>.
    public func assumeReactor() -> Reactor {
        guard jobs.isCurrent, let reactor = jobs.reactor else {
            fatalError(
                """
                ReactorHandle.assumeReactor was called on another thread than the reactor's, or after the reactor's end. \
                From elsewhere, use run(_:) or submit(_:).
                """
            )
        }
        return reactor
    }

    /// The `unownedExecutor` of an actor that lives on this reactor.
    public func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    /// Used by `withTaskExecutorPreference` and `Task(executorPreference:)`.
    public func asUnownedTaskExecutor() -> UnownedTaskExecutor { UnownedTaskExecutor(ordinary: self) }

    /// Runs the job on the calling thread, at once.
    @inline(__always)
    func run(_ job: UnownedJob) {
        job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
    }
}
