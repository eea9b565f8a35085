import EventReactor
import ZMTP

/// A bound endpoint whose connections live on an I/O thread, in a session.
final class SessionAcceptor: SessionEndpoint, Listener {
    private struct Member {
        let link: ChannelConnection
        let pipe: Pipe
        let peer: SessionPeer
    }

    private var members: [ObjectIdentifier: Member] = [:]
    private(set) var isListening = true

    init(
        _ transport: any StreamTransport,
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
    }

    /// While the session exists, there may be connections that have not been reported.
    var connectionCount: Int { isFinished ? 0 : max(members.count, isListening ? 0 : 1) }

    var unsentMessages: Int {
        members.values.reduce(0) {
            $1.link.refreshRoom()
            return $0 + $1.link.unsentCount
        }
    }

    var connectionInfo: [ConnectionInfo] {
        members.values.map {
            $0.link.refreshRoom()
            return ConnectionInfo(of: $0.pipe, endpoint: endpoint, peer: $0.peer, isAccepted: true)
        } + handshakeInfo(isAccepted: true)
    }

    func stopListening() {
        guard isListening else { return }
        isListening = false
        // The endpoint can be bound again when this returns.
        command(waiting: true) { $0.stopListening() }
        host.observer.record(.closed(endpoint))
    }

    func closeConnections(afterSending: Bool) {
        for member in members.values { member.link.close(afterSending: afterSending) }
        command { $0.closeConnections(all: !afterSending) }
    }

    /// The socket has begun or ceased to reject further peers: the session rejects them, so that their messages stay
    /// with them.
    func rejectionChanged() {
        let reason = host.rejection(of: nil, for: nil)
        command { $0.reject(reason) }
    }
}

extension SessionAcceptor: SessionOwner {
    func session(hasPeer peer: SessionPeer, _ channels: ChannelPair, on handle: ReactorHandle) {
        // The end of a connection may not have been noticed yet.
        if host.rejection(of: peer.peer, for: nil) != nil { for member in members.values { member.link.takeNow() } }
        if host.isOpen, let reason = host.rejection(of: peer.peer, for: nil) {
            return refuse(channels, peer, because: reason, on: handle)
        }
        if host.isOpen { noteAcceptance(of: peer) }
        // The application may have closed the socket.
        guard host.rejection(of: peer.peer, for: nil) == nil else { return channels.refuse(.connector, wake: handle) }
        let pipe = host.makePipe(at: endpoint, endpointOptions, isPersistent: false)
        let link = link(pipe, peer, channels, on: handle, owner: self)
        members[ObjectIdentifier(link)] = Member(link: link, pipe: pipe, peer: peer)
        pipe.sink.add(pipe)
        if !link.isEnded { link.start(with: peer.peer) }
    }

    func session(reports event: SocketEvent) { report(event) }

    func sessionFinished() {
        finished()
        host.endpointChanged()
    }
}

extension SessionAcceptor: ChannelConnectionOwner {
    func connectionEnded(_ link: ChannelConnection) {
        guard let member = members.removeValue(forKey: ObjectIdentifier(link)) else { return }
        host.observer.record(.disconnected(endpoint, member.peer, link.reasonOfEnd))
        host.endpointChanged()
    }
}
