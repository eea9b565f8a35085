/// What has passed through a socket since it was created. Reading it costs nothing.
public struct SocketStatistics: Sendable, Equatable {
    /// Messages whose last byte has been given to the operating system.
    public internal(set) var messagesSent = 0

    /// Messages that have arrived, whether or not the application has taken them.
    public internal(set) var messagesReceived = 0

    /// Messages that a rule threw away, by reason: a subscriber at its high-water mark, a peer that is not there, an envelope
    /// that is broken.
    public internal(set) var dropped = DroppedMessages()

    /// Messages that a rule threw away, for whatever reason.
    public var messagesDropped: Int { dropped.total }

    /// Bytes given to the operating system, the protocol's own included.
    public internal(set) var bytesSent = 0

    /// Bytes that have arrived, the protocol's own included.
    public internal(set) var bytesReceived = 0

    /// Connections that were made again after one had ended.
    public internal(set) var reconnects = 0

    /// How often each limit has struck: connections that were refused or ended because of it. See <doc:Limits>.
    public internal(set) var limits = SocketLimit.Counts()
}
