import EventReactor

/// A socket that is bound to an inproc name.
final class InprocListener: Listener {
    private let socket: Socket
    private let limits: SocketLimits
    private let pipeOptions: Pipe.Options
    private let name: String
    private let party: InprocParty
    private var links: [ObjectIdentifier: (link: LaneLink, pipe: Pipe)] = [:]
    private(set) var isListening = true
    private var limitEvents = LimitEvents()

    /// Those who had connected to the name before it was bound.
    private var waiting: [InprocParty]

    /// - Throws: `addressInUse` when another socket of the context is bound to the name.
    init(_ name: String, of socket: Socket) throws(ZMQError) {
        self.socket = socket
        self.name = name
        limits = socket.options.limits
        pipeOptions = socket.pipeOptions
        party = InprocParty(socket)
        guard let waiting = socket.context.inproc.bind(name, party) else {
            throw ZMQError(.addressInUse, "another socket is bound to this name", endpoint: "inproc://\(name)")
        }
        self.waiting = waiting
        socket.loop.inproc.listeners[party.key] = self
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
        let junction = Junction()
        let party = party
        if let reason = accept(junction, from: connector) { return connector.tellRefusal(reason) }
        let isTaken = connector.handle.submitUnlimited { reactor in
            let ends = LoopResources.of(reactor).inproc
            if let waiting = ends.connectors[connector.key] {
                waiting.join(junction, party)
            } else {
                junction.refuse(.connector, wake: party.handle)
            }
        }
        if !isTaken { junction.refuse(.connector, wake: party.handle) }
    }

    /// Joins with a connector; answers why not, when it is turned away.
    @discardableResult
    func accept(_ junction: Junction, from connector: InprocParty) -> EventReason? {
        guard isListening, socket.type.isCompatible(with: connector.socketType) else {
            if isListening {
                socket.emit(party.refusal(of: connector, at: endpoint))
            }
            junction.refuse(.binder, wake: connector.handle)
            return nil
        }
        // A connection that has just ended may not have been noticed yet.
        if refusal(of: connector) != nil { for entry in links.values { entry.link.takeNow() } }
        if let reason = refusal(of: connector) {
            socket.emit(.handshakeFailed(endpoint: "\(endpoint)", peer: "inproc", reason: .turnedAway(reason)))
            junction.refuse(.binder, .ended(.turnedAway(reason)), wake: connector.handle)
            return .turnedAway(reason)
        }
        if let limit = socket.admissions.admitInproc(limits) {
            let silent = limitEvents.refusal(by: limit, at: socket.reactor.nanoseconds)
            let reason = EventReason.refused(by: limit, limits, silent: silent ?? 0)
            if silent != nil { socket.emit(.handshakeFailed(endpoint: "\(endpoint)", peer: "inproc", reason: reason)) }
            junction.refuse(.binder, .ended(reason), wake: connector.handle)
            return reason
        }
        // Each of these calls may close the socket.
        socket.emit(.accepted(endpoint: "\(endpoint)", peer: "inproc"))
        if socket.state == .open {
            socket.emit(.handshakeSucceeded(endpoint: "\(endpoint)", peer: "inproc", peerType: connector.socketType))
        }
        guard socket.state == .open else {
            socket.admissions.leave(nil)
            junction.refuse(.binder, wake: connector.handle)
            return nil
        }
        let pipe = Pipe(of: socket, endpoint: endpoint, options: pipeOptions, isPersistent: false)
        let link = LaneLink(junction, .binder, pipe, between: party, and: connector, owner: self)
        links[ObjectIdentifier(link)] = (link, pipe)
        socket.add(pipe)
        if !link.isEnded { link.start(with: connector.peer) }
        return nil
    }

    /// Before anything can leave: what the connector has queued stays with it.
    private func refusal(of connector: InprocParty) -> String? {
        socket.refusalOfPeers ?? socket.refusal(of: connector.peer, for: nil)
    }

    func stopListening() {
        guard isListening else { return }
        isListening = false
        socket.context.inproc.withdraw(name, key: party.key)
        socket.loop.inproc.listeners[party.key] = nil
        socket.reactor.deferRelease(self)
        socket.emit(.closed(endpoint: "\(endpoint)"))
    }

    func closeConnections(afterSending: Bool) {
        for entry in links.values { entry.link.close(afterSending: afterSending) }
    }
}

extension InprocListener: LaneLinkOwner {
    func linkEnded(_ link: LaneLink) {
        guard let entry = links.removeValue(forKey: ObjectIdentifier(link)) else { return }
        socket.admissions.leave(nil)
        socket.countLimit(link.reasonOfEnd)
        socket.emit(.disconnected(endpoint: "\(endpoint)", peer: "inproc", reason: link.reasonOfEnd))
        socket.remove(entry.pipe)
        socket.transportChanged()
    }
}

extension LaneLink {
    /// One end of an inproc connection. The limits of both sides add up, and no limit on either is none at all (HWM-08).
    convenience init(
        _ junction: Junction,
        _ side: Junction.Side,
        _ pipe: Pipe,
        between near: InprocParty,
        and far: InprocParty,
        owner: any LaneLinkOwner
    ) {
        self.init(
            junction,
            side,
            pipe,
            to: .socket,
            on: far.handle,
            peerName: "inproc",
            isAccepted: side == .binder,
            tellsAcceptance: side == .binder,
            owner: owner
        )
        pipe.handOverSize = 128
        // A pipe that takes no more, because it is being disconnected, goes on taking none.
        guard !pipe.sending.isClosed else { return }
        pipe.adopt(CreditWindow(joining: near.pipeOptions.sending, far.pipeOptions.receiving))
    }
}

extension InprocParty {
    func refusal(of other: InprocParty, at endpoint: Endpoint) -> SocketEvent {
        let message = "A \(other.socketType) socket cannot talk to a \(socketType) socket"
        return .handshakeFailed(
            endpoint: "\(endpoint)",
            peer: "inproc",
            reason: EventReason(.protocolError, message)
        )
    }
}
