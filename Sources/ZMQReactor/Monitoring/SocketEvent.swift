/// What happens to the connections of a socket.
public enum SocketEvent: Sendable, Equatable {
    /// The socket is bound to the endpoint, which is the real one (no wildcard).
    case listening(endpoint: String)
    /// A peer has connected to the bound endpoint; the handshake follows.
    case accepted(endpoint: String, peer: String)
    /// The socket is connected to the endpoint already, or is going to be, and its type has no use for a second connection: the call has had
    /// no effect. See ``Socket/connect(_:)``.
    case connectIgnored(endpoint: String)
    /// The connection to the endpoint is made; the handshake follows.
    case connected(endpoint: String, peer: String)
    /// The endpoint cannot be reached now; the next attempt follows after the delay.
    case connectDelayed(endpoint: String, delay: Duration, reason: EventReason)
    /// An attempt to connect begins again.
    case connectRetried(endpoint: String)
    /// The endpoint could not be reached, and no further attempt is made, because of ``SocketOptions/reconnectStop``. What follows is
    /// `closed`.
    case connectFailed(endpoint: String, reason: EventReason)
    /// The peer has shown that it speaks our protocol and that its type fits ours: messages can flow.
    case handshakeSucceeded(endpoint: String, peer: String, peerType: SocketType)
    /// The peer was turned away, or has turned us away. Without `accepted` before it, a limit has refused the connection, and there is one
    /// such event per second for all that it refuses: see <doc:Limits>.
    case handshakeFailed(endpoint: String, peer: String, reason: EventReason)
    /// A connection that had shaken hands has ended.
    case disconnected(endpoint: String, peer: String, reason: EventReason)
    /// The socket no longer listens at, or connects to, the endpoint.
    case closed(endpoint: String)

    /// The event's name in kebab case, as `zmqcat --events` prints it.
    public var name: String {
        switch self {
        case .listening: "listening"
        case .accepted: "accepted"
        case .connectIgnored: "connect-ignored"
        case .connected: "connected"
        case .connectDelayed: "connect-delayed"
        case .connectRetried: "connect-retried"
        case .connectFailed: "connect-failed"
        case .handshakeSucceeded: "handshake-succeeded"
        case .handshakeFailed: "handshake-failed"
        case .disconnected: "disconnected"
        case .closed: "closed"
        }
    }

    /// The endpoint that was bound or connected to.
    public var endpoint: String {
        switch self {
        case .listening(let endpoint), .accepted(let endpoint, _), .connected(let endpoint, _),
            .connectIgnored(let endpoint), .connectDelayed(let endpoint, _, _), .connectRetried(let endpoint),
            .connectFailed(let endpoint, _),
            .handshakeSucceeded(let endpoint, _, _), .handshakeFailed(let endpoint, _, _),
            .disconnected(let endpoint, _, _), .closed(let endpoint):
            endpoint
        }
    }

    /// Who is at the other end, for the events of a connection that was made: `host:port` for tcp, `pid 4711 uid 1000` for
    /// ipc.
    public var peer: String? {
        switch self {
        case .accepted(_, let peer), .connected(_, let peer), .handshakeSucceeded(_, let peer, _),
            .handshakeFailed(_, let peer, _), .disconnected(_, let peer, _):
            peer
        case .listening, .connectIgnored, .connectDelayed, .connectRetried, .connectFailed, .closed: nil
        }
    }

    /// Why, for the events that have a reason.
    public var reason: EventReason? {
        switch self {
        case .connectDelayed(_, _, let reason), .connectFailed(_, let reason), .handshakeFailed(_, _, let reason),
            .disconnected(_, _, let reason):
            reason
        default: nil
        }
    }
}

extension SocketEvent: CustomStringConvertible {
    public var description: String { "\(name) \(endpoint)" + (reason.map { " \($0)" } ?? "") }
}
