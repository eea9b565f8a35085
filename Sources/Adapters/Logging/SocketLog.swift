#if Logging
    import Logging
    import Synchronization
    import ZMQReactor

    /// Where sockets log to: a logger on a thread of its own.
    ///
    /// A logger that blocks holds that thread alone. Up to 1024 records wait for it; further ones are left out and counted,
    /// and the next record that is written follows a warning with their number.
    public final class SocketLog: Sendable {
        private let logger: Logger
        private let thread: BackendThread
        /// Records left out since the last warning.
        private let unreported = Atomic(0)

        init(_ logger: Logger) throws {
            self.logger = logger
            thread = try BackendThread(named: "zmq-log", limit: 1024)
        }

        /// The records that were left out because the logger was too slow.
        public var leftOut: Int { thread.leftOut }

        /// Blocks until everything is written that was recorded before: at the end of a program, for example. Must not be
        /// called by the logger. Asynchronous code calls the asynchronous form, which blocks no thread.
        public func flush() { thread.flush() }

        /// Waits until everything is written that was recorded before.
        nonisolated(nonsending) public func flush() async { await thread.flush() }

        /// Whether the logger takes records of this level. Others take no place in the queue.
        func accepts(_ level: Logger.Level) -> Bool { level >= logger.logLevel }

        func write(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata) {
            let isAccepted = thread.submit { [logger, self] _ in
                reportLeftOut()
                logger.log(level: level, "\(message)", metadata: metadata, source: "ZMQReactor")
            }
            if !isAccepted { unreported.add(1, ordering: .relaxed) }
        }

        private func reportLeftOut() {
            let count = unreported.exchange(0, ordering: .relaxed)
            guard count > 0 else { return }
            logger.log(
                level: .warning,
                "log records were left out: the logger was too slow",
                metadata: ["count": "\(count)"],
                source: "ZMQReactor"
            )
        }
    }
#endif
