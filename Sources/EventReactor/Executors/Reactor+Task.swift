extension Reactor {
    /// Begins a task that lives on this reactor: all of it runs on the reactor's thread, and no `await` in it leaves that thread
    /// other than to wait.
    ///
    /// ```swift
    /// reactor.task { reactor in
    ///     for try await message in socket.messages {
    ///         print(message.string)
    ///         try await reactor.sleep(for: .milliseconds(10))
    ///     }
    /// }
    /// reactor.run()
    /// ```
    ///
    /// What belongs to the reactor's thread, such as sockets, timers and watchers, can be used in the body as in a handler.
    /// Between two suspensions nothing else happens on the reactor; what the body relies on may have changed after each. The
    /// reactor has to run for the task to proceed, and is kept alive by it. The body begins at the end of the current or next
    /// turn, not within this call. A task that begins others with `Task { … }` or a task group hands its preference for
    /// this reactor on to them, except to detached ones.
    ///
    /// In the top level of `main.swift` Swift takes closures to belong to the main actor, which does not run while
    /// `reactor.run()` does: begin tasks in a function.
    ///
    /// - Parameters:
    ///   - name: The task's name, for debuggers.
    ///   - priority: As of any task. The reactor runs jobs in the order they come, whatever their priority.
    ///   - body: What to do.
    /// - Returns: The task, which can be cancelled, and awaited from wherever you like. It is cancelled when the reactor is that of
    ///   a ``ReactorThread`` that ends.
    @discardableResult
    public func task<Success: Sendable>(
        name: String? = nil,
        priority: TaskPriority? = nil,
        _ body: nonisolated(nonsending) @escaping (Reactor) async throws -> Success
    ) -> Task<Success, any Error> {
        checkThread()
        let key = tasks.makeKey()
        // Neither is used by two threads: this is the reactor's thread, the task runs on no other one, by its preference, and it
        // holds the reactor, so that the executor is there for as long as the task is.
        nonisolated(unsafe) let (body, reactor) = (body, self)
        let task = Task(name: name, executorPreference: handle, priority: priority) {
            defer { reactor.tasks.remove(key) }
            return try await reactor.isolation.run(body, reactor)
        }
        // It has not begun yet.
        tasks.add(task, key: key)
        return task
    }
}

/// What the bodies of tasks are isolated to.
///
/// A body that is isolated to nothing would be enqueued again by each call of a function that takes the isolation of its caller
/// as an argument, such as `next(isolation:)` of an iterator: 2,700 instructions for each element of a loop.
actor ReactorIsolation {
    private nonisolated let handle: ReactorHandle

    init(handle: ReactorHandle) { self.handle = handle }

    nonisolated var unownedExecutor: UnownedSerialExecutor { handle.asUnownedSerialExecutor() }

    func run<Success: Sendable>(
        _ body: nonisolated(nonsending) (Reactor) async throws -> Success,
        _ reactor: Reactor
    ) async throws -> Success {
        try await body(reactor)
    }
}
