extension Proxy {
    /// What has passed through a proxy since it was started. A message of several frames counts as one; bytes are those
    /// of all its frames, including a routing id, without protocol overhead.
    public struct Statistics: Sendable, Equatable {
        /// What has passed through one of the two sockets, as far as the proxy has forwarded it.
        public struct Traffic: Sendable, Equatable {
            /// Messages that the proxy has taken from the socket.
            public internal(set) var messagesReceived = 0
            /// Their bytes.
            public internal(set) var bytesReceived = 0
            /// Messages that the proxy has passed to the socket, even if that dropped them by its rule.
            public internal(set) var messagesSent = 0
            /// Their bytes.
            public internal(set) var bytesSent = 0
        }

        /// The traffic of the frontend.
        public internal(set) var frontend = Traffic()

        /// The traffic of the backend.
        public internal(set) var backend = Traffic()

        /// Messages sent to the capture socket.
        public internal(set) var messagesCaptured = 0

        /// Messages the capture socket missed, because it had no room.
        public internal(set) var captureDropped = 0
    }

    /// What has passed since the start.
    public var statistics: Statistics {
        var statistics = Statistics()
        statistics.frontend.messagesReceived = forward.messages
        statistics.frontend.bytesReceived = forward.bytes
        statistics.backend.messagesSent = forward.messages
        statistics.backend.bytesSent = forward.bytes
        statistics.backend.messagesReceived = backward.messages
        statistics.backend.bytesReceived = backward.bytes
        statistics.frontend.messagesSent = backward.messages
        statistics.frontend.bytesSent = backward.bytes
        statistics.messagesCaptured = forward.captured + backward.captured
        statistics.captureDropped = forward.captureDropped + backward.captureDropped
        return statistics
    }
}

extension Proxy.Statistics {
    /// The eight numbers in the order of zmq_proxy_steerable(3): received and sent by the frontend, then by the
    /// backend, messages before bytes.
    var numbers: [UInt64] {
        [frontend, backend].flatMap {
            [$0.messagesReceived, $0.bytesReceived, $0.messagesSent, $0.bytesSent].map(UInt64.init)
        }
    }
}
