import ZMTP

/// What a ``SocketObserver`` counts. Numbers only, so that counting costs no more than an addition.
enum Count {
    /// Messages have been passed to the operating system or to the other end in this process.
    case sent(Int)
    /// Messages have arrived.
    case received(Int)
    case bytesSent(Int)
    case bytesReceived(Int)
    /// Messages have been dropped.
    case dropped(Int, DropReason)
    /// Sends have been refused; a negative number if they will be tried again without the application.
    case refused(Int)
    /// A handshake is complete.
    case connectionMade
    /// A connection was made again.
    case reconnected
    /// A handshake has failed; connections that a limit rejects do not begin one.
    case handshakeFailed
    /// A PING was answered after so many nanoseconds.
    case roundTrip(Int64)
    /// A limit has closed a connection.
    case limit(SocketLimit)
}

/// What a ``SocketObserver`` reports; see ``SocketEvent``. Turned into text only if events are observed.
enum Fact {
    case listening(Endpoint)
    case accepted(Endpoint, any ObservedPeer)
    case connectIgnored(Endpoint)
    case connected(Endpoint, any ObservedPeer)
    case addressFailed(Endpoint, String, EventReason)
    case connectDelayed(Endpoint, Duration, EventReason)
    case connectRetried(Endpoint)
    case connectFailed(Endpoint, EventReason)
    case handshakeSucceeded(Endpoint, any ObservedPeer, SocketType)
    case handshakeFailed(Endpoint, any ObservedPeer, EventReason)
    case limited(Endpoint, any ObservedPeer, SocketLimit)
    case disconnected(Endpoint, any ObservedPeer, EventReason)
    case closed(Endpoint)
    /// Recorded by the session of an endpoint.
    case reported(SocketEvent)
}

/// The other end of a connection, as events name it.
protocol ObservedPeer {
    /// Evaluated only if events are observed.
    var peerDescription: PeerDescription { get }
}

extension PeerDescription: ObservedPeer {
    var peerDescription: PeerDescription { self }
}

extension Fact {
    /// The event that the fact stands for.
    var event: SocketEvent {
        switch self {
        case .listening(let endpoint): .listening(endpoint: "\(endpoint)")
        case .accepted(let endpoint, let peer): .accepted(endpoint: "\(endpoint)", peer: peer.peerDescription)
        case .connectIgnored(let endpoint): .connectIgnored(endpoint: "\(endpoint)")
        case .connected(let endpoint, let peer): .connected(endpoint: "\(endpoint)", peer: peer.peerDescription)
        case .addressFailed(let endpoint, let address, let reason):
            .addressFailed(endpoint: "\(endpoint)", address: address, reason: reason)
        case .connectDelayed(let endpoint, let delay, let reason):
            .connectDelayed(endpoint: "\(endpoint)", delay: delay, reason: reason)
        case .connectRetried(let endpoint): .connectRetried(endpoint: "\(endpoint)")
        case .connectFailed(let endpoint, let reason): .connectFailed(endpoint: "\(endpoint)", reason: reason)
        case .handshakeSucceeded(let endpoint, let peer, let type):
            .handshakeSucceeded(endpoint: "\(endpoint)", peer: peer.peerDescription, peerType: type)
        case .handshakeFailed(let endpoint, let peer, let reason):
            .handshakeFailed(endpoint: "\(endpoint)", peer: peer.peerDescription, reason: reason)
        case .limited(let endpoint, let peer, let limit):
            .limited(endpoint: "\(endpoint)", peer: peer.peerDescription, limit: limit)
        case .disconnected(let endpoint, let peer, let reason):
            .disconnected(endpoint: "\(endpoint)", peer: peer.peerDescription, reason: reason)
        case .closed(let endpoint): .closed(endpoint: "\(endpoint)")
        case .reported(let event): event
        }
    }
}
