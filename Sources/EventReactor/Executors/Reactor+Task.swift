extension Reactor {
    /// Starts a task that lives on this reactor: all of it runs on the reactor's thread, and an `await` leaves that
    /// thread only to wait.
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
    /// Anything that belongs to the reactor's thread, such as sockets, timers and watchers, can be used in the body as
    /// in a handler. Between two suspensions nothing else happens on the reactor; after each, the state that the body
    /// relies on may have changed. The reactor must run for the task to proceed, and the task keeps it alive. The body
    /// starts at the end of the current or next turn, not within this call. Its child tasks, in a task group or
    /// by `async let`, prefer this reactor, too; unstructured ones, by `Task { … }`, do not: start them with this method.
    ///
    /// Swift isolates the body to the main actor where the code that starts it is: at the top level of `main.swift`, in
    /// `static func main()` of an `@main` type, in `@MainActor` classes, and everywhere in a target with
    /// `.defaultIsolation(MainActor.self)`. On a reactor of the main thread such a body runs in the reactor's turns like
    /// any other, at a cost of two system calls for each resumption. Elsewhere it would never begin: a debug build
    /// traps, and a release build writes a warning to standard error; see <doc:Isolation>.
    ///
    /// - Parameters:
    ///   - name: The task's name, for debuggers.
    ///   - priority: As of any task. The reactor runs jobs in the order of their arrival, whatever their priority.
    ///   - isolation: The actor of the caller. Leave it out.
    ///   - body: The work of the task.
    /// - Returns: The task, which can be cancelled, and awaited from anywhere. It is cancelled when the reactor belongs
    ///   to a ``ReactorThread`` that ends.
    @discardableResult
    public func task<Success: Sendable>(
        name: String? = nil,
        priority: TaskPriority? = nil,
        isolation: (any Actor)? = #isolation,
        _ body: nonisolated(nonsending) @escaping (Reactor) async throws -> Success
    ) -> Task<Success, any Error> {
        checkThread()
        checkMainActor(isolation)
        let key = tasks.makeKey()
        // No second thread uses them: this is the reactor's thread, the task prefers it and runs on no other, and the
        // task holds the reactor, so the executor exists for as long as the task.
        nonisolated(unsafe) let (body, reactor) = (body, self)
        let task = Task(name: name, executorPreference: handle, priority: priority) {
            defer { reactor.tasks.remove(key) }
            return try await reactor.isolation.run(body, reactor)
        }
        // The task has not started yet.
        tasks.add(task, key: key)
        return task
    }
}

/// The isolation of task bodies.
///
/// A body without isolation would be enqueued again by each call of a function that inherits its caller's isolation as
/// an argument, such as an iterator's `next(isolation:)`: 2,700 instructions for each element of a loop.
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
