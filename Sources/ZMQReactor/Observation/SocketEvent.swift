/// An event of a socket's connections.
public enum SocketEvent: Sendable, Equatable {
    /// The socket is bound to the endpoint, which is the resolved one (without wildcards).
    case listening(endpoint: String)
    /// A peer has connected to the bound endpoint; the handshake follows.
    case accepted(endpoint: String, peer: PeerDescription)
    /// The socket is already connected to the endpoint, or about to be, and its type does not use a second connection:
    /// the call had no effect. See ``Socket/connect(_:)``.
    case connectIgnored(endpoint: String)
    /// The connection to the endpoint is established; the handshake follows.
    case connected(endpoint: String, peer: PeerDescription)
    /// One of the addresses of the endpoint's host could not be connected to, and the next one is tried. When the last
    /// one fails, `connectDelayed` or `connectFailed` has the reason.
    case addressFailed(endpoint: String, address: String, reason: EventReason)
    /// The endpoint cannot be reached now; the next attempt follows after the delay.
    case connectDelayed(endpoint: String, delay: Duration, reason: EventReason)
    /// A new attempt to connect begins.
    case connectRetried(endpoint: String)
    /// The endpoint could not be reached, and no further attempt is made, because of ``SocketOptions/reconnectStop``.
    /// `closed` follows.
    case connectFailed(endpoint: String, reason: EventReason)
    /// The handshake is complete, and the peer's type is compatible: messages can be exchanged.
    case handshakeSucceeded(endpoint: String, peer: PeerDescription, peerType: SocketType)
    /// This side rejected the peer, or the peer rejected this side. Without `accepted` before it, a limit has rejected
    /// the connection, and there is one such event per second for all that the limit rejects: see <doc:Limits>.
    case handshakeFailed(endpoint: String, peer: PeerDescription, reason: EventReason)
    /// A peer has reached a limit that does not close its connection: ``SocketLimit/commandsPerTurn``. Reported once for
    /// each connection; ``SocketStatistics/limits`` counts every time.
    case limited(endpoint: String, peer: PeerDescription, limit: SocketLimit)
    /// A connection whose handshake was complete has ended. Over multicast and udp, which have no connections: what a
    /// sender sends is faulty, or has been lost.
    case disconnected(endpoint: String, peer: PeerDescription, reason: EventReason)
    /// The socket no longer listens at, or connects to, the endpoint.
    case closed(endpoint: String)

    /// The event's name in kebab case, as `zmqcat --events` prints it.
    public var name: String {
        switch self {
        case .listening: "listening"
        case .accepted: "accepted"
        case .connectIgnored: "connect-ignored"
        case .connected: "connected"
        case .addressFailed: "address-failed"
        case .connectDelayed: "connect-delayed"
        case .connectRetried: "connect-retried"
        case .connectFailed: "connect-failed"
        case .handshakeSucceeded: "handshake-succeeded"
        case .handshakeFailed: "handshake-failed"
        case .limited: "limited"
        case .disconnected: "disconnected"
        case .closed: "closed"
        }
    }

    /// The endpoint that was bound or connected to.
    public var endpoint: String {
        switch self {
        case .listening(let endpoint), .accepted(let endpoint, _), .connected(let endpoint, _),
            .connectIgnored(let endpoint), .addressFailed(let endpoint, _, _), .connectDelayed(let endpoint, _, _),
            .connectRetried(let endpoint), .connectFailed(let endpoint, _),
            .handshakeSucceeded(let endpoint, _, _), .handshakeFailed(let endpoint, _, _),
            .limited(let endpoint, _, _), .disconnected(let endpoint, _, _), .closed(let endpoint):
            endpoint
        }
    }

    /// The other end, for events of a connection; nil for those of an endpoint.
    public var peer: PeerDescription? {
        switch self {
        case .accepted(_, let peer), .connected(_, let peer), .handshakeSucceeded(_, let peer, _),
            .handshakeFailed(_, let peer, _), .limited(_, let peer, _), .disconnected(_, let peer, _):
            peer
        case .listening, .connectIgnored, .addressFailed, .connectDelayed, .connectRetried, .connectFailed, .closed:
            nil
        }
    }

    /// The address of the host that could not be connected to, with the port.
    private var address: String? { if case .addressFailed(_, let address, _) = self { address } else { nil } }

    /// The limit that was reached or is the reason, for events that have one.
    public var limit: SocketLimit? { if case .limited(_, _, let limit) = self { limit } else { reason?.limit } }

    /// The reason, for events that have one.
    public var reason: EventReason? {
        switch self {
        case .addressFailed(_, _, let reason), .connectDelayed(_, _, let reason), .connectFailed(_, let reason),
            .handshakeFailed(_, _, let reason), .disconnected(_, _, let reason):
            reason
        default: nil
        }
    }
}

extension SocketEvent: CustomStringConvertible {
    /// Name, endpoint, address, peer, and reason or limit, as far as the event has them.
    public var description: String {
        "\(name) \(endpoint)" + (address.map { " \($0)" } ?? "") + (peer.map { " \($0)" } ?? "")
            + (reason.map { " \($0)" } ?? limit.map { " \($0.name)" } ?? "")
    }
}
