import CSockets
import EventReactor
import Glibc
import ZMTP

/// Accepts the connections of one bound endpoint.
final class StreamListener: Listener {
    let socket: Socket
    let transport: any StreamTransport
    let options: SocketOptions

    private let listening: ListeningDescriptor
    private var watcher: FileDescriptorWatcher?
    private var connections: [ObjectIdentifier: any StreamLink] = [:]

    /// Connections accepted in one turn at most, so that a flood of them leaves time for the others.
    private static let turnBudget = 64

    /// How long accepting pauses when the process is out of descriptors.
    private static let exhaustionPause = Duration.milliseconds(100)

    /// Accepts the connections of a descriptor, and closes it in the end.
    init(_ transport: any StreamTransport, of socket: Socket, on listening: ListeningDescriptor) {
        self.socket = socket
        self.transport = transport
        self.listening = listening
        options = socket.options
        watcher = socket.reactor.watchOpen(listening.descriptor, for: .readable, handler: self)
    }

    var endpoint: Endpoint { listening.endpoint }

    var connectionCount: Int { connections.count }

    var unsentMessages: Int { connections.values.reduce(0) { $0 + ($1.pipe?.outbound.count ?? 0) } }

    var isListening: Bool { watcher != nil }

    var connectionInfo: [ConnectionInfo] { connections.values.map { $0.info(endpoint: endpoint, isAccepted: true) } }

    func stopListening() {
        guard let watcher else { return }
        watcher.cancel()
        self.watcher = nil
        // The file goes first: nobody shall connect to one that nobody listens at.
        listening.cleanUp()
        Glibc.close(listening.descriptor)
        socket.reactor.deferRelease(self)
        socket.emit(.closed(endpoint: "\(endpoint)"))
    }

    func closeConnections(afterSending: Bool) {
        for connection in connections.values { connection.close(afterSending: afterSending) }
    }

    /// Ends the connections that have not shaken hands.
    func endHandshakes() {
        for connection in connections.values where connection.pipe == nil { connection.close(afterSending: false) }
    }

    private func accept() {
        for _ in 0..<Self.turnBudget {
            // A handler may have unbound us.
            guard isListening else { return }
            let accepted = csockets_accept(listening.descriptor)
            guard accepted >= 0 else {
                switch errno {
                case EINTR, ECONNABORTED: continue
                case EMFILE, ENFILE, ENOBUFS, ENOMEM: return pauseAccepting()
                default: return
                }
            }
            transport.configure(accepted, options)
            let connection = socket.makeConnection(accepted, role: .accepting, owner: self)
            connections[ObjectIdentifier(connection)] = connection
            socket.emit(.accepted(endpoint: "\(endpoint)", peer: connection.peerName))
            // The application may have closed the socket in this call.
            guard !connection.isEnded else { continue }
            if let reason = socket.refusalOfPeers {
                // Before the handshake: what the peer has queued stays with it, for its next attempt.
                connection.end(.turnedAway(reason))
            } else if transport.admits(accepted, options) {
                connection.start()
            } else {
                connection.end(.notAllowed)
            }
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
        // Before READY has left: what the peer has queued stays with it.
        if let reason = socket.refusal(of: peer, for: nil) {
            connection.end(.turnedAway(reason))
            return nil
        }
        if !socket.awaitsAcceptance(of: peer) {
            socket.emit(
                .handshakeSucceeded(endpoint: "\(endpoint)", peer: connection.peerName, peerType: peer.socketType)
            )
        }
        guard socket.state == .open, !connection.isEnded else { return nil }
        let pipe = Pipe(of: socket, endpoint: endpoint, isPersistent: false)
        socket.add(pipe)
        return pipe
    }

    func connection(_ connection: any StreamLink, hasEndedBecause reason: EventReason, afterHandshake: Bool) {
        connections[ObjectIdentifier(connection)] = nil
        if afterHandshake {
            socket.emit(.disconnected(endpoint: "\(endpoint)", peer: connection.peerName, reason: reason))
        } else {
            socket.emit(.handshakeFailed(endpoint: "\(endpoint)", peer: connection.peerName, reason: reason))
        }
        socket.transportChanged()
    }
}
