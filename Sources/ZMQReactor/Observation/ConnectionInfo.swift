public import ZMTP

/// A snapshot of one connection of a socket; see ``Socket/connections``.
public struct ConnectionInfo: Sendable, Equatable {
    /// The endpoint to which the socket is bound or connected.
    public let endpoint: String

    /// The other end.
    public let peer: PeerDescription

    /// The peer's socket type; nil during the handshake.
    public let peerType: SocketType?

    /// The version of ZMTP that both sides speak, such as `3.1`; nil during the handshake, and where messages are not
    /// framed by ZMTP: inproc, datagrams, and the peers of a STREAM.
    public let protocolVersion: String?

    /// The security mechanism of the handshake: `NULL`, `PLAIN` or `CURVE`; nil before that, and where there is none.
    public let mechanism: String?

    /// Whether the peer connected to us.
    public let isAccepted: Bool

    /// Messages whose last byte has been passed to the operating system.
    public let messagesSent: Int

    /// Messages that have arrived.
    public let messagesReceived: Int

    /// Bytes passed to the operating system, including the protocol's own.
    public let bytesSent: Int

    /// Bytes that have arrived, including the protocol's own.
    public let bytesReceived: Int

    /// Messages queued for this peer.
    public let messagesQueued: Int

    /// Messages that have arrived from this peer and have not been taken by the application.
    public let messagesWaiting: Int

    /// The round-trip time of the last answered PING; nil if there was none. See ``SocketOptions/heartbeatInterval``.
    public let heartbeatRoundTrip: Duration?

    /// The queue for this peer, and its marks.
    package let sendQueue: QueueLevel

    /// The queue from this peer to the application, and its marks.
    package let receiveQueue: QueueLevel
}
