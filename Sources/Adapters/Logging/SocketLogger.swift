#if Logging
    import Logging
    import Synchronization
    import ZMQReactor

    /// Records the events of one socket, and what it has dropped. On the socket's thread.
    ///
    /// Its timer keeps it until the socket is closed.
    final class SocketLogger: SocketEventReceiver, TimerHandler {
        private unowned let socket: Socket
        private let log: SocketLog
        private let metadata: Logger.Metadata
        private var timer: ReactorTimer?
        /// What has been summarized.
        private var summarized: SocketStatistics

        private static let numbers = Atomic(0)

        static func attach(to socket: Socket, _ log: SocketLog, _ interval: Duration) {
            let logger = SocketLogger(socket, log)
            guard socket.add(logger) else { return }
            logger.timer = socket.reactor.every(interval, handler: logger)
        }

        private init(_ socket: Socket, _ log: SocketLog) {
            (self.socket, self.log) = (socket, log)
            let number = Self.numbers.add(1, ordering: .relaxed).newValue
            metadata = ["socket": "\(number)", "type": "\(socket.type)"]
            summarized = socket.statistics
        }

        func take(_ event: SocketEvent) {
            let level = event.level
            guard log.accepts(level) else { return }
            var metadata = metadata
            metadata["endpoint"] = "\(event.endpoint)"
            if let peer = event.peer { metadata["peer"] = "\(peer)" }
            if let reason = event.reason { metadata["reason"] = "\(reason)" }
            if let limit = event.limit { metadata["limit"] = "\(limit)" }
            switch event {
            case .addressFailed(_, let address, _): metadata["address"] = "\(address)"
            case .connectDelayed(_, let delay, _): metadata["delay"] = "\(delay)"
            case .handshakeSucceeded(_, _, let type): metadata["peer-type"] = "\(type)"
            default: break
            }
            log.write(level, event.sentence, metadata)
        }

        func timerFired(_ timer: ReactorTimer) { summarize() }

        func eventsEnd() {
            summarize()
            timer?.cancel()
            timer = nil
        }

        // MARK: Summaries

        private func summarize() {
            let statistics = socket.statistics
            defer { summarized = statistics }
            var metadata = metadata
            if let endpoint = socket.lastEndpoint { metadata["endpoint"] = "\(endpoint)" }
            let refused = statistics.sendsRefused - summarized.sendsRefused
            if refused > 0, log.accepts(.notice) {
                log.write(
                    .notice,
                    "sends were refused: no peer had room",
                    metadata.merging(["count": "\(refused)"]) { $1 }
                )
            }
            let drops = DropReason.all.filter { statistics.dropped[$0] > summarized.dropped[$0] }
            let level: Logger.Level = drops.allSatisfy(\.isIntended) ? .debug : .warning
            guard !drops.isEmpty, log.accepts(level) else { return }
            var reasons: Logger.Metadata = [:]
            for reason in drops {
                reasons[reason.name] = "\(statistics.dropped[reason] - summarized.dropped[reason])"
            }
            metadata["count"] = "\(statistics.messagesDropped - summarized.messagesDropped)"
            metadata["reasons"] = .dictionary(reasons)
            log.write(level, "messages were dropped", metadata)
        }
    }

    extension DropReason {
        /// Whether the application has asked for it: it keeps the newest message, or has cancelled a subscription.
        fileprivate var isIntended: Bool { self == .conflated || self == .notSubscribed }
    }

    extension SocketEvent {
        fileprivate var level: Logger.Level {
            switch self {
            case .connectFailed: return .warning
            case .limited: return .notice
            case .handshakeFailed, .disconnected: break
            default: return .debug
            }
            guard let reason else { return .debug }
            if reason.limit != nil { return .warning }
            return switch reason.kind {
            case .closed, .peerClosed: .debug
            case .notAuthenticated, .notAllowed, .packetsLost: .warning
            default: .notice
            }
        }

        /// What has happened, without variable parts.
        fileprivate var sentence: String {
            switch self {
            case .listening: "listening"
            case .accepted: "a peer has connected"
            case .connected: "connected to a peer"
            case .connectIgnored: "already connected to the endpoint"
            case .addressFailed: "an address could not be connected to"
            case .connectDelayed: "the endpoint cannot be reached now"
            case .connectRetried: "connecting again"
            case .connectFailed: "the endpoint was given up"
            case .handshakeSucceeded: "the handshake is complete"
            case .handshakeFailed: "the handshake has failed"
            case .limited: "a peer has reached a limit"
            case .disconnected: "a connection has ended"
            case .closed: "the endpoint is closed"
            }
        }
    }
#endif
