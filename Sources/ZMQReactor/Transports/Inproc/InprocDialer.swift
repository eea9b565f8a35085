import EventReactor
import ZMTP

/// Joins a connector with the socket that is bound to an inproc name, or is going to be.
final class InprocDialer: Dialer {
    unowned var connector: Connector!
    let names: InprocRegistry
    private let name: InprocName
    private let ownEndpoint: InprocEndpoint
    private let ends: InprocEndpoints
    private var peerType: SocketType?

    init(_ name: InprocName, in names: InprocRegistry, of host: any ConnectionHost, _ options: EndpointOptions) {
        (self.name, self.names) = (name, names)
        ends = InprocEndpoints.of(host.reactor)
        ownEndpoint = InprocEndpoint(host, options)
    }

    var endpoint: Endpoint { Endpoint(name) }

    var isInVain: Bool { names.hasEnded }

    var announcesPauses: Bool { false }

    var connectionInfo: [ConnectionInfo] {
        guard let peer = connector.link?.peerDescription else { return [] }
        return [ConnectionInfo(of: connector.pipe, endpoint: endpoint, peer: peer, isAccepted: false)]
    }

    /// Joins with the socket that is bound to the name, now or later.
    func dial() {
        ends.dialers[ownEndpoint.key] = self
        guard let binder = names.connect(name.name, ownEndpoint) else { return }
        // A queue that is for the endpoint may be handed over before the answer, and comes back with a refusal.
        let channels =
            connector.options.isImmediate ? nil : ChannelPair(between: binder.handle, and: ownEndpoint.handle)
        let request = InprocRequest(channels, from: ownEndpoint)
        let isTaken = binder.handle.submitUnlimited { reactor in
            request.answer(with: InprocEndpoints.of(reactor).acceptors[binder.key])
        }
        guard isTaken else {
            // Its reactor is gone, without having closed it.
            names.withdraw(name.name, key: binder.key)
            return dial()
        }
        if let channels { join(channels, binder) }
    }

    func stop() {
        names.withdraw(name.name, key: ownEndpoint.key)
        ends.dialers[ownEndpoint.key] = nil
    }

    /// Connects this side of a channel pair.
    func join(_ channels: ChannelPair, _ binder: InprocEndpoint) {
        guard !connector.isClosed, connector.link == nil else {
            return channels.refuse(.connector, wake: binder.handle)
        }
        let type = connector.endpointOptions.profile.type
        guard type.isCompatible(with: binder.socketType) else {
            channels.refuse(.connector, wake: binder.handle)
            connector.observer.record(.handshakeFailed)
            connector.observer.record(ownEndpoint.refusal(of: binder, at: endpoint))
            // As the ERROR of a peer does elsewhere, this ends the attempts (N-7).
            return connector.finish()
        }
        if let reason = connector.host.rejection(of: binder.peer, for: connector.pipe) {
            channels.refuse(.connector, .ended(reason), wake: binder.handle)
            return refused(reason, by: binder)
        }
        connector.observer.record(.connected(endpoint, binder))
        // The application may have given the socket another peer in this event.
        if !connector.isClosing, let reason = connector.host.rejection(of: binder.peer, for: connector.pipe) {
            channels.refuse(.connector, .ended(reason), wake: binder.handle)
            return refused(reason, by: binder)
        }
        guard let pipe = connector.pipeForLink() else { return channels.refuse(.connector, wake: binder.handle) }
        let link = ChannelConnection(channels, .connector, pipe, between: ownEndpoint, and: binder, owner: self)
        connector.joined(link)
        peerType = binder.socketType
        link.start(with: binder.peer)
        if connector.isClosing { link.close(afterSending: true) }
    }

    /// One of the two sides accepts no such peer now.
    ///
    /// - Parameter binder: the other side; nil if it is gone.
    func refused(_ reason: EventReason, by binder: InprocEndpoint?) {
        guard connector.link == nil else { return }
        let peer = binder?.peerDescription ?? .inproc
        connector.lost(reason, .handshakeFailed(endpoint, peer, reason), afterHandshake: false)
    }
}

extension InprocDialer: ChannelConnectionOwner {
    func connectionAccepted(_ link: ChannelConnection) {
        connector.resetPauses()
        guard let peerType else { return }
        connector.observer.record(.handshakeSucceeded(endpoint, link, peerType))
    }

    func connectionEnded(_ link: ChannelConnection) {
        let reason = link.reasonOfEnd
        connector.lost(
            reason,
            link.isAccepted ? .disconnected(endpoint, link, reason) : .handshakeFailed(endpoint, link, reason),
            afterHandshake: link.isAccepted
        )
    }
}
