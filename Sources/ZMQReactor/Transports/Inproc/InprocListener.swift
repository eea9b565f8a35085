import EventReactor

/// A socket that is bound to an inproc name.
final class InprocListener: Listener {
    private let registry: InprocRegistry
    private let host: any ConnectionHost
    /// The host's, at hand.
    private let reactor: Reactor
    private let observer: SocketObserver
    private let endpointOptions: EndpointOptions
    private let name: String
    private let party: InprocParty
    private var links: [ObjectIdentifier: (link: ChannelConnection, pipe: Pipe)] = [:]
    private(set) var isListening = true
    private var limitEvents = LimitEvents()

    /// Those who had connected to the name before it was bound.
    private var waiting: [InprocParty]

    /// - Throws: `addressInUse` when another socket of the context is bound to the name.
    init(
        _ name: String,
        in registry: InprocRegistry,
        of host: any ConnectionHost,
        _ endpointOptions: EndpointOptions
    ) throws(ZMQError) {
        self.registry = registry
        self.host = host
        reactor = host.reactor
        observer = host.observer
        self.endpointOptions = endpointOptions
        self.name = name
        party = InprocParty(host, endpointOptions)
        guard let waiting = registry.bind(name, party) else {
            throw ZMQError(.addressInUse, "another socket is bound to this name", endpoint: "inproc://\(name)")
        }
        self.waiting = waiting
        host.loop.inproc.listeners[party.key] = self
    }

    func start() {
        for connector in waiting { invite(connector) }
        waiting = []
    }

    var endpoint: Endpoint { .inproc(name) }

    var connectionCount: Int { links.count }

    var unsentMessages: Int { links.values.reduce(0) { $0 + $1.pipe.outbound.count } }

    var connectionInfo: [ConnectionInfo] {
        links.values.map { ConnectionInfo(of: $0.pipe, endpoint: endpoint, peer: "inproc", isAccepted: true) }
    }

    /// Joins with a connector that waits for that.
    func invite(_ connector: InprocParty) {
        let party = party
        let channels = ChannelPair(between: party.handle, and: connector.handle)
        if let reason = accept(channels, from: connector) { return connector.tellRefusal(reason) }
        let isTaken = connector.handle.submitUnlimited { reactor in
            let ends = LoopResources.of(reactor).inproc
            if let waiting = ends.connectors[connector.key] {
                waiting.join(channels, party)
            } else {
                channels.refuse(.connector, wake: party.handle)
            }
        }
        if !isTaken { channels.refuse(.connector, wake: party.handle) }
    }

    /// Joins with a connector; answers why not, when it is turned away.
    @discardableResult
    func accept(_ channels: ChannelPair, from connector: InprocParty) -> EventReason? {
        guard isListening, endpointOptions.profile.type.isCompatible(with: connector.socketType) else {
            if isListening {
                observer.record(party.refusal(of: connector, at: endpoint))
            }
            channels.refuse(.binder, wake: connector.handle)
            return nil
        }
        // A connection that has just ended may not have been noticed yet.
        if host.rejection(of: connector.peer, for: nil) != nil {
            for entry in links.values { entry.link.takeNow() }
        }
        // Before anything can leave: what the connector has queued stays with it.
        if let reason = host.rejection(of: connector.peer, for: nil) { return reject(connector, channels, reason) }
        let limits = endpointOptions.options.limits
        if let limit = observer.admissions.admitInproc(limits) {
            let silent = limitEvents.refusal(by: limit, at: reactor.nanoseconds)
            let reason = EventReason.refused(by: limit, limits, silent: silent ?? 0)
            if silent != nil { observer.record(.handshakeFailed(endpoint, NamedPeer.inproc, reason)) }
            channels.refuse(.binder, .ended(reason), wake: connector.handle)
            return reason
        }
        // Each of these calls may close the socket.
        observer.record(.accepted(endpoint, NamedPeer.inproc))
        if host.isOpen {
            observer.record(.handshakeSucceeded(endpoint, NamedPeer.inproc, connector.socketType))
        }
        guard host.isOpen else {
            observer.admissions.leave(nil)
            channels.refuse(.binder, wake: connector.handle)
            return nil
        }
        let pipe: Pipe
        switch host.admit(connector.peer, to: nil, at: endpoint, endpointOptions) {
        case .reject(let reason):
            observer.admissions.leave(nil)
            return reject(connector, channels, reason)
        case .pipe(let admitted), .pending(let admitted): pipe = admitted
        }
        let link = ChannelConnection(channels, .binder, pipe, between: party, and: connector, owner: self)
        links[ObjectIdentifier(link)] = (link, pipe)
        pipe.sink.add(pipe)
        if !link.isEnded { link.start(with: connector.peer) }
        return nil
    }

    private func reject(_ connector: InprocParty, _ channels: ChannelPair, _ reason: EventReason) -> EventReason {
        observer.record(.handshakeFailed(endpoint, NamedPeer.inproc, reason))
        channels.refuse(.binder, .ended(reason), wake: connector.handle)
        return reason
    }

    func stopListening() {
        guard isListening else { return }
        isListening = false
        registry.withdraw(name, key: party.key)
        host.loop.inproc.listeners[party.key] = nil
        reactor.deferRelease(self)
        observer.record(.closed(endpoint))
    }

    func closeConnections(afterSending: Bool) {
        for entry in links.values { entry.link.close(afterSending: afterSending) }
    }
}

extension InprocListener: ChannelConnectionOwner {
    func connectionEnded(_ link: ChannelConnection) {
        guard let entry = links.removeValue(forKey: ObjectIdentifier(link)) else { return }
        observer.admissions.leave(nil)
        observer.record(endFor: link.reasonOfEnd, .disconnected(endpoint, link, link.reasonOfEnd))
        entry.pipe.sink.remove(entry.pipe)
        host.endpointChanged()
    }
}

extension ChannelConnection {
    /// One end of an inproc connection. The limits of both sides add up, and no limit on either is none at all (HWM-08).
    convenience init(
        _ channels: ChannelPair,
        _ side: ChannelPair.Side,
        _ pipe: Pipe,
        between near: InprocParty,
        and far: InprocParty,
        owner: any ChannelConnectionOwner
    ) {
        self.init(
            channels,
            side,
            pipe,
            to: .socket,
            on: far.handle,
            peerName: "inproc",
            isAccepted: side == .binder,
            sendsAcceptance: side == .binder,
            owner: owner
        )
        // A pipe that takes no more, because it is being disconnected, goes on taking none.
        guard !pipe.sending.isClosed else { return }
        pipe.adopt(CreditWindow(joining: near.pipeOptions.sending, far.pipeOptions.receiving))
    }
}

extension InprocParty {
    func refusal(of other: InprocParty, at endpoint: Endpoint) -> Fact {
        let message = "A \(other.socketType) socket cannot talk to a \(socketType) socket"
        return .handshakeFailed(endpoint, NamedPeer.inproc, EventReason(.protocolError, message))
    }
}
