import EventReactor
import Glibc
import ZMTP

/// Keeps a connection to one endpoint, in the background: resolves, connects, shakes hands, and begins again with growing
/// pauses when any of that fails or the connection ends.
///
///     idle → resolving → connecting → (negotiating with a proxy) → connected
///              ↑                                                      |
///              +------------------- waiting ←--- any failure ---------+
///
/// Its pipe exists from the start, so that messages can be queued while there is no connection; a socket that is
/// `isImmediate` gets a pipe for each connection instead. Making a connection is in `StreamConnector+Connecting`.
final class StreamConnector: Connector {
    let host: any ConnectionHost
    /// The host's, at hand.
    let reactor: Reactor
    let loop: LoopResources
    let observer: SocketObserver
    let transport: any StreamTransport
    let endpointOptions: EndpointOptions
    var options: SocketOptions { _read { yield endpointOptions.options } }
    private(set) var pipe: Pipe?

    enum State {
        case idle
        case resolving
        case connecting(CInt, FileDescriptorWatcher?, rest: ArraySlice<SocketAddress>)
        case negotiating(CInt, SocksNegotiation, rest: ArraySlice<SocketAddress>)
        case connected(StreamConnection)
        case waiting(ReactorTimer)
        case closed
    }
    var state = State.idle
    var attemptTimer: ReactorTimer?
    /// The number of the attempt that is being made, and the addresses that it may come from.
    var attempt = 0
    var sources: [SocketAddress] = []
    private var backoff: Backoff
    private var hasBeenConnected = false

    private(set) var isClosing = false
    private var lingerTimer: ReactorTimer?
    private var completions: [(CloseReport) -> Void] = []

    init(_ transport: any StreamTransport, of host: any ConnectionHost, _ endpointOptions: EndpointOptions) {
        self.host = host
        reactor = host.reactor
        loop = host.loop
        observer = host.observer
        self.transport = transport
        self.endpointOptions = endpointOptions
        backoff = Backoff(
            first: endpointOptions.options.reconnectInterval,
            limit: endpointOptions.options.reconnectIntervalMax
        )
        guard !endpointOptions.options.isImmediate else { return }
        let pipe = host.makePipe(at: transport.endpoint, endpointOptions, isPersistent: true)
        self.pipe = pipe
        pipe.sink.add(pipe)
    }

    var endpoint: Endpoint { transport.endpoint }

    var isClosed: Bool { if case .closed = state { true } else { false } }

    var unsentMessages: Int { pipe?.outbound.count ?? 0 }

    func serves(_ pipe: Pipe) -> Bool { pipe === self.pipe }

    var connectionInfo: [ConnectionInfo] {
        guard case .connected(let connection) = state else { return [] }
        return [connection.info(endpoint: endpoint, isAccepted: false)]
    }

    /// An attempt has failed, or a connection has ended.
    func retryLater(_ reason: EventReason) {
        if reason.kind == .connectionRefused, options.reconnectStop.contains(.connectionRefused) {
            observer.record(.connectFailed(endpoint, reason))
            // The handler may have closed the socket.
            return isClosed ? () : finish()
        }
        let pause = backoff.next()
        observer.record(.connectDelayed(endpoint, pause, reason))
        // The handler may have closed the socket.
        guard !isClosed else { return }
        state = .waiting(
            reactor.after(pause) { [unowned self] _ in
                observer.record(.connectRetried(endpoint))
                if !isClosed { start() }
            }
        )
    }

    // MARK: Closing

    func close(afterSending: Bool) {
        guard !isClosed else { return }
        isClosing = true
        if host.isOpen { pipe?.takeNoMore() }
        if afterSending, unsentMessages > 0 {
            if case .connected(let connection) = state, connection.pipe != nil { connection.close(afterSending: true) }
            return  // otherwise the connection that comes sends what is queued
        }
        if case .connected(let connection) = state {
            // Its end comes back here and finds nothing queued.
            return connection.close(afterSending: afterSending)
        }
        finish()
    }

    func disconnect(_ completion: @escaping (CloseReport) -> Void) {
        completions.append(completion)
        let isUp = if case .connected(let connection) = state { connection.pipe != nil } else { false }
        let givesUp = options.linger == .none || (!isUp && options.reconnectStop.contains(.afterDisconnect))
        if case .atMost(let limit) = options.linger, !givesUp {
            lingerTimer = reactor.after(limit) { [unowned self] _ in close(afterSending: false) }
        }
        close(afterSending: !givesUp)
    }

    private func finish() {
        switch state {
        case .connecting(let descriptor, let watcher, _):
            watcher?.cancel()
            Glibc.close(descriptor)
        case .negotiating(let descriptor, let negotiation, _):
            negotiation.cancel()
            Glibc.close(descriptor)
        case .waiting(let timer): timer.cancel()
        case .idle, .resolving, .connected, .closed: break
        }
        attemptTimer?.cancel()
        lingerTimer?.cancel()
        state = .closed
        reactor.deferRelease(self)
        report()
        if let pipe { pipe.sink.remove(pipe) }
        observer.record(.closed(endpoint))
        host.endpointChanged()
    }

    /// Whoever has disconnected hears what was not sent, which is dropped: it is nobody else's.
    private func report() {
        guard !completions.isEmpty else { return }
        let report = CloseReport(unsentMessages: unsentMessages)
        observer.record(.dropped(report.unsentMessages, .lingerExpired))
        pipe?.outbound.removeAll()
        reactor.after(.zero) { [completions] _ in for completion in completions { completion(report) } }
    }
}

extension StreamConnector: StreamConnectionOwner {
    func connection(_ connection: StreamConnection, hasShakenHandsWith peer: Peer) -> Admission {
        // Each case gives away what it has got: copies would be counted.
        switch host.admit(peer, to: pipe, at: endpoint, endpointOptions) {
        case .reject(let reason): return .reject(reason)
        case .pipe(let admitted):
            noteHandshake()
            observer.record(.handshakeSucceeded(endpoint, connection, peer.socketType))
            return use(admitted, for: connection) ? .pipe(admitted) : .reject(.closed)
        case .pending(let admitted):
            noteHandshake()
            return use(admitted, for: connection) ? .pending(admitted) : .reject(.closed)
        }
    }

    private func noteHandshake() {
        backoff.reset()
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
        guard !isClosed else { return }
        state = .idle
        if options.isImmediate { pipe = nil }
        if afterHandshake {
            observer.record(endFor: reason, .disconnected(endpoint, connection, reason))
        } else {
            observer.record(endFor: reason, .handshakeFailed(endpoint, connection, reason))
        }
        guard !isClosed else { return }
        let isInVain = !afterHandshake && options.reconnectStop.contains(.handshakeFailed)
        if reason.kind == .refusedByPeer || isInVain { return finish() }
        if isClosing, unsentMessages == 0 || reason.kind == .closed { finish() } else { retryLater(reason) }
    }
}
