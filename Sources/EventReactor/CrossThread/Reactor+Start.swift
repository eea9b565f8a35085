import CLibev
import Glibc

extension Reactor {
    /// Makes a reactor on a new thread, sets it up there, and runs it.
    ///
    /// ```swift
    /// let worker = try Reactor.start(named: "worker") { reactor in
    ///     reactor.every(.seconds(1)) { _ in … }
    /// }
    /// worker.handle.submit { reactor in … }
    /// worker.stop()
    /// worker.join()
    /// ```
    ///
    /// - Parameters:
    ///   - name: The thread's name, for `top` and debuggers; the system shows 15 bytes of it.
    ///   - inboxLimit: As in ``init(inboxLimit:)``.
    ///   - setUp: Called on the new thread before the reactor runs; this call waits for it.
    /// - Throws: What `setUp` throws, or ``ReactorError`` when the thread or the reactor cannot be created. The thread
    ///   has ended by then.
    public static func start(
        named name: String? = nil,
        inboxLimit: Int? = nil,
        setUp: @escaping @Sendable (Reactor) throws -> Void = { _ in }
    ) throws -> ReactorThread {
        try start(named: name, inboxLimit: inboxLimit, setUp: setUp, whenOver: {})
    }

    /// As ``start(named:inboxLimit:setUp:)``; calls `whenOver` as the last thing on the new thread, in every case.
    package static func start(
        named name: String?,
        inboxLimit: Int? = nil,
        setUp: @escaping @Sendable (Reactor) throws -> Void,
        whenOver: @escaping @Sendable () -> Void
    ) throws -> ReactorThread {
        let start = ThreadStart(name: name, inboxLimit: inboxLimit, setUp: setUp, whenOver: whenOver)
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(start)
        let result = pthread_create(&thread, nil, reactorThreadMain, argument.toOpaque())
        guard result == 0 else {
            argument.release()
            throw ReactorError.system("cannot start a thread", errno: result)
        }
        pthread_detach(thread)
        switch start.started.wait() {
        case .success(let handle):
            return ReactorThread(handle: handle, ended: start.ended, thread: thread)
        case .failure(let error):
            start.ended.wait()
            throw error
        }
    }
}

/// The arguments of a new thread.
private final class ThreadStart: Sendable {
    let name: String?
    let inboxLimit: Int?
    let setUp: @Sendable (Reactor) throws -> Void
    let whenOver: @Sendable () -> Void
    let started = Latch<Result<ReactorHandle, any Error>>()
    let ended = Latch<Void>()

    init(
        name: String?,
        inboxLimit: Int?,
        setUp: @escaping @Sendable (Reactor) throws -> Void,
        whenOver: @escaping @Sendable () -> Void
    ) {
        self.name = name
        self.inboxLimit = inboxLimit
        self.setUp = setUp
        self.whenOver = whenOver
    }

    /// The body of the thread. The reactor is gone when this returns.
    @inline(never)
    func run() {
        if let name { clibev_set_thread_name(name) }
        do {
            let reactor = try Reactor(inboxLimit: inboxLimit)
            defer { reactor.wrapUp() }
            try setUp(reactor)
            started.open(.success(reactor.handle))
            reactor.run()
        } catch {
            started.open(.failure(error))
        }
    }
}

private func reactorThreadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    let start = Unmanaged<ThreadStart>.fromOpaque(argument!).takeRetainedValue()
    start.run()
    start.whenOver()
    start.ended.open(())
    return nil
}
