import EventReactor
import ZMTP

/// The half of an endpoint that lives on an I/O thread: its listener or connector, and its connections.
///
/// It has no routing: what arrives goes to the owner, which is the socket's half, and what comes from there leaves, by a
/// ``SessionPipe`` for each peer. An endpoint that is connected to has one for all the peers that are found there, one after the
/// other, and its queue and its subscriptions are the session's: a connection comes up again, subscribes and sends what is queued
/// while the owner is busy.
///
/// The owner finds it by its key, and it the owner: neither touches the other but by work submitted to its reactor.
final class Session: ConnectionHost {
    /// What a session is told when it is set up.
    struct Configuration: Sendable {
        let key: Int
        let owner: ReactorHandle
        let options: EndpointOptions
        /// Joins the persistent pipe of a connector with the owner's; nil when each connection has a pipe of its own.
        let junction: Junction?
        let counters: SessionCounters
        let admissions: Admissions
        let receiveBudget: ReceiveBudget
        let context: any ContextBudgets
    }

    let reactor: Reactor
    let loop: LoopResources
    let observer: SocketObserver
    let budgets: PipeBudgets

    private let configuration: Configuration
    /// Where the owner is.
    var owner: ReactorHandle { configuration.owner }

    private var connector: StreamConnector?
    private var listener: StreamListener?
    /// The peers that have shaken hands.
    private var peerCount = 0
    private var isFinished = false
    private var isOwnerClosing = false
    /// The pipe that the owner is joined with from the start.
    private var persistent: SessionPipe?

    /// Why the owner wants no further peer.
    private var rejection: EventReason?

    init(_ configuration: Configuration, on reactor: Reactor) {
        self.configuration = configuration
        self.reactor = reactor
        loop = LoopResources.of(reactor)
        observer = SocketObserver(configuration.counters, admissions: configuration.admissions)
        let share = ReceiveBudget.share(of: configuration.options.options.receiveBudget)
        budgets = PipeBudgets(
            on: reactor,
            receive: configuration.receiveBudget,
            share: share,
            within: configuration.context
        )
        observer.onEvent = { [unowned self] in forward($0) }
        loop.sessions[configuration.key] = self
    }

    // MARK: What the owner orders

    func listen(on listening: ListeningDescriptor, with transport: any StreamTransport) {
        listener = StreamListener(transport, of: self, configuration.options, on: listening)
    }

    func connect(with transport: any StreamTransport) {
        let connector = StreamConnector(transport, of: self, configuration.options)
        self.connector = connector
        connector.start()
    }

    func stopListening() {
        listener?.stopListening()
        finishIfDone()
    }

    /// No further peer is welcome while there is a reason.
    func reject(_ reason: EventReason?) { rejection = reason }

    /// Ends those connections that have not shaken hands, or all.
    func closeConnections(all: Bool) {
        if all { listener?.closeConnections(afterSending: false) } else { listener?.endHandshakes() }
        finishIfDone()
    }

    /// Ends the connection and the attempts to make one.
    func stopConnecting() {
        connector?.close(afterSending: false)
        finishIfDone()
    }

    /// The owner sends no more by this pipe: the connection ends when everything has left.
    func ownerHasClosed(_ pipe: Pipe) {
        guard !pipe.isPersistent else { return connector?.close(afterSending: true) ?? () }
        isOwnerClosing = true
        pipe.link?.close(afterSending: true)
    }

    /// The owner is gone.
    func abandon() {
        guard !isFinished else { return }
        listener?.stopListening()
        listener?.closeConnections(afterSending: false)
        connector?.close(afterSending: false)
        finishIfDone()
    }

    // MARK: What the owner is told

    func tellOwner(_ news: @escaping @Sendable (any SessionOwner) -> Void) {
        let key = configuration.key
        let isTaken = configuration.owner.submitUnlimited { reactor in
            if let owner = LoopResources.of(reactor).sessionOwners[key] { news(owner) }
        }
        if !isTaken { abandon() }
    }

    private func forward(_ event: SocketEvent) {
        switch event {
        // The owner says so by itself, when it has let go of the endpoint or of the peer.
        case .closed, .disconnected: return
        // Until it learns that everything has left, and stops this session, attempts go on as if there were more to come.
        case .connectDelayed where isOwnerClosing: return
        default: break
        }
        // In its place among the messages, where there is one.
        if persistent?.tell(.event(event)) != true { tellOwner { $0.session(reports: event) } }
    }

    private func finishIfDone() {
        let isListening = listener.map { $0.isListening || $0.connectionCount > 0 } ?? false
        let isConnecting = connector.map { !$0.isClosed } ?? false
        guard !isFinished, !isListening, !isConnecting else { return }
        isFinished = true
        // They refer to this object.
        (listener, connector, persistent) = (nil, nil, nil)
        loop.sessions[configuration.key] = nil
        reactor.deferRelease(self)
        tellOwner { $0.sessionFinished() }
    }

    // MARK: As the host of its connections

    var profile: SocketProfile { configuration.options.profile }

    var isOpen: Bool { true }

    func makePipe(at endpoint: Endpoint, _ options: EndpointOptions, isPersistent: Bool) -> Pipe {
        let sink = SessionPipe(of: self)
        let pipe = Pipe(of: sink, endpoint: endpoint, options: options.pipe, isPersistent: isPersistent)
        sink.pipe = pipe
        if isPersistent, let junction = configuration.junction {
            sink.join(junction)
            persistent = sink
        }
        return pipe
    }

    func rejection(of peer: Peer?, for pipe: Pipe?) -> EventReason? {
        guard pipe == nil else { return nil }
        // The owner would say so, too, but later.
        if profile.type.traits.contains(.onePeer), peerCount > 0 {
            return .turnedAway("a \(profile.type) socket has one peer at a time")
        }
        return rejection
    }

    func admit(_ peer: Peer, to pipe: Pipe?, at endpoint: Endpoint, _ options: EndpointOptions) -> Admission {
        if let reason = rejection(of: peer, for: pipe) { return .reject(reason) }
        if let pipe { return .pipe(pipe) }
        let pipe = makePipe(at: endpoint, options, isPersistent: false)
        return Self.awaitsAcceptance(of: peer, by: profile.type) ? .pending(pipe) : .pipe(pipe)
    }

    /// Whether the owner may refuse such a peer, which only it can know.
    static func awaitsAcceptance(of peer: Peer, by type: SocketType) -> Bool {
        type.traits.contains(.onePeer) || type.traits.contains(.namesPeers) && !peer.identity.isEmpty
    }

    func endpointChanged() { finishIfDone() }

    /// A peer has shaken hands.
    func peerIsUp() { peerCount += 1 }

    func peerIsDown(_ pipe: Pipe) {
        peerCount -= 1
        // Everything has left, and the owner wants no other connection.
        if isOwnerClosing, pipe.outbound.isEmpty { connector?.close(afterSending: false) }
    }
}

/// The socket's half of an endpoint that has a session.
protocol SessionOwner: AnyObject {
    /// A peer has shaken hands that has a pipe of its own. It is served by what is joined to the junction.
    func session(hasPeer peer: SessionPeer, _ junction: Junction, on handle: ReactorHandle)

    /// The session has recorded an event, and counted what there is to count.
    func session(reports event: SocketEvent)

    /// Nothing is left of the session.
    func sessionFinished()
}
