/// The most that peers may take of a socket, whatever its type: ``SocketOptions/limits``.
///
/// Each limit is a property here, a row of `rows`, which contains its smallest value, and an option of zmqcat. Its name
/// and counter are a row of ``SocketLimit``. The defaults suit a server in a public network; `Int.max` means no limit
/// in practice. What happens at each limit: <doc:Limits>.
public struct SocketLimits: Sendable, Equatable {
    // MARK: Connections

    /// The most connections accepted by the socket, at all its endpoints together. Default 65,536.
    public var connections = 65_536

    /// The most connections accepted from one remote address. Default 4096.
    public var connectionsPerAddress = 4096

    /// The most accepted connections whose handshake is in progress. Default 16,384.
    public var handshakes = 16_384

    /// The most accepted connections from one remote address whose handshake is in progress. Default 1024.
    public var handshakesPerAddress = 1024

    /// The most new connections per second, and at once after a quiet second. Default 10,000.
    ///
    /// One remote address takes at most half of them at once, and more only while half is left for the others.
    public var connectionRate = 10_000

    /// Whether the limits per address also apply to peers on this host: those from a loopback address, and those of
    /// ipc, which count by user. Default false.
    public var countsLocalPeers = false

    // MARK: Handshakes and messages

    /// The most bytes that a peer may send before its handshake is complete, 512 or more. Default 16 KiB.
    public var handshakeBytes = 16 * 1024

    /// The most bytes of the metadata in a peer's READY, 512 or more. Default 8 KiB.
    public var metadataBytes = 8 * 1024

    /// The most frames of one message. Default 65,536.
    public var framesPerMessage = 65_536

    /// The number of commands of one peer after which the rest of what it has sent waits for the next turn of the loop.
    /// Default 256.
    ///
    /// Commands are PING, PONG, and those without a meaning for the socket. Subscriptions are not counted: they have
    /// limits of their own, see ``SubscriptionLimits``. Nothing is refused, so there is no event.
    public var commandsPerTurn = 256

    // MARK: Multicast

    /// The most senders that a SUB or XSUB follows in a multicast group. When there are more, one that has been silent
    /// for a minute makes room; otherwise the new one is ignored. Default 256.
    public var multicastSenders = 256

    // MARK: Slow peers

    /// How long the queue for a peer may stay full before its connection is closed; nil for no limit. Default nil.
    ///
    /// The time starts when a message finds the queue full, and ends when half of the queue has been sent.
    public var slowPeerTimeout: Duration?

    /// The defaults, as documented at each property.
    public init() {}
}

extension SocketLimits {
    /// A numeric limit.
    struct Row {
        /// The property.
        let name: String
        let path: WritableKeyPath<SocketLimits, Int>
        /// The smallest value.
        let minimum: Int

        init(_ name: String, _ path: WritableKeyPath<SocketLimits, Int>, minimum: Int = 1) {
            self.name = name
            self.path = path
            self.minimum = minimum
        }
    }

    /// All of them. Computed, because key paths are not Sendable.
    static var rows: [Row] {
        [
            Row("connections", \.connections),
            Row("connectionsPerAddress", \.connectionsPerAddress),
            Row("handshakes", \.handshakes),
            Row("handshakesPerAddress", \.handshakesPerAddress),
            Row("connectionRate", \.connectionRate),
            // A greeting and READY with the longest routing id take 366 bytes.
            Row("handshakeBytes", \.handshakeBytes, minimum: 512),
            Row("metadataBytes", \.metadataBytes, minimum: 512),
            Row("framesPerMessage", \.framesPerMessage),
            Row("commandsPerTurn", \.commandsPerTurn),
            Row("multicastSenders", \.multicastSenders),
        ]
    }
}
