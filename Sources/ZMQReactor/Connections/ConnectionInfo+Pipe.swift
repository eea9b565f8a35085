extension ConnectionInfo {
    /// - Parameters:
    ///   - pipe: nil during the handshake.
    ///   - messagesSent: used if there is no pipe to count them.
    init(
        of pipe: Pipe?,
        endpoint: Endpoint,
        peer: PeerDescription,
        isAccepted: Bool,
        bytes: (sent: Int, received: Int) = (0, 0),
        roundTrip: Duration? = nil,
        messagesSent: Int? = nil
    ) {
        self.endpoint = "\(endpoint)"
        self.peer = peer
        peerType = pipe?.peer?.socketType
        self.isAccepted = isAccepted
        self.messagesSent = messagesSent ?? pipe?.messagesSent ?? 0
        messagesReceived = pipe?.messagesReceived ?? 0
        (bytesSent, bytesReceived) = bytes
        protocolVersion = pipe?.peer.flatMap { $0.mechanism == nil && $0.version >= .v3_0 ? nil : $0.version.text }
        mechanism = pipe?.peer?.mechanism?.text
        messagesQueued = pipe?.unsentCount ?? 0
        messagesWaiting = pipe?.inbound.count ?? 0
        sendQueue = pipe?.sendLevel ?? QueueLevel()
        receiveQueue = pipe?.receiveLevel ?? QueueLevel()
        heartbeatRoundTrip = roundTrip
    }

    /// A connection on an I/O thread.
    init(of pipe: Pipe?, endpoint: Endpoint, peer: SessionPeer, isAccepted: Bool) {
        self.init(
            of: pipe,
            endpoint: endpoint,
            peer: peer.peerDescription,
            isAccepted: isAccepted,
            bytes: peer.counters.bytes,
            roundTrip: peer.counters.roundTrip,
            messagesSent: peer.counters.messagesSent.number
        )
    }
}
