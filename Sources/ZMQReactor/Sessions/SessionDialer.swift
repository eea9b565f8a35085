import EventReactor
import ZMTP

/// Connects to an endpoint from an I/O thread, where a session makes and keeps the connection.
///
/// A queue for the endpoint belongs to the session: messages and subscriptions are passed on at once, whether or not
/// there is a connection, and are sent on the next one, even while the owner is busy. A queue for a peer is kept here,
/// and each connection has a link of its own; messages that the session could not send come back.
final class SessionDialer: SessionEndpoint, Dialer {
    // The session may outlive it.
    weak var connector: Connector!
    private let transport: any SessionTransport
    private var link: ChannelConnection? { connector?.link as? ChannelConnection }
    /// The peer at the other end of the link; nil if there is none.
    private var peer: SessionPeer?

    init(
        _ transport: any SessionTransport,
        of host: any ConnectionHost,
        _ options: EndpointOptions,
        at place: IOThreads.Place
    ) {
        self.transport = transport
        super.init(transport.endpoint, of: host, options, at: place)
    }

    // The session makes further attempts.
    var redialsItself: Bool { true }

    func dial() {
        let transport = transport
        guard let pipe = connector.pipe, endpointOptions.profile.type.traits.contains(.queuesForEndpoint) else {
            return establish(for: self) { $0.connect(with: transport) }
        }
        let channels = ChannelPair(between: place.handle, and: host.reactor.handle)
        establish(for: self, channels) { $0.connect(with: transport) }
        let link = link(pipe, channels, owner: self)
        connector.joined(link)
        link.attach()
    }

    func stop() { command { $0.stopConnecting() } }

    var connectionInfo: [ConnectionInfo] {
        guard let peer else { return handshakeInfo(isAccepted: false) }
        link?.refreshCredit()
        return [ConnectionInfo(of: connector.pipe, endpoint: endpoint, peer: peer, isAccepted: false)]
    }
}

extension SessionDialer: SessionOwner {
    func session(hasPeer peer: SessionPeer, _ channels: ChannelPair, on handle: ReactorHandle) {
        // The end of the previous connection may not have been noticed yet.
        link?.takeNow()
        guard let connector, !connector.isClosed, link == nil else {
            return channels.refuse(.connector, wake: handle)
        }
        let pipe = connector.pipe
        if pipe != nil || host.isOpen && !connector.isClosing, let reason = host.rejection(of: peer.peer, for: pipe) {
            return refuse(channels, peer, because: reason, on: handle)
        }
        noteAcceptance(of: peer)
        // The application may have given the socket another peer in this event, or have closed it.
        guard host.rejection(of: peer.peer, for: connector.pipe) == nil, let pipe = connector.pipeForLink() else {
            return channels.refuse(.connector, wake: handle)
        }
        let link = link(pipe, peer, channels, on: handle, owner: self)
        connector.joined(link)
        self.peer = peer
        link.start(with: peer.peer)
        if connector.isClosing, !link.isEnded { link.close(afterSending: true) }
    }

    func session(reports event: SocketEvent) { if connector?.isClosed == false { report(event) } }

    func sessionFinished() {
        finished()
        link?.takeNow()
        connector?.finish()
    }
}

extension SessionDialer: ChannelConnectionOwner {
    var takesBack: Bool { host.isOpen && !options.isImmediate }

    func connection(_ link: ChannelConnection, hasPeer peer: SessionPeer) { self.peer = peer }

    func connection(_ link: ChannelConnection, hasLostPeerBecause reason: EventReason) {
        guard let lost = peer.take() else { return }
        host.observer.record(.disconnected(endpoint, lost, reason))
    }

    func connection(_ link: ChannelConnection, recorded event: SocketEvent) { session(reports: event) }

    func connectionEnded(_ link: ChannelConnection) {
        let lost = peer.take()
        connector?.lost(
            link.reasonOfEnd,
            lost.map { .disconnected(endpoint, $0, link.reasonOfEnd) },
            isFinal: link.outlivesConnections
        )
    }
}
