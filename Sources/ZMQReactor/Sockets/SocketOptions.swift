/// How a socket behaves, whatever its type. What concerns one type only is a property of that type.
///
/// Given when a socket is created, or changed later with ``Socket/configure(_:)``; a later change holds for the binds and
/// connects that follow it.
public struct SocketOptions: Sendable, Equatable {
    /// How long a closed socket may go on sending what is queued.
    public enum Linger: Sendable, Equatable {
        /// Not at all: what is queued is thrown away.
        case none
        /// Until everything has left, but no longer than this.
        case atMost(Duration)
        /// Until everything has left, however long that takes.
        case untilSent
    }

    /// Most messages queued for one peer that have not left yet, counted whole. 0 means no limit. Default 1000.
    public var sendHighWaterMark = 1000

    /// Most messages that have arrived from one peer and that the application has not taken, counted whole; then the socket
    /// stops reading from that peer. 0 means no limit. Default 1000.
    public var receiveHighWaterMark = 1000

    /// A limit in bytes beside ``sendHighWaterMark``, for messages of very different sizes: a message is taken as long as
    /// the bytes queued for the peer are fewer than this, frame headers included. Default nil: no limit.
    public var sendHighWaterMarkBytes: Int?

    /// A limit in bytes beside ``receiveHighWaterMark``: the socket reads on from a peer as long as the bytes that wait for the
    /// application are fewer than this, frame headers included. Default nil: no limit.
    public var receiveHighWaterMarkBytes: Int?

    /// Whether only the newest message is kept, for each peer and direction, in place of a queue: for values of which only
    /// the last counts. Multipart messages are kept whole. High-water marks have no effect; what is displaced counts as
    /// dropped. For PUB, SUB, PUSH, PULL and DEALER. Default false.
    public var conflates = false

    /// What happens to queued messages when the socket is closed. Default: at most 30 s.
    public var linger = Linger.atMost(.seconds(30))

    /// The pause before the first attempt to connect again; it doubles with every further attempt, each time changed by up to
    /// a quarter at random, and starts again after a handshake. Default 100 ms.
    public var reconnectInterval = Duration.milliseconds(100)

    /// The longest pause between two attempts to connect. Default 5 s.
    public var reconnectIntervalMax = Duration.seconds(5)

    /// How long one attempt to connect may take; nil leaves it to the operating system. Default 10 s.
    public var connectTimeout: Duration? = .seconds(10)

    /// How long a new connection may take to shake hands before it is dropped. Default 30 s.
    public var handshakeTimeout = Duration.seconds(30)

    /// The largest message that is accepted from a peer, in bytes on the wire; a peer that announces more is
    /// disconnected. Default 1 GiB.
    public var maxMessageSize = 1 << 30

    /// Whether peers that speak ZMTP 1.0 or 2.0 are let in. When they are not, the whole greeting is sent at once, which
    /// saves a new connection up to two round trips. Default true.
    public var acceptsOlderPeers = true

    /// Connections that the operating system may hold for us until they are accepted, see listen(2). Default 100.
    public var backlog = 100

    public init() {}

    func validate(for type: SocketType) throws(ZMQError) {
        func require(_ holds: Bool, _ option: String, _ rule: String, _ value: some Any) throws(ZMQError) {
            guard !holds else { return }
            throw ZMQError(.invalidArgument, "\(option) must be \(rule), not \(value)", option: option)
        }
        try require(sendHighWaterMark >= 0, "sendHighWaterMark", "0 (no limit) or more", sendHighWaterMark)
        try require(receiveHighWaterMark >= 0, "receiveHighWaterMark", "0 (no limit) or more", receiveHighWaterMark)
        if let bytes = sendHighWaterMarkBytes {
            try require(bytes > 0, "sendHighWaterMarkBytes", "1 or more, or nil", bytes)
        }
        if let bytes = receiveHighWaterMarkBytes {
            try require(bytes > 0, "receiveHighWaterMarkBytes", "1 or more, or nil", bytes)
        }
        let canConflate = [.pub, .sub, .push, .pull, .dealer].contains(type)
        try require(!conflates || canConflate, "conflates", "false for a \(type) socket", conflates)
        if case .atMost(let limit) = linger { try require(limit >= .zero, "linger", "zero or longer", limit) }
        try require(reconnectInterval > .zero, "reconnectInterval", "longer than zero", reconnectInterval)
        try require(
            reconnectIntervalMax >= reconnectInterval,
            "reconnectIntervalMax",
            "at least reconnectInterval (\(reconnectInterval))",
            reconnectIntervalMax
        )
        if let connectTimeout {
            try require(connectTimeout > .zero, "connectTimeout", "longer than zero", connectTimeout)
        }
        try require(handshakeTimeout > .zero, "handshakeTimeout", "longer than zero", handshakeTimeout)
        try require(maxMessageSize > 0, "maxMessageSize", "1 or more", maxMessageSize)
        try require(backlog > 0, "backlog", "1 or more", backlog)
    }
}
