#if ServiceLifecycle
    public import ServiceLifecycle
    import Synchronization
    public import ZMQReactor

    /// A context with its sockets as a service: shuts them down in order, and in bounded time.
    ///
    /// ```swift
    /// let group = ServiceGroup(
    ///     services: [thread, ContextService(context)],
    ///     gracefulShutdownSignals: [.sigterm, .sigint],
    ///     logger: logger
    /// )
    /// try await group.run()
    /// ```
    ///
    /// At a graceful shutdown
    ///
    /// 1. all sockets stop listening, so that no further peer is accepted;
    /// 2. `flush` is called: handlers send what they have collected;
    /// 3. all sockets are closed, each with its linger, and at once those that are not closed after `limit`.
    ///
    /// Then it returns, and the group stops what is listed ahead of it: the threads of the sockets. When the group is
    /// cancelled instead, the sockets are closed at once, without the first two steps.
    ///
    /// **Signals** have one owner, which is the group. Do not use `stopOnInterrupt`, `onTermination` or
    /// `stopOnTermination` beside it: the signal would reach only one of them.
    public struct ContextService: Service {
        private let context: Context
        private let limit: Duration
        private let flush: @Sendable () async throws -> Void

        /// - Parameters:
        ///   - context: the context of the program's sockets.
        ///   - limit: how long the sockets may take to send what is queued. Default 30 s.
        ///   - flush: called before the sockets are closed, with as much time. What it throws is thrown by ``run()``
        ///     after they are closed.
        public init(
            _ context: Context,
            within limit: Duration = .seconds(30),
            flush: @escaping @Sendable () async throws -> Void = {}
        ) {
            (self.context, self.limit, self.flush) = (context, limit, flush)
        }

        /// Runs until the sockets are closed.
        ///
        /// - Throws: What `flush` throws; ``FlushTimedOut`` when it takes longer than the limit.
        public func run() async throws {
            do {
                try await gracefulShutdown()
            } catch {
                await context.terminate(within: .zero)
                return
            }
            context.stopListening()
            let flushed = await flushed()
            await context.terminate(within: limit)
            try flushed.get()
        }

        /// Calls `flush`, and cancels it after the limit. It is waited for a little longer only if it heeds that.
        private func flushed() async -> Result<Void, any Error> {
            let (limit, flush) = (limit, flush)
            return await withCheckedContinuation { continuation in
                let end = FirstEnd(continuation)
                let work = Task {
                    do {
                        try await flush()
                        end.resume(.success(()))
                    } catch {
                        end.resume(.failure(error))
                    }
                }
                Task {
                    try? await Task.sleep(for: limit)
                    work.cancel()
                    end.resume(.failure(FlushTimedOut(limit: limit)))
                }
            }
        }
    }

    /// The `flush` of a ``ContextService`` has taken longer than its limit, and was given up.
    public struct FlushTimedOut: Error, Sendable, CustomStringConvertible {
        /// The limit.
        public let limit: Duration
        public var description: String { "the flush before the shutdown was not done after \(limit)" }
    }

    /// A continuation that the first of several ends resumes.
    private final class FirstEnd: Sendable {
        typealias Continuation = CheckedContinuation<Result<Void, any Error>, Never>
        private let continuation: Mutex<Continuation?>

        init(_ continuation: Continuation) { self.continuation = Mutex(continuation) }

        func resume(_ result: Result<Void, any Error>) {
            continuation.withLock { $0.take() }?.resume(returning: result)
        }
    }
#endif
