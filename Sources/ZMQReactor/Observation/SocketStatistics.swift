public import EventReactor

/// What has passed through a socket since it was created. Cheap to read.
public struct SocketStatistics: Sendable, Equatable {
    package init() {}

    /// Messages whose last byte has been passed to the operating system.
    public internal(set) var messagesSent = 0

    /// Messages that have arrived, whether or not the application has taken them.
    public internal(set) var messagesReceived = 0

    /// Messages that a rule dropped, by reason: a subscriber at its high-water mark, a peer that does not exist, a
    /// malformed envelope.
    public internal(set) var dropped = DroppedMessages()

    /// Messages that a rule dropped, for any reason.
    public var messagesDropped: Int { dropped.total }

    /// Sends and requests that were refused with `wouldBlock`. A task that waits for room, a proxy and a
    /// ``SocketHandle`` are not counted: what they send stays with them.
    public internal(set) var sendsRefused = 0

    /// Bytes passed to the operating system, including the protocol's own.
    public internal(set) var bytesSent = 0

    /// Bytes that have arrived, including the protocol's own.
    public internal(set) var bytesReceived = 0

    /// Connections whose handshake was complete, including those that have ended; ``Socket/peerCount`` is the number
    /// of present ones.
    public internal(set) var connectionsMade = 0

    /// Connections that ended before their handshake was complete, including peers that this side rejected. Those that
    /// a limit rejects before that count in ``limits`` alone.
    public internal(set) var handshakeFailures = 0

    /// How long peers took to answer PINGs, over all connections; see ``SocketOptions/heartbeatInterval``.
    public internal(set) var heartbeatRoundTrips = DurationHistogram()

    /// Connections that were made again after one had ended.
    public internal(set) var reconnects = 0

    /// How often each limit was exceeded: connections that were rejected or closed because of it. See <doc:Limits>.
    public internal(set) var limits = SocketLimit.Counts()
}
