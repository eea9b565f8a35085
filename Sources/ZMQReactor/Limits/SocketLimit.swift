/// A limit on what peers may take of a socket.
///
/// ``EventReason/limit`` names the one that a connection exceeded, and ``SocketStatistics/limits`` counts how often
/// each was exceeded. What each means, its option and its default: <doc:Limits>.
public struct SocketLimit: Hashable, Sendable {
    /// A new row is a new limit, with its name and counter.
    enum Row: String, Hashable, CaseIterable, Sendable {
        case connections
        case connectionsPerAddress = "connections-per-address"
        case handshakes
        case handshakesPerAddress = "handshakes-per-address"
        case connectionRate = "connection-rate"
        case descriptors
        case handshakeTime = "handshake-time"
        case handshakeBytes = "handshake-bytes"
        case metadataBytes = "metadata-bytes"
        case framesPerMessage = "frames-per-message"
        case messageSize = "message-size"
        case unfinishedBytes = "unfinished-bytes"
        case subscriptions
        case subscriptionBytes = "subscription-bytes"
        case totalSubscriptions = "total-subscriptions"
        case totalSubscriptionBytes = "total-subscription-bytes"
        case slowPeer = "slow-peer"
        case authenticationTime = "authentication-time"
        case commandsPerTurn = "commands-per-turn"
        case multicastSenders = "multicast-senders"

        /// The number of the limit's counter.
        var index: Int { Self.allCases.firstIndex(of: self)! }
    }

    let row: Row
    private init(_ row: Row) { self.row = row }

    /// The limit's name in kebab case, for logs and metrics.
    public var name: String { row.rawValue }

    /// All limits.
    public static var all: [SocketLimit] { Row.allCases.map { SocketLimit($0) } }

    /// Accepted connections of the socket.
    public static let connections = SocketLimit(.connections)
    /// Accepted connections of the socket from one remote address.
    public static let connectionsPerAddress = SocketLimit(.connectionsPerAddress)
    /// Accepted connections of the socket whose handshake is in progress.
    public static let handshakes = SocketLimit(.handshakes)
    /// Accepted connections of the socket from one remote address whose handshake is in progress.
    public static let handshakesPerAddress = SocketLimit(.handshakesPerAddress)
    /// New connections of the socket per second.
    public static let connectionRate = SocketLimit(.connectionRate)
    /// File descriptors of the process or of the system, which have no option: see getrlimit(2), RLIMIT_NOFILE.
    public static let descriptors = SocketLimit(.descriptors)
    /// The time of a handshake; see ``SocketOptions/handshakeInterval``.
    public static let handshakeTime = SocketLimit(.handshakeTime)
    /// The bytes of a whole handshake.
    public static let handshakeBytes = SocketLimit(.handshakeBytes)
    /// The bytes of the metadata in a peer's READY.
    public static let metadataBytes = SocketLimit(.metadataBytes)
    /// The frames of one message.
    public static let framesPerMessage = SocketLimit(.framesPerMessage)
    /// The bytes of one message; see ``SocketOptions/maxMessageSize``.
    public static let messageSize = SocketLimit(.messageSize)
    /// The bytes of messages that have partly arrived; see ``SocketOptions/receiveBudget``.
    public static let unfinishedBytes = SocketLimit(.unfinishedBytes)
    /// The different topics to which one peer has subscribed; see ``SubscriptionLimits/topics``.
    public static let subscriptions = SocketLimit(.subscriptions)
    /// The bytes of the topics to which one peer has subscribed; see ``SubscriptionLimits/bytes``.
    public static let subscriptionBytes = SocketLimit(.subscriptionBytes)
    /// The subscriptions of all peers of the socket.
    public static let totalSubscriptions = SocketLimit(.totalSubscriptions)
    /// The bytes of the subscriptions of all peers of the socket.
    public static let totalSubscriptionBytes = SocketLimit(.totalSubscriptionBytes)
    /// How long the queue for a peer may stay full.
    public static let slowPeer = SocketLimit(.slowPeer)
    /// The time of an authenticator; see ``SocketSecurity/authenticationTimeout``.
    public static let authenticationTime = SocketLimit(.authenticationTime)
    /// The commands of one peer in one turn of the loop. It is counted for each turn, and closes no connection.
    public static let commandsPerTurn = SocketLimit(.commandsPerTurn)
    /// The senders of a multicast group.
    public static let multicastSenders = SocketLimit(.multicastSenders)
}

extension SocketLimit: CustomStringConvertible {
    public var description: String { name }
}

extension SocketLimit {
    /// How often each limit of a socket was exceeded.
    public struct Counts: Sendable {
        private var counts = InlineArray<20, Int>(repeating: 0)

        init() { precondition(counts.count == Row.allCases.count, "each limit has one counter") }

        /// The connections that were rejected or closed because of the limit; for ``SocketLimit/commandsPerTurn``, the
        /// turns in which a peer's input had to wait.
        public internal(set) subscript(limit: SocketLimit) -> Int {
            get { counts[limit.row.index] }
            set { counts[limit.row.index] = newValue }
        }

        /// The sum over all limits.
        public var total: Int { SocketLimit.all.reduce(0) { $0 + self[$1] } }
    }
}

extension SocketLimit.Counts: Equatable {
    public static func == (one: Self, other: Self) -> Bool { SocketLimit.all.allSatisfy { one[$0] == other[$0] } }
}

extension SocketLimit.Counts: CustomStringConvertible {
    /// The limits that were exceeded, such as `connections: 3, slow-peer: 1`.
    public var description: String {
        SocketLimit.all.filter { self[$0] > 0 }.map { "\($0): \(self[$0])" }.joined(separator: ", ")
    }
}
