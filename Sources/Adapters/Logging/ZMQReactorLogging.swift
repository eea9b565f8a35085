#if Logging
    public import Logging
    public import ZMQReactor

    extension Socket {
        /// Logs the life of the socket's connections from now on.
        ///
        /// ```swift
        /// try socket.log(to: Logger(label: "orders"))
        /// ```
        ///
        /// Connections and endpoints are logged at `debug`; a peer that is rejected or fails at `notice`; limits,
        /// authentication that fails, and an endpoint that is given up at `warning`. Nothing is logged for a message: those
        /// that were dropped, and sends that were refused, are summarized once per interval.
        ///
        /// The metadata is `socket` (a number), `type`, and as far as they apply `endpoint`, `peer`, `address`, `reason`,
        /// `limit`, `delay`, `count` and `reasons`.
        ///
        /// - Parameters:
        ///   - logger: Called on a thread of the log. Its own metadata stays.
        ///   - interval: The least time between two summaries.
        /// - Returns: The log, which need not be kept.
        /// - Throws: `ReactorError` when its thread cannot be started.
        @discardableResult
        public func log(to logger: Logger, summaryEvery interval: Duration = .seconds(10)) throws -> SocketLog {
            let log = try SocketLog(logger)
            SocketLogger.attach(to: self, log, interval)
            return log
        }
    }

    extension Context {
        /// Logs the life of the connections of all sockets of the context: those that exist, and those that are made later.
        /// As ``ZMQReactor/Socket/log(to:summaryEvery:)``, for any thread.
        @discardableResult
        public func log(to logger: Logger, summaryEvery interval: Duration = .seconds(10)) throws -> SocketLog {
            let log = try SocketLog(logger)
            forEachSocket { SocketLogger.attach(to: $0, log, interval) }
            return log
        }
    }
#endif
