#if ServiceLifecycle
    import EventReactor
    public import ServiceLifecycle
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
    /// cancelled instead, the sockets are closed at once, without the first two steps. When it is cancelled during the
    /// shutdown, `flush` is cancelled, and the sockets are closed at once.
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
        /// - Throws: What `flush` throws; ``FlushTimedOut`` when it takes longer than the limit; `CancellationError` when
        ///   it is cancelled.
        public func run() async throws {
            do {
                try await gracefulShutdown()
            } catch {
                await context.terminate(within: .zero)
                return
            }
            context.stopListening()
            let flushed = await flushed()
            await withTaskCancellationHandler {
                _ = await context.terminate(within: limit)
            } onCancel: {
                Task { [context] in await context.terminate(within: .zero) }
            }
            try flushed.get()
        }

        /// Calls `flush`, and cancels it after the limit, or when this task is cancelled. It is not waited for then.
        private func flushed() async -> Result<Void, any Error> {
            let (limit, flush, end) = (limit, flush, Latch<Result<Void, any Error>>())
            let work = Task {
                do {
                    try await flush()
                    end.open(.success(()))
                } catch {
                    end.open(.failure(error))
                }
            }
            let deadline = Task {
                try await Task.sleep(for: limit)
                end.open(.failure(FlushTimedOut(limit: limit)))
                work.cancel()
            }
            defer { deadline.cancel() }
            return await withTaskCancellationHandler {
                await end.awaitValue()
            } onCancel: {
                end.open(.failure(CancellationError()))
                work.cancel()
            }
        }
    }

    /// The `flush` of a ``ContextService`` has taken longer than its limit, and was given up.
    public struct FlushTimedOut: Error, Sendable, CustomStringConvertible {
        /// The limit.
        public let limit: Duration
        public var description: String { "the flush before the shutdown was not done after \(limit)" }
    }
#endif
