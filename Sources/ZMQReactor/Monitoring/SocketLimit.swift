/// A bound on what peers can take of a socket.
///
/// ``EventReason/limit`` names the one that a connection ran into, and ``SocketStatistics/limits`` counts how often each did.
/// What each means, its option and its default: <doc:Limits>.
public struct SocketLimit: Hashable, Sendable {
    /// A new row is a new limit: it has a name and a counter from here on.
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

        /// The number of the limit's counter.
        var index: Int { Self.allCases.firstIndex(of: self)! }
    }

    let row: Row
    private init(_ row: Row) { self.row = row }

    /// The limit's name in kebab case, for logs and metrics.
    public var name: String { row.rawValue }

    /// Every limit there is.
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
    /// File descriptors of the process or of the system, which have no option here: see getrlimit(2), RLIMIT_NOFILE.
    public static let descriptors = SocketLimit(.descriptors)
    /// The time of a handshake, see ``SocketOptions/handshakeInterval``.
    public static let handshakeTime = SocketLimit(.handshakeTime)
    /// The bytes of an entire handshake.
    public static let handshakeBytes = SocketLimit(.handshakeBytes)
    /// The bytes of the metadata that a peer introduces itself with.
    public static let metadataBytes = SocketLimit(.metadataBytes)
    /// The frames of one message.
    public static let framesPerMessage = SocketLimit(.framesPerMessage)
    /// The bytes of one message, see ``SocketOptions/maxMessageSize``.
    public static let messageSize = SocketLimit(.messageSize)
    /// The bytes of messages that have arrived in part, see ``SocketOptions/receiveBudget``.
    public static let unfinishedBytes = SocketLimit(.unfinishedBytes)
    /// The different topics that one peer has subscribed to, see ``SubscriptionLimits/topics``.
    public static let subscriptions = SocketLimit(.subscriptions)
    /// The bytes of the topics that one peer has subscribed to, see ``SubscriptionLimits/bytes``.
    public static let subscriptionBytes = SocketLimit(.subscriptionBytes)
    /// The subscriptions of all peers of the socket.
    public static let totalSubscriptions = SocketLimit(.totalSubscriptions)
    /// The bytes of the subscriptions of all peers of the socket.
    public static let totalSubscriptionBytes = SocketLimit(.totalSubscriptionBytes)
    /// How long the queue for a peer may stay full.
    public static let slowPeer = SocketLimit(.slowPeer)
}

extension SocketLimit: CustomStringConvertible {
    public var description: String { name }
}

extension SocketLimit {
    /// How often each limit of a socket has struck.
    public struct Counts: Sendable {
        private var counts = InlineArray<17, Int>(repeating: 0)

        init() { precondition(counts.count == Row.allCases.count, "each limit has one counter") }

        /// The connections that were refused or ended because of the limit.
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
    /// The limits that have struck, such as `connections: 3, slow-peer: 1`.
    public var description: String {
        SocketLimit.all.filter { self[$0] > 0 }.map { "\($0): \(self[$0])" }.joined(separator: ", ")
    }
}
