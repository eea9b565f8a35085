public import ZMTP

/// A snapshot of one connection of a socket; see ``Socket/connections``.
public struct ConnectionInfo: Sendable, Equatable {
    /// The endpoint to which the socket is bound or connected.
    public let endpoint: String

    /// The other end.
    public let peer: PeerDescription

    /// The peer's socket type; nil during the handshake.
    public let peerType: SocketType?

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
}
