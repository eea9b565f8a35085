import EventReactor
import ZMTP

/// The half of an endpoint that lives on an I/O thread: its listener or connector, and its connections.
///
/// It does no routing: messages that arrive go to the owner, which is the socket's half, and messages from the owner
/// are sent, through a ``SessionPipe`` for each peer. A connected endpoint has one pipe for all peers that are found
/// there in succession, and the session keeps its queue and its subscriptions: a connection is restored, subscribes and
/// sends what is queued while the owner is busy.
///
/// Session and owner find each other by a key: neither accesses the other except by work submitted to its reactor.
final class Session: ConnectionHost {
    /// The settings with which a session is created.
    struct Configuration: Sendable {
        let key: Int
        let owner: ReactorHandle
        let options: EndpointOptions
        /// Joins the persistent pipe of a connector to the owner's; nil when each connection has its own pipe.
        let channels: ChannelPair?
        let counters: SessionCounters
        let admissions: Admissions
        let receiveBudget: ReceiveBudget
        let context: any ContextBudgets
    }

    let reactor: Reactor
    let observer: SocketObserver
    let budgets: PipeBudgets

    private let configuration: Configuration
    /// The owner's reactor.
    var owner: ReactorHandle { configuration.owner }

    private var connector: Connector?
    private var listener: Listener?
    /// The number of peers whose handshake is complete.
    private var peerCount = 0
    private var isFinished = false
    private var isOwnerClosing = false
    /// The pipe that is joined to the owner's from the start.
    private var persistent: SessionPipe?

    /// Why the owner accepts no further peer.
    private var rejection: EventReason?

    init(_ configuration: Configuration, on reactor: Reactor) {
        self.configuration = configuration
        self.reactor = reactor
        observer = SocketObserver(configuration.counters, admissions: configuration.admissions)
        let share = ReceiveBudget.share(of: configuration.options.options.receiveBudget)
        budgets = PipeBudgets(
            on: reactor,
            receive: configuration.receiveBudget,
            share: share,
            within: configuration.context
        )
        observer.onEvent = { [unowned self] in forward($0) }
        ReactorSessions.of(reactor).sessions[configuration.key] = self
    }

    // MARK: Commands from the owner

    func listen(on listening: ListeningDescriptor, with transport: any SessionTransport) {
        let acceptor = transport.acceptor(of: listening, on: reactor)
        let listener = Listener(acceptor, of: self, configuration.options)
        self.listener = listener
        listener.start()
    }

    func connect(with transport: any SessionTransport) {
        let dialer = transport.dialer(configuration.options, on: reactor)
        let connector = Connector(dialer, of: self, configuration.options)
        self.connector = connector
        connector.start()
    }

    func stopListening() {
        listener?.stopListening()
        finishIfDone()
    }

    /// Rejects further peers while there is a reason.
    func reject(_ reason: EventReason?) { rejection = reason }

    /// Closes all connections, or only those whose handshake is not complete.
    func closeConnections(all: Bool) {
        if all { listener?.closeConnections(afterSending: false) } else { listener?.endHandshakes() }
        finishIfDone()
    }

    /// Closes the connection, and stops the attempts to make one.
    func stopConnecting() {
        connector?.close(afterSending: false)
        finishIfDone()
    }

    /// The owner sends nothing more through this pipe: the connection ends when everything has been sent.
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

    // MARK: Reports to the owner

    func notifyOwner(_ news: @escaping @Sendable (any SessionOwner) -> Void) {
        let key = configuration.key
        let isTaken = configuration.owner.submitUnlimited { reactor in
            if let owner = ReactorSessions.of(reactor).owners[key] { news(owner) }
        }
        if !isTaken { abandon() }
    }

    private func forward(_ event: SocketEvent) {
        switch event {
        // The owner reports these itself, when it has released the endpoint or the peer.
        case .closed, .disconnected: return
        // Until the owner finds that everything has been sent, and stops this session, attempts continue as if there
        // were more to send.
        case .connectDelayed where isOwnerClosing: return
        default: break
        }
        // In order with the messages, if there are any.
        if persistent?.put(.event(event)) != true { notifyOwner { $0.session(reports: event) } }
    }

    private func finishIfDone() {
        let isListening = listener.map { $0.isListening || $0.connectionCount > 0 } ?? false
        let isConnecting = connector.map { !$0.isClosed } ?? false
        guard !isFinished, !isListening, !isConnecting else { return }
        isFinished = true
        // They refer to this object.
        (listener, connector, persistent) = (nil, nil, nil)
        ReactorSessions.of(reactor).sessions[configuration.key] = nil
        reactor.deferRelease(self)
        notifyOwner { $0.sessionFinished() }
    }

    // MARK: ConnectionHost

    var profile: SocketProfile { configuration.options.profile }

    var isOpen: Bool { true }

    func makePipe(at endpoint: Endpoint, _ options: EndpointOptions, isPersistent: Bool) -> Pipe {
        let sink = SessionPipe(of: self)
        let pipe = Pipe(of: sink, endpoint: endpoint, options: options.pipe, isPersistent: isPersistent)
        sink.pipe = pipe
        if isPersistent, let channels = configuration.channels {
            sink.join(channels)
            persistent = sink
        }
        return pipe
    }

    func rejection(of peer: Peer?, for pipe: Pipe?) -> EventReason? {
        guard pipe == nil else { return nil }
        // The owner would reject the peer too, but later.
        if profile.type.traits.contains(.onePeer), peerCount > 0 {
            return .rejected("a \(profile.type) socket has one peer at a time")
        }
        return rejection
    }

    func admit(_ peer: Peer, to pipe: Pipe?, at endpoint: Endpoint, _ options: EndpointOptions) -> Admission {
        if let reason = rejection(of: peer, for: pipe) { return .reject(reason) }
        if let pipe { return .pipe(pipe) }
        let pipe = makePipe(at: endpoint, options, isPersistent: false)
        return Self.awaitsAcceptance(of: peer, by: profile.type) ? .pending(pipe) : .pipe(pipe)
    }

    /// Whether the owner may reject such a peer, for reasons that only the owner knows.
    static func awaitsAcceptance(of peer: Peer, by type: SocketType) -> Bool {
        type.traits.contains(.onePeer) || type.traits.contains(.namesPeers) && !peer.identity.isEmpty
    }

    func endpointChanged() { finishIfDone() }

    /// A peer's handshake is complete.
    func peerIsUp() { peerCount += 1 }

    func peerIsDown(_ pipe: Pipe) {
        peerCount -= 1
        // Everything has been sent, and the owner needs no other connection.
        if isOwnerClosing, pipe.outbound.isEmpty { connector?.close(afterSending: false) }
    }
}

/// The socket's half of an endpoint that has a session.
protocol SessionOwner: AnyObject {
    /// A peer with a pipe of its own has completed its handshake. It is joined to the channels.
    func session(hasPeer peer: SessionPeer, _ channels: ChannelPair, on handle: ReactorHandle)

    /// The session has recorded an event, and has updated its counters.
    func session(reports event: SocketEvent)

    /// The session is gone.
    func sessionFinished()
}
