/// A reactor on a thread of its own, with what was set up there, made by
/// ``Reactor/start(named:inboxLimit:making:)``.
///
/// The state belongs to the reactor's thread, as everything else on the reactor: it does not have to be `Sendable`, and
/// is reached with ``run(_:)``. It is released on that thread when the reactor ends, after its sockets have been closed.
public final class StatefulReactorThread<State>: Sendable {
    /// The thread without its state.
    public let thread: ReactorThread

    /// Submits work to the reactor.
    public var handle: ReactorHandle { thread.handle }

    init(_ thread: ReactorThread) { self.thread = thread }

    /// Runs `body` on the reactor's thread with the reactor and the state, and returns what it returns.
    ///
    /// ```swift
    /// let count = try await service.run { _, service in service.requestCount }
    /// ```
    ///
    /// - Throws: As ``ReactorHandle/run(_:)``.
    nonisolated(nonsending)
        public func run<Success: Sendable>(
            _ body: @escaping @Sendable (Reactor, State) throws -> Success
        ) async throws -> Success
    {
        try await handle.run { reactor in try body(reactor, ThreadState<State>.of(reactor)) }
    }

    /// Asks the reactor to stop, without waiting for it. Callable from any thread, any number of times.
    public func stop() { thread.stop() }

    /// Blocks the calling thread until the reactor is gone, as `join` of ``ReactorThread`` does.
    public func join() { thread.join() }

    /// Waits until the reactor is gone, without blocking the thread.
    nonisolated(nonsending) public func join() async { await thread.join() }
}

/// The state of a thread, one of the objects that belong to its reactor.
private final class ThreadState<State>: EndOfThreadHandler {
    private var state: State?
    let endsLast = true

    init(_ state: State) { self.state = state }

    /// Work runs only before the end of the thread.
    static func of(_ reactor: Reactor) -> State {
        guard let state = reactor.shared(ThreadState<State>.self, orMake: { fatalError("no state") }).state else {
            fatalError("the thread of the state has ended")
        }
        return state
    }

    func reactorThreadEnds() { state = nil }
}

extension Reactor {
    /// Makes a reactor on a new thread, sets up a state there, and runs it. ``StatefulReactorThread/run(_:)`` reaches
    /// the state from any task.
    ///
    /// ```swift
    /// let service = try Reactor.start(named: "service", making: { reactor in try Service(on: reactor) })
    /// let count = try await service.run { _, service in service.requestCount }
    /// ```
    ///
    /// - Parameters:
    ///   - name: The thread's name, for `top` and debuggers; the system shows 15 bytes of it.
    ///   - inboxLimit: As in ``init(inboxLimit:)``.
    ///   - make: Called on the new thread before the reactor runs; this call waits for it. What it returns is kept
    ///     until the thread ends.
    /// - Throws: What `make` throws, or ``ReactorError`` when the thread or the reactor cannot be created. The thread
    ///   has ended by then.
    public static func start<State>(
        named name: String? = nil,
        inboxLimit: Int? = nil,
        making make: @escaping @Sendable (Reactor) throws -> State
    ) throws -> StatefulReactorThread<State> {
        let thread = try start(named: name, inboxLimit: inboxLimit) { reactor in
            let state = try make(reactor)
            reactor.shared(ThreadState<State>.self) { ThreadState(state) }
        }
        return StatefulReactorThread(thread)
    }
}
