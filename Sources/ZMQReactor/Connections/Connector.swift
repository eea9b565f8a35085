import EventReactor
import ZMTP

/// Keeps one connection to one endpoint, in the background, and reconnects with growing pauses when an attempt fails or
/// the connection ends. A dialer opens the transport's connections; everything else is here.
///
///     idle ──▶ dialing ──▶ connected ──▶ idle
///                │  ▲                     │
///                ▼  │                     │
///              waiting ◀──────────────────┘        any ──▶ closed
///
/// Its pipe exists from the start, so that messages can be queued while there is no connection; a socket that is
/// `isImmediate` gets one for each connection instead.
///
/// The application may close the socket in each event, and with it this connector: its state is consistent before an
/// event, and is read again after it.
final class Connector {
    let host: any ConnectionHost
    /// The host's, for quick access.
    let reactor: Reactor
    var buffers: StreamBuffers { StreamBuffers.of(reactor) }
    let observer: SocketObserver
    let endpointOptions: EndpointOptions
    private lazy var engineProfile = endpointOptions.engineProfile(
        .connecting,
        greets: dialer.greets,
        dialer.metadata
    )
    var options: SocketOptions { _read { yield endpointOptions.options } }
    let dialer: any Dialer
    let endpoint: Endpoint

    private(set) var pipe: Pipe?

    private enum State {
        case idle
        case dialing
        case connected(any PipeLink)
        case waiting(ReactorTimer)
        case closed
    }
    private var state = State.idle
    private var backoff: Backoff
    private var hasBeenConnected = false

    /// Whether it has been asked to end.
    private(set) var isClosing = false
    /// Whether messages that cannot be sent at once are abandoned.
    private(set) var givesUp = false
    private var lingerTimer: ReactorTimer?
    private var completions: [(CloseReport) -> Void] = []

    init(_ dialer: any Dialer, of host: any ConnectionHost, _ endpointOptions: EndpointOptions) {
        self.dialer = dialer
        endpoint = dialer.endpoint
        self.host = host
        reactor = host.reactor
        observer = host.observer
        self.endpointOptions = endpointOptions
        backoff = Backoff(
            first: endpointOptions.options.reconnectInterval,
            limit: endpointOptions.options.reconnectIntervalMax
        )
        dialer.connector = self
        if !endpointOptions.options.isImmediate { addPipe() }
    }

    @discardableResult
    private func addPipe() -> Pipe {
        let pipe = host.makePipe(at: endpoint, endpointOptions, isPersistent: !options.isImmediate)
        self.pipe = pipe
        pipe.sink.add(pipe)
        return pipe
    }

    /// Whether it has ended.
    var isClosed: Bool { if case .closed = state { true } else { false } }

    /// Whether it waits for its next attempt.
    var isPausing: Bool { if case .waiting = state { true } else { false } }

    /// The connection, or the link that outlives connections.
    var link: (any PipeLink)? { if case .connected(let link) = state { link } else { nil } }

    /// Messages that are queued for the peer and have not been sent.
    var unsentMessages: Int { pipe?.refreshUnsent() ?? 0 }

    /// Whether the pipe is this connector's.
    func serves(_ pipe: Pipe) -> Bool { pipe === self.pipe }

    var connectionInfo: [ConnectionInfo] { dialer.connectionInfo }

    // MARK: Attempts

    /// Begins to connect.
    func start() {
        state = .dialing
        dialer.dial()
    }

    /// A byte stream to the peer is open.
    func opened(_ stream: consuming ByteStream) {
        // The server of the mechanism may be the side that connects.
        engineProfile.replaceKeys(at: reactor.nanoseconds)
        let connection = StreamConnection(stream, of: self, endpointOptions, engineProfile)
        state = .connected(connection)
        observer.record(.connected(endpoint, connection))
        if !connection.isEnded { connection.start() }
    }

    /// The pipe for a link to a peer in this process; nil if the link is not wanted any more.
    func pipeForLink() -> Pipe? {
        guard !isClosed, link == nil else { return nil }
        if pipe == nil, !isClosing { addPipe() }
        return isClosed ? nil : pipe
    }

    /// There is a link to a peer in this process.
    func joined(_ link: any PipeLink) { state = .connected(link) }

    /// The attempt has failed, before there was a connection.
    func attemptFailed(_ reason: EventReason) {
        guard !isClosed else { return }
        state = .idle
        goOn(after: reason)
    }

    /// The connection has ended, or was not made, and an event reports it.
    func lost(_ reason: EventReason, _ fact: @autoclosure () -> Fact, afterHandshake: Bool) {
        guard !isClosed else { return }
        forgetLink()
        if !afterHandshake { observer.record(.handshakeFailed) }
        observer.record(endFor: reason, fact())
        guard !isClosed else { return }
        // After the ERROR of a peer no further attempt is made (N-7).
        let isOver =
            reason.kind == .refusedByPeer || !afterHandshake && options.reconnectStop.contains(.handshakeFailed)
        if isOver { finish() } else { goOn(after: reason) }
    }

    /// The link to a session is gone. The session has counted the limits and decided whether to continue.
    ///
    /// - Parameter isFinal: whether no other link follows.
    func lost(_ reason: EventReason, _ fact: Fact?, isFinal: Bool) {
        guard !isClosed else { return }
        forgetLink()
        if let fact { observer.record(fact) }
        if isFinal { finish() } else { goOn(after: reason) }
    }

    private func forgetLink() {
        state = .idle
        if options.isImmediate { pipe = nil }
    }

    /// Makes another attempt later, unless nothing needs it.
    private func goOn(after reason: EventReason) {
        guard !isClosed else { return }
        if isClosing, givesUp || unsentMessages == 0 || dialer.isInVain { return finish() }
        guard !dialer.redialsItself else { return state = .dialing }
        if reason.kind == .connectionRefused, options.reconnectStop.contains(.connectionRefused) {
            observer.record(.connectFailed(endpoint, reason))
            return isClosed ? () : finish()
        }
        let pause = backoff.next(random: reactor.randomFraction)
        if dialer.announcesPauses { observer.record(.connectDelayed(endpoint, pause, reason)) }
        guard !isClosed else { return }
        state = .waiting(reactor.after(pause) { [unowned self] _ in pauseIsOver() })
    }

    private func pauseIsOver() {
        if dialer.announcesPauses { observer.record(.connectRetried(endpoint)) }
        if !isClosed { start() }
    }

    /// A handshake is complete: the pauses begin again with the first one.
    func resetPauses() { backoff.reset() }

    /// No attempt can succeed any more.
    func dialingIsInVain() { if isClosing, link == nil { finish() } }

    // MARK: Closing

    /// Ends the connection and the attempts to make one: at once, or when the queue has been sent.
    func close(afterSending: Bool) {
        guard !isClosed else { return }
        isClosing = true
        if !afterSending { givesUp = true }
        let pipe = pipe
        if host.isOpen { pipe?.takeNoMore() }
        // The queue waits for the next connection.
        let waits = afterSending && pipe?.refreshUnsent() ?? 0 > 0 && !dialer.isInVain
        // Its end is reported to this connector.
        if let link, !waits || pipe?.link != nil { return link.close(afterSending: afterSending) }
        if !waits { finish() }
    }

    /// Ends within the linger, and reports the messages that were not sent. The socket remains open.
    func disconnect(_ completion: @escaping (CloseReport) -> Void) {
        completions.append(completion)
        let hasPeer = pipe?.peer != nil
        let isInVain = options.linger == .none || !hasPeer && options.reconnectStop.contains(.afterDisconnect)
        if case .atMost(let limit) = options.linger, !isInVain {
            lingerTimer = reactor.after(limit) { [unowned self] _ in close(afterSending: false) }
        }
        close(afterSending: !isInVain)
    }

    /// Everything is done.
    func finish() {
        guard !isClosed else { return }
        if case .waiting(let timer) = state { timer.cancel() }
        state = .closed
        lingerTimer?.cancel()
        dialer.stop()
        reactor.deferRelease(self)
        reportUnsent()
        if let pipe { pipe.sink.remove(pipe) }
        observer.record(.closed(endpoint))
        host.endpointChanged()
    }

    /// Reports the unsent messages to the completions of `disconnect`, and drops them: they are for no other peer.
    private func reportUnsent() {
        guard !completions.isEmpty else { return }
        let report = CloseReport(unsentMessages: unsentMessages)
        observer.record(.dropped(report.unsentMessages, .lingerExpired))
        pipe?.outbound.removeAll()
        reactor.after(.zero) { [completions] _ in for completion in completions { completion(report) } }
    }
}

extension Pipe {
    /// Messages that this side still has to send, after an update from the other end, if that knows more.
    func refreshUnsent() -> Int {
        // Other links own only what is queued.
        guard takingObservers.contains(.link) else { return outbound.count }
        link?.refreshCredit()
        return unsentCount
    }
}

extension Connector: StreamConnectionOwner {
    func connection(_ connection: StreamConnection, handshakeCompletedWith peer: Peer) -> Admission {
        // Each case passes its value on: a copy would be a retain.
        switch host.admit(peer, to: pipe, at: endpoint, endpointOptions) {
        case .reject(let reason): return .reject(reason)
        case .pipe(let admitted):
            noteHandshake()
            observer.record(.handshakeSucceeded(endpoint, connection, peer.socketType))
            // The application may have given the socket another peer in this event, or have disconnected this one.
            if let reason = obstacle(to: peer) {
                connection.end(reason)
                return .reject(reason)
            }
            use(admitted, for: connection)
            return .pipe(admitted)
        case .pending(let admitted):
            if let reason = obstacle(to: peer) { return .reject(reason) }
            use(admitted, for: connection)
            return .pending(admitted)
        }
    }

    /// Why the peer that has just been admitted cannot be used; nil when it can.
    private func obstacle(to peer: Peer) -> EventReason? {
        if pipe == nil, isClosing { return .closed }
        // Only an event can have changed that.
        return observer.isObserved ? host.rejection(of: peer, for: pipe) : nil
    }

    func connectionAccepted(_ connection: StreamConnection) { noteHandshake() }

    private func noteHandshake() {
        resetPauses()
        if hasBeenConnected { observer.record(.reconnected) }
        hasBeenConnected = true
    }

    private func use(_ admitted: Pipe, for connection: StreamConnection) {
        if pipe == nil {
            pipe = admitted
            admitted.sink.add(admitted)
        }
        if isClosing { connection.closeWhenSent() }
    }

    func connection(_ connection: StreamConnection, reached limit: SocketLimit) {
        observer.record(.limited(endpoint, connection, limit))
    }

    func connection(_ connection: StreamConnection, closedBecause reason: EventReason, afterHandshake: Bool) {
        lost(
            reason,
            afterHandshake
                ? .disconnected(endpoint, connection, reason) : .handshakeFailed(endpoint, connection, reason),
            afterHandshake: afterHandshake
        )
    }
}
