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
    let socket: Socket
    let transport: any StreamTransport
    let options: SocketOptions
    var handshakeInterval: Duration { options.handshakeInterval }
    private let pipeOptions: Pipe.Options
    let identity: [UInt8]
    private(set) var pipe: Pipe?

    enum State {
        case idle
        case resolving
        case connecting(CInt, FileDescriptorWatcher?, rest: ArraySlice<SocketAddress>)
        case negotiating(CInt, SocksNegotiation, rest: ArraySlice<SocketAddress>)
        case connected(any StreamLink)
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

    init(_ transport: any StreamTransport, of socket: Socket) {
        self.socket = socket
        self.transport = transport
        options = socket.options
        pipeOptions = socket.pipeOptions
        identity = socket.identity
        backoff = Backoff(first: options.reconnectInterval, limit: options.reconnectIntervalMax)
        if !options.isImmediate { addPipe() }
    }

    private func addPipe() {
        let pipe = Pipe(of: socket, endpoint: endpoint, options: pipeOptions, isPersistent: !options.isImmediate)
        self.pipe = pipe
        socket.add(pipe)
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
            socket.emit(.connectFailed(endpoint: "\(endpoint)", reason: reason))
            // The handler may have closed the socket.
            return isClosed ? () : finish()
        }
        let pause = backoff.next()
        socket.emit(.connectDelayed(endpoint: "\(endpoint)", delay: pause, reason: reason))
        // The handler may have closed the socket.
        guard !isClosed else { return }
        state = .waiting(
            socket.reactor.after(pause) { [unowned self] _ in
                socket.emit(.connectRetried(endpoint: "\(endpoint)"))
                if !isClosed { start() }
            }
        )
    }

    // MARK: Closing

    func close(afterSending: Bool) {
        guard !isClosed else { return }
        isClosing = true
        if socket.state == .open { pipe?.takeNoMore() }
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
            lingerTimer = socket.reactor.after(limit) { [unowned self] _ in close(afterSending: false) }
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
        socket.reactor.deferRelease(self)
        report()
        if let pipe { socket.remove(pipe) }
        socket.emit(.closed(endpoint: "\(endpoint)"))
        socket.transportChanged()
    }

    /// Whoever has disconnected hears what was not sent, which is dropped: it is nobody else's.
    private func report() {
        guard !completions.isEmpty else { return }
        let report = CloseReport(unsentMessages: unsentMessages)
        socket.drop(report.unsentMessages, .lingerExpired)
        pipe?.outbound.removeAll()
        socket.reactor.after(.zero) { [completions] _ in for completion in completions { completion(report) } }
    }
}

extension StreamConnector: StreamConnectionOwner {
    func connection(_ connection: any StreamLink, hasShakenHandsWith peer: Peer) -> Pipe? {
        if !peer.identity.isEmpty, let reason = socket.refusal(of: peer, for: pipe) {
            connection.end(.turnedAway(reason))
            return nil
        }
        backoff.reset()
        if hasBeenConnected { socket.countReconnect() }
        hasBeenConnected = true
        if !connection.isOnHold {
            socket.emit(
                .handshakeSucceeded(endpoint: "\(endpoint)", peer: connection.peerName, peerType: peer.socketType)
            )
        }
        if options.isImmediate, !isClosing { addPipe() }
        if isClosing { connection.closeWhenSent() }
        return pipe
    }

    func connection(_ connection: any StreamLink, hasEndedBecause reason: EventReason, afterHandshake: Bool) {
        guard !isClosed else { return }
        socket.countLimit(reason)
        state = .idle
        if options.isImmediate { pipe = nil }
        if afterHandshake {
            socket.emit(.disconnected(endpoint: "\(endpoint)", peer: connection.peerName, reason: reason))
        } else {
            socket.emit(.handshakeFailed(endpoint: "\(endpoint)", peer: connection.peerName, reason: reason))
        }
        guard !isClosed else { return }
        let isInVain = !afterHandshake && options.reconnectStop.contains(.handshakeFailed)
        if reason.kind == .refusedByPeer || isInVain { return finish() }
        if isClosing, unsentMessages == 0 || reason.kind == .closed { finish() } else { retryLater(reason) }
    }
}
