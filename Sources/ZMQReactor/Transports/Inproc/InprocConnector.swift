import EventReactor
import ZMTP

/// Keeps a connection to an inproc name: to the socket that is bound to it, or is going to be.
///
/// Its pipe exists from the start; a socket that is `isImmediate` gets one for each connection instead.
final class InprocConnector: Connector {
    let registry: InprocRegistry
    private let host: any ConnectionHost
    /// The host's, at hand.
    private let reactor: Reactor
    private let observer: SocketObserver
    private let endpointOptions: EndpointOptions
    private var options: SocketOptions { _read { yield endpointOptions.options } }
    private let name: String
    private let party: InprocParty
    private var pipe: Pipe?
    private var link: ChannelConnection?
    private var peerType: SocketType?
    private var backoff: Backoff
    private var retry: ReactorTimer?
    private var lingerTimer: ReactorTimer?
    private(set) var isClosing = false
    /// Whether what cannot be handed over at once is given up.
    private var givesUp = false
    private var completions: [(CloseReport) -> Void] = []
    private(set) var isClosed = false

    init(
        _ name: String,
        in registry: InprocRegistry,
        of host: any ConnectionHost,
        _ endpointOptions: EndpointOptions
    ) {
        self.registry = registry
        self.host = host
        reactor = host.reactor
        observer = host.observer
        self.endpointOptions = endpointOptions
        self.name = name
        party = InprocParty(host, endpointOptions)
        let options = endpointOptions.options
        backoff = Backoff(first: options.reconnectInterval, limit: options.reconnectIntervalMax)
        host.loop.inproc.connectors[party.key] = self
        if !options.isImmediate { addPipe() }
    }

    private func addPipe() {
        let pipe = host.makePipe(at: endpoint, endpointOptions, isPersistent: !options.isImmediate)
        self.pipe = pipe
        pipe.sink.add(pipe)
    }

    var endpoint: Endpoint { .inproc(name) }

    var unsentMessages: Int { link?.unsentCount ?? pipe?.outbound.count ?? 0 }

    func serves(_ pipe: Pipe) -> Bool { self.pipe === pipe }

    var connectionInfo: [ConnectionInfo] {
        link == nil ? [] : [ConnectionInfo(of: pipe, endpoint: endpoint, peer: "inproc", isAccepted: false)]
    }

    /// Joins with whoever is bound to the name, now or later.
    func start() {
        guard let binder = registry.connect(name, party) else { return }
        // A queue that is for the endpoint may be handed over before the answer, and comes back with a refusal.
        let channels = options.isImmediate ? nil : ChannelPair(between: binder.handle, and: party.handle)
        let request = InprocRequest(channels, from: party)
        let isTaken = binder.handle.submitUnlimited { reactor in
            request.answer(with: LoopResources.of(reactor).inproc.listeners[binder.key])
        }
        guard isTaken else {
            // Its reactor is gone, without having closed it.
            registry.withdraw(name, key: binder.key)
            return start()
        }
        if let channels { join(channels, binder) }
    }

    /// Connects this side of a channel pair.
    func join(_ channels: ChannelPair, _ binder: InprocParty) {
        guard !isClosed, link == nil else { return channels.refuse(.connector, wake: binder.handle) }
        guard endpointOptions.profile.type.isCompatible(with: binder.socketType) else {
            channels.refuse(.connector, wake: binder.handle)
            observer.record(party.refusal(of: binder, at: endpoint))
            // As the ERROR of a peer does elsewhere, this ends the attempts (N-7).
            return finish()
        }
        if let reason = host.rejection(of: binder.peer, for: pipe) {
            channels.refuse(.connector, .ended(reason), wake: binder.handle)
            return refused(reason)
        }
        // This may close the socket.
        observer.record(.connected(endpoint, NamedPeer.inproc))
        if pipe == nil, !isClosing { addPipe() }
        guard !isClosed, let pipe else { return channels.refuse(.connector, wake: binder.handle) }
        let link = ChannelConnection(channels, .connector, pipe, between: party, and: binder, owner: self)
        self.link = link
        peerType = binder.socketType
        link.start(with: binder.peer)
        if isClosing { link.close(afterSending: true) }
    }

    func close(afterSending: Bool) {
        guard !isClosed else { return }
        isClosing = true
        if !afterSending { givesUp = true }
        if host.isOpen { pipe?.takeNoMore() }
        if let link { return link.close(afterSending: afterSending) }
        if afterSending, unsentMessages > 0, !registry.hasEnded { return }  // until somebody binds
        finish()
    }

    /// The context has been terminated: nobody is going to bind.
    func contextEnded() { if isClosing, link == nil { finish() } }

    func disconnect(_ completion: @escaping (CloseReport) -> Void) {
        completions.append(completion)
        if case .atMost(let limit) = options.linger {
            lingerTimer = reactor.after(limit) { [unowned self] _ in close(afterSending: false) }
        }
        close(afterSending: options.linger != .none)
    }

    private func finish() {
        guard !isClosed else { return }
        isClosed = true
        retry?.cancel()
        lingerTimer?.cancel()
        if !completions.isEmpty {
            let report = CloseReport(unsentMessages: unsentMessages)
            observer.record(.dropped(report.unsentMessages, .lingerExpired))
            pipe?.outbound.removeAll()
            reactor.after(.zero) { [completions] _ in for completion in completions { completion(report) } }
        }
        registry.withdraw(name, key: party.key)
        host.loop.inproc.connectors[party.key] = nil
        reactor.deferRelease(self)
        if let pipe { pipe.sink.remove(pipe) }
        observer.record(.closed(endpoint))
        host.endpointChanged()
    }
}

extension InprocConnector: ChannelConnectionOwner {
    func connectionAccepted(_ link: ChannelConnection) {
        backoff.reset()
        guard let peerType else { return }
        observer.record(.handshakeSucceeded(endpoint, link, peerType))
    }

    func connectionEnded(_ link: ChannelConnection) {
        self.link = nil
        if options.isImmediate { pipe = nil }
        let reason = link.reasonOfEnd
        observer.record(
            endFor: reason,
            link.isAccepted ? .disconnected(endpoint, link, reason) : .handshakeFailed(endpoint, link, reason)
        )
        retryLater()
    }

    /// The one side or the other wants no such peer now.
    func refused(_ reason: EventReason) {
        observer.record(.handshakeFailed(endpoint, NamedPeer.inproc, reason))
        retryLater()
    }

    /// The name may be bound again; or it still is, and the refusal may be over.
    private func retryLater() {
        guard !isClosed else { return }
        let hasMore = unsentMessages > 0 && !givesUp && !registry.hasEnded
        guard !isClosing || hasMore else { return finish() }
        retry = reactor.after(backoff.next()) { [unowned self] _ in start() }
    }
}
