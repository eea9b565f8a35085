import EventReactor
import ZMTP

/// Connects to an endpoint from an I/O thread, where a session makes and keeps the connection.
///
/// A queue for the endpoint belongs to the session: messages and subscriptions are passed on at once, whether or not
/// there is a connection, and are sent on the next one, even while the owner is busy. A queue for a peer is kept here,
/// and each connection has a link of its own; messages that the session could not send come back.
final class SessionDialer: SessionEndpoint, Connector {
    private let transport: any StreamTransport
    private var pipe: Pipe?
    private var link: ChannelConnection?
    /// The peer at the other end of the link; nil if there is none.
    private var peer: SessionPeer?
    private var lingerTimer: ReactorTimer?
    private var completions: [(CloseReport) -> Void] = []
    private(set) var isClosing = false
    /// Whether messages that cannot be sent at once are dropped.
    private var givesUp = false
    private(set) var isClosed = false

    init(
        _ transport: any StreamTransport,
        of host: any ConnectionHost,
        _ options: EndpointOptions,
        at place: IOThreads.Place
    ) {
        self.transport = transport
        super.init(transport.endpoint, of: host, options, at: place)
        if !options.options.isImmediate { addPipe() }
    }

    @discardableResult
    private func addPipe() -> Pipe {
        let pipe = host.makePipe(at: endpoint, endpointOptions, isPersistent: !options.isImmediate)
        self.pipe = pipe
        pipe.sink.add(pipe)
        return pipe
    }

    func start() {
        let transport = transport
        guard let pipe, endpointOptions.profile.type.traits.contains(.queuesForEndpoint) else {
            return establish(for: self) { $0.connect(with: transport) }
        }
        let channels = ChannelPair(between: place.handle, and: host.reactor.handle)
        establish(for: self, channels) { $0.connect(with: transport) }
        let link = link(pipe, channels, owner: self)
        self.link = link
        link.attach()
    }

    var unsentMessages: Int {
        link?.refreshRoom()
        return link?.unsentCount ?? pipe?.outbound.count ?? 0
    }

    func serves(_ pipe: Pipe) -> Bool { pipe === self.pipe }

    var connectionInfo: [ConnectionInfo] {
        guard let peer else { return handshakeInfo(isAccepted: false) }
        link?.refreshRoom()
        return [ConnectionInfo(of: pipe, endpoint: endpoint, peer: peer, isAccepted: false)]
    }

    func close(afterSending: Bool) {
        guard !isClosed else { return }
        isClosing = true
        if !afterSending { givesUp = true }
        if host.isOpen { pipe?.takeNoMore() }
        if let link { return link.close(afterSending: afterSending) }
        if afterSending, unsentMessages > 0 { return }  // until there is a connection
        finish()
    }

    func disconnect(_ completion: @escaping (CloseReport) -> Void) {
        completions.append(completion)
        let isInVain = options.linger == .none || (peer == nil && options.reconnectStop.contains(.afterDisconnect))
        if case .atMost(let limit) = options.linger, !isInVain {
            lingerTimer = host.reactor.after(limit) { [unowned self] _ in close(afterSending: false) }
        }
        close(afterSending: !isInVain)
    }

    private func finish() {
        guard !isClosed else { return }
        isClosed = true
        lingerTimer?.cancel()
        command { $0.stopConnecting() }
        reportUnsent()
        if let pipe { pipe.sink.remove(pipe) }
        host.observer.record(.closed(endpoint))
        host.endpointChanged()
    }

    /// Reports unsent messages to the completions of `disconnect`, then drops them: they are not for another peer.
    private func reportUnsent() {
        guard !completions.isEmpty else { return }
        let report = CloseReport(unsentMessages: unsentMessages)
        host.observer.record(.dropped(report.unsentMessages, .lingerExpired))
        pipe?.outbound.removeAll()
        host.reactor.after(.zero) { [completions] _ in for completion in completions { completion(report) } }
    }
}

extension SessionDialer: SessionOwner {
    func session(hasPeer peer: SessionPeer, _ channels: ChannelPair, on handle: ReactorHandle) {
        // The end of the previous connection may not have been noticed yet.
        link?.takeNow()
        guard !isClosed, link == nil else { return channels.refuse(.connector, wake: handle) }
        if pipe != nil || !isClosing, let reason = host.rejection(of: peer.peer, for: pipe) {
            return refuse(channels, peer, because: reason, on: handle)
        }
        noteAcceptance(of: peer)
        // The application may have closed the socket.
        guard !isClosed, link == nil else { return channels.refuse(.connector, wake: handle) }
        let pipe = options.isImmediate && !isClosing ? addPipe() : self.pipe
        guard let pipe else { return channels.refuse(.connector, wake: handle) }
        let link = link(pipe, peer, channels, on: handle, owner: self)
        self.link = link
        self.peer = peer
        link.start(with: peer.peer)
        if isClosing, !link.isEnded { link.close(afterSending: true) }
    }

    func session(reports event: SocketEvent) { if !isClosed { report(event) } }

    func sessionFinished() {
        finished()
        link?.takeNow()
        finish()
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
        self.link = nil
        connection(link, hasLostPeerBecause: link.reasonOfEnd)
        if options.isImmediate { pipe = nil }
        if link.outlivesConnections || isClosing && (givesUp || unsentMessages == 0) { finish() }
    }
}
