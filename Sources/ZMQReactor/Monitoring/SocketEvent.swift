/// What happens to the connections of a socket.
public enum SocketEvent: Sendable {
    /// The socket is bound to the endpoint, which is the real one (no wildcard).
    case listening(endpoint: String)
    /// A peer has connected to the bound endpoint; the handshake follows.
    case accepted(endpoint: String, peer: String)
    /// The connection to the endpoint is made; the handshake follows.
    case connected(endpoint: String)
    /// The endpoint cannot be reached now; the next attempt follows after the delay.
    case connectDelayed(endpoint: String, delay: Duration, reason: String)
    /// An attempt to connect begins again.
    case connectRetried(endpoint: String)
    /// The peer has shown that it speaks our protocol and that its type fits ours: messages can flow.
    case handshakeSucceeded(endpoint: String, peerType: SocketType)
    /// The peer was turned away, or has turned us away.
    case handshakeFailed(endpoint: String, reason: String)
    /// A connection that had shaken hands has ended.
    case disconnected(endpoint: String, reason: String)
    /// The socket no longer listens at, or connects to, the endpoint.
    case closed(endpoint: String)

    /// The event's name in kebab case, as `zmqcat --events` prints it.
    public var name: String {
        switch self {
        case .listening: "listening"
        case .accepted: "accepted"
        case .connected: "connected"
        case .connectDelayed: "connect-delayed"
        case .connectRetried: "connect-retried"
        case .handshakeSucceeded: "handshake-succeeded"
        case .handshakeFailed: "handshake-failed"
        case .disconnected: "disconnected"
        case .closed: "closed"
        }
    }

    /// The endpoint that was bound or connected to.
    public var endpoint: String {
        switch self {
        case .listening(let endpoint), .accepted(let endpoint, _), .connected(let endpoint),
            .connectDelayed(let endpoint, _, _), .connectRetried(let endpoint), .handshakeSucceeded(let endpoint, _),
            .handshakeFailed(let endpoint, _), .disconnected(let endpoint, _), .closed(let endpoint):
            endpoint
        }
    }

    /// Why, for the events that have a reason.
    public var reason: String? {
        switch self {
        case .connectDelayed(_, _, let reason), .handshakeFailed(_, let reason), .disconnected(_, let reason): reason
        default: nil
        }
    }
}

extension SocketEvent: CustomStringConvertible {
    public var description: String { "\(name) \(endpoint)" + (reason.map { " \($0)" } ?? "") }
}
