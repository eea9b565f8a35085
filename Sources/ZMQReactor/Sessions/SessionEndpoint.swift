import EventReactor
import ZMTP

/// An endpoint whose connections live on an I/O thread, in a session: the common part of acceptors and dialers.
class SessionEndpoint {
    let host: any ConnectionHost
    let endpointOptions: EndpointOptions
    final var options: SocketOptions { _read { yield endpointOptions.options } }
    let endpoint: Endpoint
    private let counters: SessionCounters
    final let place: IOThreads.Place
    private let key = UniqueNumber.next()

    /// Whether the session is gone.
    private(set) final var isFinished = false

    /// The number of handshakes in progress with each peer, by its address.
    private var handshakes: [String: Int] = [:]

    init(_ endpoint: Endpoint, of host: any ConnectionHost, _ options: EndpointOptions, at place: IOThreads.Place) {
        self.host = host
        self.endpoint = endpoint
        self.place = place
        endpointOptions = options
        counters = host.observer.countersOfSession()
    }

    /// Creates the session.
    ///
    /// - Parameter channels: joins its persistent pipe to the one here; nil when each connection has its own pipe.
    final func establish(
        for owner: any SessionOwner,
        _ channels: ChannelPair? = nil,
        _ begin: @escaping @Sendable (Session) -> Void
    ) {
        ReactorSessions.of(host.reactor).owners[key] = owner
        var options = options
        // Without a persistent pipe, the owner keeps the queue that outlives connections.
        options.isImmediate = channels == nil
        let configuration = Session.Configuration(
            key: key,
            owner: host.reactor.handle,
            options: EndpointOptions(options, endpointOptions.profile),
            channels: channels,
            counters: counters,
            admissions: host.observer.admissions,
            receiveBudget: host.budgets.receive,
            context: host.budgets.context
        )
        place.handle.submitUnlimited { reactor in begin(Session(configuration, on: reactor)) }
    }

    /// Runs a command in the session. With `waiting`, it has completed when this returns.
    final func command(waiting: Bool = false, _ body: @escaping @Sendable (Session) -> Void) {
        guard !isFinished else { return }
        let key = key
        let work: ReactorHandle.Work = { reactor in
            if let session = ReactorSessions.of(reactor).sessions[key] { body(session) }
        }
        if waiting { host.reactor.submitAndWait(work, at: place.handle) } else { place.handle.submitUnlimited(work) }
    }

    /// Releases the session's place on its thread.
    final func finished() {
        guard !isFinished else { return }
        isFinished = true
        ReactorSessions.of(host.reactor).owners[key] = nil
        host.observer.sessionEnded(counters)
        place.giveBack()
        host.reactor.deferRelease(self)
    }

    // MARK: Events

    /// The session has recorded an event.
    final func report(_ event: SocketEvent) {
        note(event)
        host.observer.record(.reported(event))
    }

    /// Records which peers are in the handshake.
    private func note(_ event: SocketEvent) {
        switch event {
        case .accepted(_, let peer), .connected(_, let peer): handshakes[peer.address, default: 0] += 1
        // The connection was never accepted.
        case .handshakeFailed(_, _, let reason) where reason.limit?.refusesConnections == true: break
        case .handshakeSucceeded(_, let peer, _): handshakeEnded(of: peer.address)
        case .handshakeFailed(_, let peer, _):
            handshakeEnded(of: peer.address)
            host.observer.record(.handshakeFailed)
        default: break
        }
    }

    private func handshakeEnded(of address: String) {
        guard let count = handshakes[address] else { return }
        handshakes[address] = count > 1 ? count - 1 : nil
    }

    /// The connections in the handshake. Their traffic is not known here.
    final func handshakeInfo(isAccepted: Bool) -> [ConnectionInfo] {
        handshakes.flatMap { address, count in
            let peer = PeerDescription(address)
            let info = ConnectionInfo(of: nil, endpoint: endpoint, peer: peer, isAccepted: isAccepted)
            return repeatElement(info, count: count)
        }
    }

    // MARK: Peers with a pipe of their own

    /// Rejects a peer, on behalf of the owner, in the session.
    final func refuse(
        _ channels: ChannelPair,
        _ peer: SessionPeer,
        because reason: EventReason,
        on handle: ReactorHandle
    ) {
        channels.refuse(.connector, .reject(reason, connection: peer.number), wake: handle)
        handshakeEnded(of: peer.address)
        host.observer.record(.handshakeFailed)
        host.observer.record(.handshakeFailed(endpoint, peer, reason))
    }

    /// Reports a handshake that the session left for the owner to accept.
    final func noteAcceptance(of peer: SessionPeer) {
        guard Session.awaitsAcceptance(of: peer.peer, by: endpointOptions.profile.type) else { return }
        handshakeEnded(of: peer.address)
        host.observer.record(.handshakeSucceeded(endpoint, peer, peer.peer.socketType))
    }

    /// Joins a pipe to a peer in the session.
    final func link(
        _ pipe: Pipe,
        _ peer: SessionPeer,
        _ channels: ChannelPair,
        on handle: ReactorHandle,
        owner: any ChannelConnectionOwner
    ) -> ChannelConnection {
        ChannelConnection(
            channels,
            .connector,
            pipe,
            to: .session,
            on: handle,
            peer: peer.peerDescription,
            sendsAcceptance: Session.awaitsAcceptance(of: peer.peer, by: endpointOptions.profile.type),
            owner: owner
        )
    }

    /// Joins a persistent pipe to the session's.
    final func link(_ pipe: Pipe, _ channels: ChannelPair, owner: any ChannelConnectionOwner) -> ChannelConnection {
        ChannelConnection(
            channels,
            .connector,
            pipe,
            to: .endpoint,
            on: place.handle,
            peer: PeerDescription(""),
            owner: owner
        )
    }
}
