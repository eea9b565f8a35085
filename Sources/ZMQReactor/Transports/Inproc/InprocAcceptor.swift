import EventReactor

/// Accepts the sockets that connect to an inproc name.
final class InprocAcceptor: Acceptor {
    unowned var listener: Listener!
    private let names: InprocRegistry
    private let name: InprocName
    private let ownEndpoint: InprocEndpoint
    private let ends: InprocEndpoints

    /// Those that had connected to the name before it was bound.
    private var waiting: [InprocEndpoint]

    /// - Throws: `addressInUse` when another socket of the context is bound to the name.
    init(
        _ name: InprocName,
        in names: InprocRegistry,
        of host: any ConnectionHost,
        _ options: EndpointOptions
    ) throws(ZMQError) {
        (self.name, self.names) = (name, names)
        ends = InprocEndpoints.of(host.reactor)
        ownEndpoint = InprocEndpoint(host, options)
        guard let waiting = names.bind(name.name, ownEndpoint) else {
            throw ZMQError(.addressInUse, "another socket is bound to this name", endpoint: "\(Endpoint(name))")
        }
        self.waiting = waiting
        ends.acceptors[ownEndpoint.key] = self
    }

    func start() {
        let connectors = waiting
        waiting = []
        for connector in connectors { invite(connector) }
    }

    func stop() {
        names.withdraw(name.name, key: ownEndpoint.key)
        ends.acceptors[ownEndpoint.key] = nil
        // The event of the binding may have ended it before `start`.
        for connector in waiting { connector.notifyRefusal(.peerClosed, by: ownEndpoint) }
        waiting = []
    }

    var endpoint: Endpoint { Endpoint(name) }

    private var host: any ConnectionHost { listener.host }
    private var observer: SocketObserver { listener.observer }

    /// Joins with a connector that waits for that.
    func invite(_ connector: InprocEndpoint) {
        let ownEndpoint = ownEndpoint
        let channels = ChannelPair(between: ownEndpoint.handle, and: connector.handle)
        if let reason = accept(channels, from: connector) { return connector.notifyRefusal(reason, by: ownEndpoint) }
        let isTaken = connector.handle.submitUnlimited { reactor in
            let ends = InprocEndpoints.of(reactor)
            if let waiting = ends.dialers[connector.key] {
                waiting.join(channels, ownEndpoint)
            } else {
                channels.refuse(.connector, wake: ownEndpoint.handle)
            }
        }
        if !isTaken { channels.refuse(.connector, wake: ownEndpoint.handle) }
    }

    /// Joins with a connector; returns the reason if it is rejected.
    @discardableResult
    func accept(_ channels: ChannelPair, from connector: InprocEndpoint) -> EventReason? {
        guard listener.isListening, ownEndpoint.socketType.isCompatible(with: connector.socketType) else {
            if listener.isListening {
                observer.record(.handshakeFailed)
                observer.record(ownEndpoint.refusal(of: connector, at: endpoint))
            }
            channels.refuse(.binder, wake: connector.handle)
            return nil
        }
        // A connection that has just ended may not have been noticed yet.
        if host.rejection(of: connector.peer, for: nil) != nil {
            for case let link as ChannelConnection in listener.links { link.takeNow() }
        }
        // Before anything can leave: what the connector has queued stays with it.
        if let reason = host.rejection(of: connector.peer, for: nil) { return reject(connector, channels, reason) }
        if let limit = observer.admissions.admitInproc(listener.options.limits) {
            let (reason, isEvent) = listener.refusal(by: limit)
            if isEvent { observer.record(.handshakeFailed(endpoint, connector, reason)) }
            channels.refuse(.binder, .ended(reason), wake: connector.handle)
            return reason
        }
        observer.record(.accepted(endpoint, connector))
        guard host.isOpen else {
            observer.admissions.leave(nil)
            return refuse(connector, channels, .closed)
        }
        let pipe: Pipe
        switch host.admit(connector.peer, to: nil, at: endpoint, listener.endpointOptions) {
        case .reject(let reason):
            observer.admissions.leave(nil)
            return reject(connector, channels, reason)
        case .pipe(let admitted), .pending(let admitted): pipe = admitted
        }
        observer.record(.handshakeSucceeded(endpoint, connector, connector.socketType))
        // The application may have closed the socket in this event, or have given it another peer.
        if let reason = host.rejection(of: connector.peer, for: nil) {
            observer.admissions.leave(nil)
            observer.record(.disconnected(endpoint, connector, reason))
            return refuse(connector, channels, reason)
        }
        let link = ChannelConnection(channels, .binder, pipe, between: ownEndpoint, and: connector, owner: self)
        listener.joined(link, pipe, isCounted: true)
        if !link.isEnded { link.start(with: connector.peer) }
        return nil
    }

    private func reject(_ connector: InprocEndpoint, _ channels: ChannelPair, _ reason: EventReason) -> EventReason? {
        observer.record(.handshakeFailed)
        observer.record(.handshakeFailed(endpoint, connector, reason))
        return refuse(connector, channels, reason)
    }

    /// Returns the reason for the connector; nil when the socket is closed, of which it learns as of the end of any
    /// peer.
    private func refuse(_ connector: InprocEndpoint, _ channels: ChannelPair, _ reason: EventReason) -> EventReason? {
        let isClosed = !host.isOpen
        channels.refuse(.binder, isClosed ? nil : .ended(reason), wake: connector.handle)
        return isClosed ? nil : reason
    }
}

extension InprocAcceptor: ChannelConnectionOwner {
    func connectionEnded(_ link: ChannelConnection) {
        listener.lost(link, link.reasonOfEnd, .disconnected(endpoint, link, link.reasonOfEnd))
    }
}

extension ChannelConnection: AcceptedLink {
    var servedPipe: Pipe? { pipe }

    func info(endpoint: Endpoint, isAccepted: Bool) -> ConnectionInfo {
        if let peer = owner?.sessionPeer(of: self) {
            return ConnectionInfo(of: pipe, endpoint: endpoint, peer: peer, isAccepted: isAccepted)
        }
        return ConnectionInfo(of: pipe, endpoint: endpoint, peer: peerDescription, isAccepted: isAccepted)
    }
}

extension ChannelConnection {
    /// One end of an inproc connection. The limits of both sides add up, and no limit on either is none at all
    /// (HWM-08).
    convenience init(
        _ channels: ChannelPair,
        _ side: ChannelPair.Side,
        _ pipe: Pipe,
        between near: InprocEndpoint,
        and far: InprocEndpoint,
        owner: any ChannelConnectionOwner
    ) {
        self.init(
            channels,
            side,
            pipe,
            to: .socket,
            on: far.handle,
            peer: far.peerDescription,
            isAccepted: side == .binder,
            sendsAcceptance: side == .binder,
            owner: owner
        )
        // The other end keeps the limits of what this one receives: here, they are only shown.
        pipe.receiving = CreditWindow(joining: far.pipeOptions.sending, near.pipeOptions.receiving)
        // A pipe that takes no more, because it is being disconnected, goes on taking none.
        guard !pipe.sending.isClosed else { return }
        pipe.adopt(CreditWindow(joining: near.pipeOptions.sending, far.pipeOptions.receiving))
    }
}

extension InprocEndpoint {
    func refusal(of other: InprocEndpoint, at endpoint: Endpoint) -> Fact {
        let message = "A \(other.socketType) socket cannot talk to a \(socketType) socket"
        return .handshakeFailed(endpoint, other, EventReason(.protocolError, message))
    }
}
