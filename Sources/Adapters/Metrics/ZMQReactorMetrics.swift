#if Metrics
    public import Metrics
    public import ZMQReactor

    /// Publishes the counters of sockets and reactors, once per interval, to a backend of swift-metrics.
    ///
    /// ```swift
    /// let metrics = try MetricsPublisher(every: .seconds(10))
    /// metrics.publish(context)
    /// metrics.publish(reactor, named: "main")
    /// ```
    ///
    /// Sockets of one type, and of one name if they have one, are published as one. Names and dimensions are on the page
    /// "Observability". Counting costs what it costs without metrics; a timer of the reactor reads the counters, and hands
    /// them over to a thread that calls the backend.
    ///
    /// A backend that blocks holds that thread alone. Readings that do not fit behind it are left out, and the next one
    /// contains them: counters only grow. The publisher need not be kept.
    public final class MetricsPublisher: Sendable {
        let thread: BackendThread
        let interval: Duration
        let factory: any MetricsFactory

        /// Starts the thread that calls the backend.
        ///
        /// - Parameters:
        ///   - interval: The time between two readings; default 10 s.
        ///   - factory: The backend; by default the one with which `MetricsSystem` was bootstrapped before.
        /// - Throws: `ReactorError` when the thread cannot be started.
        public init(every interval: Duration = .seconds(10), to factory: (any MetricsFactory)? = nil) throws {
            thread = try BackendThread(named: "zmq-metrics", limit: 64)
            self.interval = interval
            self.factory = factory ?? MetricsSystem.factory
        }

        /// The readings that were left out because the backend was too slow.
        public var leftOut: Int { thread.leftOut }

        /// Publishes a socket from now on, until it is closed. Call it on the socket's thread. A socket that is published
        /// again counts once, under its latest name.
        ///
        /// - Parameters:
        ///   - socket: The socket.
        ///   - name: The value of the dimension `messaging.destination.name`, which is left out if this is nil. It should be
        ///     one of few.
        public func publish(_ socket: Socket, named name: String? = nil) {
            Sampler.of(self, on: socket.reactor).add(socket, name)
        }

        /// Publishes all sockets of the context: those that exist, and those that are made later. For any thread.
        public func publish(_ context: Context) { context.forEachSocket { [self] in publish($0) } }

        /// Publishes the turns of a reactor and the durations of its handlers, which it measures from now on. Call it on the
        /// reactor's thread. Reactors of one name are published as one; one that is published again, under its latest name.
        ///
        /// - Parameters:
        ///   - reactor: The reactor.
        ///   - name: The value of the dimension `reactor`.
        public func publish(_ reactor: Reactor, named name: String) {
            reactor.measuresTurns = true
            Sampler.of(self, on: reactor).reactorName = name
        }

        /// Blocks until everything is published that has been read before. Must not be called by the backend. Asynchronous
        /// code calls the asynchronous form, which blocks no thread.
        public func flush() { thread.flush() }

        /// Waits until everything is published that has been read before.
        nonisolated(nonsending) public func flush() async { await thread.flush() }
    }
#endif
