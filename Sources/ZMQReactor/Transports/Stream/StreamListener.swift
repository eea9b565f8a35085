import CSockets
import EventReactor
import Glibc
import ZMTP

/// Accepts the connections of one bound endpoint.
final class StreamListener: Listener {
    let socket: Socket
    let transport: any StreamTransport
    let endpoint: Endpoint

    private let descriptor: CInt
    private var watcher: FileDescriptorWatcher?
    private var connections: [ObjectIdentifier: any StreamLink] = [:]

    /// Connections accepted in one turn at most, so that a flood of them leaves time for the others.
    private static let turnBudget = 64

    /// How long accepting pauses when the process is out of descriptors.
    private static let exhaustionPause = Duration.milliseconds(100)

    init(_ transport: any StreamTransport, of socket: Socket) throws(ZMQError) {
        self.socket = socket
        self.transport = transport
        (descriptor, endpoint) = try transport.listen(socket.options)
        do {
            watcher = try socket.reactor.watch(descriptor, for: .readable, handler: self)
        } catch {
            Glibc.close(descriptor)
            throw .system(error.errno ?? EBADF, doing: "watch the listening descriptor", endpoint: "\(endpoint)")
        }
    }

    var connectionCount: Int { connections.count }

    var unsentMessages: Int { connections.values.reduce(0) { $0 + ($1.pipe?.outbound.count ?? 0) } }

    var isListening: Bool { watcher != nil }

    func stopListening() {
        guard let watcher else { return }
        watcher.cancel()
        self.watcher = nil
        Glibc.close(descriptor)
        transport.cleanUp(endpoint)
        socket.reactor.deferRelease(self)
        socket.emit(.closed(endpoint: "\(endpoint)"))
    }

    func closeConnections(afterSending: Bool) {
        for connection in connections.values { connection.close(afterSending: afterSending) }
    }

    private func accept() {
        for _ in 0..<Self.turnBudget {
            let accepted = csockets_accept(descriptor)
            guard accepted >= 0 else {
                switch errno {
                case EINTR, ECONNABORTED: continue
                case EMFILE, ENFILE, ENOBUFS, ENOMEM: return pauseAccepting()
                default: return
                }
            }
            transport.configure(accepted, socket.options)
            // The application may stop the listening in this call.
            socket.emit(
                .accepted(endpoint: "\(endpoint)", peer: SocketAddress(remoteEndOf: accepted)?.text ?? "unknown")
            )
            guard isListening else { return _ = Glibc.close(accepted) }
            if let reason = socket.refusalOfPeers {
                // Before the handshake: what the peer has queued stays with it, for its next attempt.
                Glibc.close(accepted)
                socket.emit(.handshakeFailed(endpoint: "\(endpoint)", reason: reason))
                continue
            }
            let connection = socket.makeConnection(accepted, endpoint: endpoint, role: .accepting, owner: self)
            connections[ObjectIdentifier(connection)] = connection
            connection.start()
        }
    }

    /// Level-triggered readiness would spin: look away for a while.
    private func pauseAccepting() {
        watcher?.interest = []
        socket.reactor.after(Self.exhaustionPause) { [weak self] _ in self?.watcher?.interest = .readable }
    }
}

extension StreamListener: FileDescriptorHandler {
    func descriptor(_ watcher: FileDescriptorWatcher, ready: Readiness) { accept() }
}

extension StreamListener: StreamConnectionOwner {
    func connection(_ connection: any StreamLink, hasShakenHandsWith peer: Peer) -> Pipe? {
        guard socket.state == .open, socket.refusalOfPeers == nil else { return nil }
        socket.emit(.handshakeSucceeded(endpoint: "\(endpoint)", peerType: peer.socketType))
        guard socket.state == .open, !connection.isEnded else { return nil }
        let pipe = Pipe(of: socket, endpoint: endpoint, isPersistent: false)
        socket.add(pipe)
        return pipe
    }

    func connection(_ connection: any StreamLink, hasEndedBecause reason: EndReason, afterHandshake: Bool) {
        connections[ObjectIdentifier(connection)] = nil
        if afterHandshake {
            socket.emit(.disconnected(endpoint: "\(endpoint)", reason: reason.text))
        } else {
            socket.emit(.handshakeFailed(endpoint: "\(endpoint)", reason: reason.text))
        }
        socket.transportChanged()
    }
}
