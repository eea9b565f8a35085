import EventReactor
import Glibc
import ZMTP

/// Keeps a connection to one endpoint, in the background: resolves, connects, shakes hands, and begins again with growing
/// pauses when any of that fails or the connection ends.
///
/// Its pipe exists from the start, so that messages can be queued while there is no connection.
final class StreamConnector: Connector {
    private let socket: Socket
    private let transport: any StreamTransport
    private let pipe: Pipe

    private enum State {
        case idle
        case resolving
        case connecting(CInt, FileDescriptorWatcher, rest: ArraySlice<SocketAddress>)
        case connected(any StreamLink)
        case waiting(EventReactor.Timer)
        case closed
    }
    private var state = State.idle
    private var attemptTimer: EventReactor.Timer?
    private var backoff: Backoff
    private var isClosing = false
    private var hasBeenConnected = false

    init(_ transport: any StreamTransport, of socket: Socket) {
        self.socket = socket
        self.transport = transport
        backoff = Backoff(first: socket.options.reconnectInterval, limit: socket.options.reconnectIntervalMax)
        pipe = Pipe(of: socket, endpoint: transport.endpoint, isPersistent: true)
        socket.add(pipe)
    }

    var endpoint: Endpoint { transport.endpoint }

    var isClosed: Bool { if case .closed = state { true } else { false } }

    var unsentMessages: Int { pipe.outbound.count }

    func serves(_ pipe: Pipe) -> Bool { pipe === self.pipe }

    // MARK: Connecting

    func start() {
        state = .resolving
        transport.resolve(on: socket.reactor) { [weak self] addresses, reason in
            guard let self, case .resolving = self.state else { return }
            self.tryNext(addresses[...], reason)
        }
    }

    /// Tries the first of the addresses, or gives this round up when there is none.
    private func tryNext(_ addresses: ArraySlice<SocketAddress>, _ reason: String) {
        guard let address = addresses.first else { return retryLater(reason) }
        let descriptor = Glibc.socket(
            address.family,
            CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue),
            0
        )
        guard descriptor >= 0 else { return retryLater(String(cString: strerror(errno))) }
        let rest = addresses.dropFirst()
        let result = address.withPointer { connect(descriptor, $0, $1) }
        guard result == 0 || errno == EINPROGRESS || errno == EINTR else {
            let reason = String(cString: strerror(errno))
            Glibc.close(descriptor)
            return tryNext(rest, reason)
        }
        do {
            let watcher = try socket.reactor.watch(descriptor, for: .writable, handler: self)
            state = .connecting(descriptor, watcher, rest: rest)
        } catch {
            Glibc.close(descriptor)
            return retryLater(error.message)
        }
        if let limit = socket.options.connectTimeout {
            attemptTimer = socket.reactor.after(limit) { [unowned self] _ in attemptEnded(ETIMEDOUT) }
        }
    }

    private func attemptEnded(_ errorNumber: CInt) {
        guard case .connecting(let descriptor, let watcher, let rest) = state else { return }
        watcher.cancel()
        attemptTimer?.cancel()
        attemptTimer = nil
        state = .idle
        guard errorNumber == 0 else {
            Glibc.close(descriptor)
            return tryNext(rest, String(cString: strerror(errorNumber)))
        }
        transport.configure(descriptor, socket.options)
        // The application may close the socket in this call, and in those below.
        socket.emit(.connected(endpoint: "\(endpoint)"))
        guard !isClosed else { return _ = Glibc.close(descriptor) }
        let connection = socket.makeConnection(descriptor, endpoint: endpoint, role: .connecting, owner: self)
        state = .connected(connection)
        connection.start()
    }

    private func retryLater(_ reason: String) {
        let pause = backoff.next()
        socket.emit(.connectDelayed(endpoint: "\(endpoint)", delay: pause, reason: reason))
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
        if socket.state == .open { pipe.takeNoMore() }
        if afterSending, !pipe.outbound.isEmpty {
            if case .connected(let connection) = state, connection.pipe != nil { connection.close(afterSending: true) }
            return  // otherwise the connection that comes sends what is queued
        }
        switch state {
        case .connecting(let descriptor, let watcher, _):
            watcher.cancel()
            Glibc.close(descriptor)
        case .connected(let connection):
            // Its end comes back here and finds nothing queued.
            return connection.close(afterSending: afterSending)
        case .waiting(let timer): timer.cancel()
        case .idle, .resolving, .closed: break
        }
        finish()
    }

    private func finish() {
        attemptTimer?.cancel()
        state = .closed
        socket.reactor.deferRelease(self)
        socket.remove(pipe)
        socket.emit(.closed(endpoint: "\(endpoint)"))
        socket.transportChanged()
    }
}

extension StreamConnector: FileDescriptorHandler {
    func descriptor(_ watcher: FileDescriptorWatcher, ready: Readiness) {
        guard case .connecting(let descriptor, _, _) = state else { return }
        var errorNumber: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        if getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &errorNumber, &size) != 0 { errorNumber = errno }
        attemptEnded(errorNumber)
    }
}

extension StreamConnector: StreamConnectionOwner {
    func connection(_ connection: any StreamLink, hasShakenHandsWith peer: Peer) -> Pipe? {
        backoff.reset()
        if hasBeenConnected { socket.statistics.reconnects += 1 }
        hasBeenConnected = true
        socket.emit(.handshakeSucceeded(endpoint: "\(endpoint)", peerType: peer.socketType))
        if isClosing { connection.closeWhenSent() }
        return pipe
    }

    func connection(_ connection: any StreamLink, hasEndedBecause reason: EndReason, afterHandshake: Bool) {
        if afterHandshake {
            socket.emit(.disconnected(endpoint: "\(endpoint)", reason: reason.text))
        } else {
            socket.emit(.handshakeFailed(endpoint: "\(endpoint)", reason: reason.text))
        }
        guard !isClosed else { return }
        switch reason {
        case .refused: finish()
        default:
            if isClosing, pipe.outbound.isEmpty || reason.isOurs { finish() } else { retryLater(reason.text) }
        }
    }
}
