import EventReactor
import ZMTP

/// Opens the connections of a connector, and nothing else: what becomes of them the connector decides.
protocol Dialer: AnyObject {
    /// What it opens connections for. Set once, by that.
    var connector: Connector! { get set }

    var endpoint: Endpoint { get }

    /// Begins an attempt. It leads to `opened` or `joined`, or ends in `attemptFailed` or `failed`.
    func dial()

    /// Gives up what is under way. There is no further attempt.
    func stop()

    /// Whether no attempt can succeed any more.
    var isInVain: Bool { get }

    /// Whether attempts follow each other by themselves.
    var redialsItself: Bool { get }

    /// Whether the pauses between attempts are worth an event.
    var announcesPauses: Bool { get }

    /// The connection as it is now, if there is one, or those that shake hands elsewhere.
    var connectionInfo: [ConnectionInfo] { get }
}

extension Dialer {
    var isInVain: Bool { false }
    var redialsItself: Bool { false }
    var announcesPauses: Bool { true }
}

/// Keeps one connection to one endpoint alive, in the background, and begins again with growing pauses when an attempt fails or the
/// connection ends. A dialer opens what the transport calls a connection; all else stands here.
///
///     idle ──▶ dialing ──▶ connected ──▶ idle
///                │  ▲                     │
///                ▼  │                     │
///              waiting ◀──────────────────┘        any ──▶ closed
///
/// Its pipe exists from the start, so that messages can be queued while there is no connection; a socket that is `isImmediate`
/// gets one for each connection instead.
///
/// Each event may have the application close the socket, and this with it: state is settled before, and looked at after.
final class Connector {
    let host: any ConnectionHost
    /// The host's, at hand.
    let reactor: Reactor
    let observer: SocketObserver
    let endpointOptions: EndpointOptions
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

    /// Whether it has been told to end.
    private(set) var isClosing = false
    /// Whether what cannot be sent at once is given up.
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

    /// Whether nothing is left of it.
    var isClosed: Bool { if case .closed = state { true } else { false } }

    /// The connection, or the link that outlives connections.
    var link: (any PipeLink)? { if case .connected(let link) = state { link } else { nil } }

    /// Messages that are queued for the peer and have not left.
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
        let connection = StreamConnection(stream, of: self, endpointOptions, role: .connecting)
        state = .connected(connection)
        observer.record(.connected(endpoint, connection))
        if !connection.isEnded { connection.start() }
    }

    /// The pipe for a link to a peer in this program; nil when none is wanted any more.
    func pipeForLink() -> Pipe? {
        guard !isClosed, link == nil else { return nil }
        if pipe == nil, !isClosing { addPipe() }
        return isClosed ? nil : pipe
    }

    /// There is a link to a peer in this program.
    func joined(_ link: any PipeLink) { state = .connected(link) }

    /// The attempt has failed, before there was a connection.
    func attemptFailed(_ reason: EventReason) {
        guard !isClosed else { return }
        state = .idle
        goOn(after: reason)
    }

    /// The connection is gone, or did not come about, which is worth an event.
    func lost(_ reason: EventReason, _ fact: @autoclosure () -> Fact, afterHandshake: Bool) {
        guard !isClosed else { return }
        forgetLink()
        observer.record(endFor: reason, fact())
        guard !isClosed else { return }
        // After the ERROR of a peer no further attempt is made (N-7).
        let isOver =
            reason.kind == .refusedByPeer || !afterHandshake && options.reconnectStop.contains(.handshakeFailed)
        if isOver { finish() } else { goOn(after: reason) }
    }

    /// The link to a session is gone, which has counted and decided what there was.
    ///
    /// - Parameter isFinal: whether no other one follows.
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

    /// Makes another attempt later, unless there is nothing to make it for.
    private func goOn(after reason: EventReason) {
        guard !isClosed else { return }
        if isClosing, givesUp || unsentMessages == 0 || dialer.isInVain { return finish() }
        guard !dialer.redialsItself else { return state = .dialing }
        if reason.kind == .connectionRefused, options.reconnectStop.contains(.connectionRefused) {
            observer.record(.connectFailed(endpoint, reason))
            return isClosed ? () : finish()
        }
        let pause = backoff.next()
        if dialer.announcesPauses { observer.record(.connectDelayed(endpoint, pause, reason)) }
        guard !isClosed else { return }
        state = .waiting(reactor.after(pause) { [unowned self] _ in pauseIsOver() })
    }

    private func pauseIsOver() {
        if dialer.announcesPauses { observer.record(.connectRetried(endpoint)) }
        if !isClosed { start() }
    }

    /// A peer has shaken hands: the pauses begin anew.
    func resetPauses() { backoff.reset() }

    /// No attempt can succeed any more.
    func dialingIsInVain() { if isClosing, link == nil { finish() } }

    // MARK: Closing

    /// Ends the connection and the attempts to make one: at once, or when the queue has left.
    func close(afterSending: Bool) {
        guard !isClosed else { return }
        isClosing = true
        if !afterSending { givesUp = true }
        let pipe = pipe
        if host.isOpen { pipe?.takeNoMore() }
        // What is queued waits for the connection that comes.
        let waits = afterSending && pipe?.refreshUnsent() ?? 0 > 0 && !dialer.isInVain
        // Its end comes back here.
        if let link, !waits || pipe?.link != nil { return link.close(afterSending: afterSending) }
        if !waits { finish() }
    }

    /// Ends as the linger says, and reports later what has not left. The socket goes on without it.
    func disconnect(_ completion: @escaping (CloseReport) -> Void) {
        completions.append(completion)
        let hasPeer = pipe?.peer != nil
        let isInVain = options.linger == .none || !hasPeer && options.reconnectStop.contains(.afterDisconnect)
        if case .atMost(let limit) = options.linger, !isInVain {
            lingerTimer = reactor.after(limit) { [unowned self] _ in close(afterSending: false) }
        }
        close(afterSending: !isInVain)
    }

    /// Nothing is left to do.
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

    /// Reports what was not sent to those that have disconnected. It is dropped, being for no other peer.
    private func reportUnsent() {
        guard !completions.isEmpty else { return }
        let report = CloseReport(unsentMessages: unsentMessages)
        observer.record(.dropped(report.unsentMessages, .lingerExpired))
        pipe?.outbound.removeAll()
        reactor.after(.zero) { [completions] _ in for completion in completions { completion(report) } }
    }
}

extension Pipe {
    /// Messages that are ours to send and have not left, once the other end has been asked where that knows more.
    func refreshUnsent() -> Int {
        // Others own nothing but what is queued.
        guard takingObservers.contains(.link) else { return outbound.count }
        link?.refreshRoom()
        return unsentCount
    }
}

extension Connector: StreamConnectionOwner {
    func connection(_ connection: StreamConnection, hasShakenHandsWith peer: Peer) -> Admission {
        // Each case gives away what it has got: copies would be counted.
        switch host.admit(peer, to: pipe, at: endpoint, endpointOptions) {
        case .reject(let reason): return .reject(reason)
        case .pipe(let admitted):
            noteHandshake()
            observer.record(.handshakeSucceeded(endpoint, connection, peer.socketType))
            return use(admitted, for: connection) ? .pipe(admitted) : .reject(.closed)
        case .pending(let admitted): return use(admitted, for: connection) ? .pending(admitted) : .reject(.closed)
        }
    }

    func connectionAccepted(_ connection: StreamConnection) { noteHandshake() }

    private func noteHandshake() {
        resetPauses()
        if hasBeenConnected { observer.record(.reconnected) }
        hasBeenConnected = true
    }

    /// Returns whether the connection is to go on with the pipe.
    private func use(_ admitted: Pipe, for connection: StreamConnection) -> Bool {
        if pipe == nil {
            guard !isClosing else { return false }
            pipe = admitted
            admitted.sink.add(admitted)
        }
        if isClosing { connection.closeWhenSent() }
        return true
    }

    func connection(_ connection: StreamConnection, hasEndedBecause reason: EventReason, afterHandshake: Bool) {
        lost(
            reason,
            afterHandshake
                ? .disconnected(endpoint, connection, reason) : .handshakeFailed(endpoint, connection, reason),
            afterHandshake: afterHandshake
        )
    }
}
