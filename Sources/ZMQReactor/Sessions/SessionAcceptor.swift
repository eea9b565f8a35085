import EventReactor
import ZMTP

/// A bound endpoint whose connections live on an I/O thread, in a session.
final class SessionAcceptor: SessionEndpoint, Acceptor {
    // The session may outlive it.
    weak var listener: Listener!
    private var peers: [ObjectIdentifier: SessionPeer] = [:]

    init(
        _ transport: any SessionTransport,
        of host: any ConnectionHost,
        _ options: EndpointOptions,
        on listening: ListeningDescriptor,
        at place: IOThreads.Place
    ) {
        super.init(listening.endpoint, of: host, options, at: place)
        let reason = host.rejection(of: nil, for: nil)
        establish(for: self) { session in
            session.reject(reason)
            session.listen(on: listening, with: transport)
        }
        // There no descriptor listens yet.
        if place.isOfScene { command(waiting: true) { _ in } }
    }

    // The session has begun by itself: the descriptor belongs to it.
    func start() {}

    // The endpoint can be bound again when this returns.
    func stop() { command(waiting: true) { $0.stopListening() } }

    // While the session exists, there may be connections that have not been reported.
    var hasMore: Bool { !isFinished }

    var connectionInfo: [ConnectionInfo] { handshakeInfo(isAccepted: true) }

    func closeConnections(all: Bool) { command { $0.closeConnections(all: all) } }

    // The session rejects further peers, so that their messages stay with them.
    func rejectionChanged() {
        let reason = host.rejection(of: nil, for: nil)
        command { $0.reject(reason) }
    }
}

extension SessionAcceptor: SessionOwner {
    func session(hasPeer peer: SessionPeer, _ channels: ChannelPair, on handle: ReactorHandle) {
        guard let listener else { return channels.refuse(.connector, wake: handle) }
        // The end of a connection may not have been noticed yet.
        if host.rejection(of: peer.peer, for: nil) != nil {
            for case let link as ChannelConnection in listener.links { link.takeNow() }
        }
        if host.isOpen, let reason = host.rejection(of: peer.peer, for: nil) {
            return refuse(channels, peer, because: reason, on: handle)
        }
        if host.isOpen { noteAcceptance(of: peer) }
        // The application may have closed the socket.
        guard host.rejection(of: peer.peer, for: nil) == nil else { return channels.refuse(.connector, wake: handle) }
        let pipe = host.makePipe(at: endpoint, endpointOptions, isPersistent: false)
        let link = link(pipe, peer, channels, on: handle, owner: self)
        peers[ObjectIdentifier(link)] = peer
        listener.joined(link, pipe, isCounted: false)
        if !link.isEnded { link.start(with: peer.peer) }
    }

    func session(reports event: SocketEvent) { report(event) }

    func sessionFinished() {
        finished()
        host.endpointChanged()
    }
}

extension SessionAcceptor: ChannelConnectionOwner {
    func sessionPeer(of link: ChannelConnection) -> SessionPeer? { peers[ObjectIdentifier(link)] }

    func connectionEnded(_ link: ChannelConnection) {
        guard let peer = peers.removeValue(forKey: ObjectIdentifier(link)) else { return }
        listener?.lost(link, link.reasonOfEnd, .disconnected(endpoint, peer, link.reasonOfEnd))
    }
}
