public import ZMTP

/// One connection of a socket at the moment of asking, see ``Socket/connections``.
public struct ConnectionInfo: Sendable, Equatable {
    /// What the socket is bound or connected to.
    public let endpoint: String

    /// Who is at the other end: `host:port` for tcp, `pid 4711 uid 1000` for ipc.
    public let peer: String

    /// The peer's socket type; nil while the handshake is going on.
    public let peerType: SocketType?

    /// Whether the peer connected to us.
    public let isAccepted: Bool

    /// Messages whose last byte has been given to the operating system.
    public let messagesSent: Int

    /// Messages that have arrived.
    public let messagesReceived: Int

    /// Bytes given to the operating system, the protocol's own included.
    public let bytesSent: Int

    /// Bytes that have arrived, the protocol's own included.
    public let bytesReceived: Int

    /// Messages that wait to be sent to this peer.
    public let messagesQueued: Int

    /// Messages that have arrived from this peer and that the application has not taken.
    public let messagesWaiting: Int

    /// How long the peer took to answer the last PING; nil when it has answered none. See
    /// ``SocketOptions/heartbeatInterval``.
    public let heartbeatRoundTrip: Duration?
}

extension ConnectionInfo {
    /// - Parameters:
    ///   - pipe: nil while the handshake is going on.
    ///   - messagesSent: where the pipe does not know.
    init(
        of pipe: Pipe?,
        endpoint: Endpoint,
        peer: String,
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
        messagesQueued = pipe?.unsentCount ?? 0
        messagesWaiting = pipe?.inbound.count ?? 0
        heartbeatRoundTrip = roundTrip
    }

    /// A connection on an I/O thread.
    init(of pipe: Pipe?, endpoint: Endpoint, peer: SessionPeer, isAccepted: Bool) {
        self.init(
            of: pipe,
            endpoint: endpoint,
            peer: peer.peerName,
            isAccepted: isAccepted,
            bytes: peer.counters.bytes,
            roundTrip: peer.counters.roundTrip,
            messagesSent: peer.counters.messagesSent.number
        )
    }
}
