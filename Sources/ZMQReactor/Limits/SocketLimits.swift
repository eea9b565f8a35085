/// What peers can take of a socket at most, whatever its type: ``SocketOptions/limits``.
///
/// Each limit is a property here and a row of `rows`, which has its smallest value and makes it an option of zmqcat, too. Its name and
/// counter are a row of ``SocketLimit``. The defaults suit a server in a public network; `Int.max` is as good as no limit.
/// What happens at each of them: <doc:Limits>.
public struct SocketLimits: Sendable, Equatable {
    // MARK: Connections

    /// Most connections that the socket has accepted at its endpoints together. Default 65,536.
    public var connections = 65_536

    /// Most connections that the socket has accepted from one remote address. Default 4096.
    public var connectionsPerAddress = 4096

    /// Most accepted connections of the socket whose handshake is in progress. Default 16,384.
    public var handshakes = 16_384

    /// Most accepted connections of the socket from one remote address whose handshake is in progress. Default 1024.
    public var handshakesPerAddress = 1024

    /// Most new connections of the socket per second, and at once after a quiet second. Default 10,000.
    public var connectionRate = 10_000

    /// Whether the limits per address hold for peers on this machine, too: those from a loopback address, and those of ipc, which count
    /// by user. Default false.
    public var countsLocalPeers = false

    // MARK: Handshakes and messages

    /// Most bytes that a peer may send before its handshake is complete, 512 or more. Default 16 KiB.
    public var handshakeBytes = 16 * 1024

    /// Most bytes of the metadata in a peer's READY, 512 or more. Default 8 KiB.
    public var metadataBytes = 8 * 1024

    /// Most frames of one message. Default 65,536.
    public var framesPerMessage = 65_536

    // MARK: Slow peers

    /// How long the queue for a peer may stay full before its connection ends; nil for ever. Default nil.
    ///
    /// The time begins when a message finds the queue full, and ends when half of it has left.
    public var slowPeerTimeout: Duration?

    /// The defaults, as each property says.
    public init() {}
}

extension SocketLimits {
    /// A limit that is a number.
    package struct Row {
        /// The property.
        package let name: String
        package let path: WritableKeyPath<SocketLimits, Int>
        /// The smallest value.
        package let minimum: Int

        init(_ name: String, _ path: WritableKeyPath<SocketLimits, Int>, minimum: Int = 1) {
            self.name = name
            self.path = path
            self.minimum = minimum
        }
    }

    /// All of them. Computed: key paths may not be shared.
    package static var rows: [Row] {
        [
            Row("connections", \.connections),
            Row("connectionsPerAddress", \.connectionsPerAddress),
            Row("handshakes", \.handshakes),
            Row("handshakesPerAddress", \.handshakesPerAddress),
            Row("connectionRate", \.connectionRate),
            // A greeting and READY with the longest routing id take 366.
            Row("handshakeBytes", \.handshakeBytes, minimum: 512),
            Row("metadataBytes", \.metadataBytes, minimum: 512),
            Row("framesPerMessage", \.framesPerMessage),
        ]
    }
}
