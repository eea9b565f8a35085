extension EventReason {
    /// A connection was rejected.
    ///
    /// - Parameter silent: the number of rejections that were not reported since the last event.
    static func refused(by limit: SocketLimit, _ limits: SocketLimits, silent: Int) -> EventReason {
        let reason =
            switch limit.row {
            case .connections: "the socket has accepted \(limits.connections) connections"
            case .connectionsPerAddress: "the address has \(limits.connectionsPerAddress) connections"
            case .handshakes: "\(limits.handshakes) handshakes are in progress"
            case .handshakesPerAddress: "\(limits.handshakesPerAddress) handshakes from the address are in progress"
            case .connectionRate: "more than \(limits.connectionRate) new connections per second"
            case .descriptors: "the process has no file descriptors left"
            case .multicastSenders: "the multicast group has \(limits.multicastSenders) senders"
            default: limit.name
            }
        let others = silent == 0 ? "" : "; \(silent) more were rejected since the last report"
        return .limitExceeded(limit, reason + others)
    }
}
