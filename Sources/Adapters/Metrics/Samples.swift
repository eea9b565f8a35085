#if Metrics
    import ZMQReactor

    /// The sockets that are published as one.
    struct SocketGroup: Hashable, Sendable {
        let type: String
        let name: String?
    }

    /// The counters of a socket at one time.
    struct SocketSample: Sendable {
        let key: Int
        let group: SocketGroup
        let statistics: SocketStatistics
        var queued = 0
        var waiting = 0
        var peers = 0
        /// Whether it is the last one of the socket.
        let hasEnded: Bool
    }

    /// The counters of a reactor at one time.
    struct ReactorSample: Sendable {
        let key: Int
        let name: String
        let statistics: TurnStatistics
    }
#endif
