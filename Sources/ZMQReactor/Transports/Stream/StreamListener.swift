import EventReactor
import Glibc
import ZMTP

/// Accepts the connections of one bound endpoint.
final class StreamListener: Listener {
    let socket: Socket
    let transport: any StreamTransport
    let options: SocketOptions
    let admissions: Admissions
    var handshakeInterval: Duration { options.handshakeInterval }
    private let pipeOptions: Pipe.Options
    let identity: [UInt8]

    let listening: ListeningDescriptor
    private(set) var watcher: FileDescriptorWatcher?

    private struct Member {
        let connection: any StreamLink
        /// What the connection is counted by.
        let address: RemoteAddress?
        private(set) var isShakingHands = true

        /// Answers whether the handshake was in progress.
        mutating func endHandshake() -> Bool {
            defer { isShakingHands = false }
            return isShakingHands
        }
    }
    private var members: [ObjectIdentifier: Member] = [:]

    var limitEvents = LimitEvents()
    var spare = SpareDescriptor()

    /// Accepts the connections of a descriptor, and closes it in the end.
    init(_ transport: any StreamTransport, of socket: Socket, on listening: ListeningDescriptor) {
        self.socket = socket
        self.transport = transport
        self.listening = listening
        options = socket.options
        admissions = socket.admissions
        pipeOptions = socket.pipeOptions
        identity = socket.identity
        watcher = socket.reactor.watchOpen(listening.descriptor, for: .readable, handler: self)
    }

    var endpoint: Endpoint { listening.endpoint }

    var connectionCount: Int { members.count }

    var unsentMessages: Int { members.values.reduce(0) { $0 + ($1.connection.pipe?.outbound.count ?? 0) } }

    var isListening: Bool { watcher != nil }

    var connectionInfo: [ConnectionInfo] {
        members.values.map { $0.connection.info(endpoint: endpoint, isAccepted: true) }
    }

    func stopListening() {
        guard let watcher else { return }
        watcher.cancel()
        self.watcher = nil
        // The file goes first: nobody shall connect to one that nobody listens at.
        listening.cleanUp()
        Glibc.close(listening.descriptor)
        _ = spare.giveUp()
        socket.reactor.deferRelease(self)
        socket.emit(.closed(endpoint: "\(endpoint)"))
    }

    func closeConnections(afterSending: Bool) {
        for member in members.values { member.connection.close(afterSending: afterSending) }
    }

    /// Ends the connections that have not shaken hands.
    func endHandshakes() {
        for member in members.values where member.connection.pipe == nil {
            member.connection.close(afterSending: false)
        }
    }

    /// A connection has been admitted.
    func add(_ connection: any StreamLink, from address: RemoteAddress?) {
        members[ObjectIdentifier(connection)] = Member(connection: connection, address: address)
    }

    /// The connection is counted among those that shake hands no longer.
    private func endHandshake(of connection: any StreamLink) {
        let key = ObjectIdentifier(connection)
        guard members[key]?.endHandshake() == true else { return }
        admissions.endHandshake(members[key]?.address)
    }
}

extension StreamListener: FileDescriptorHandler {
    func descriptor(_ watcher: FileDescriptorWatcher, ready: Readiness) { accept() }
}

extension StreamListener: StreamConnectionOwner {
    func connection(_ connection: any StreamLink, hasShakenHandsWith peer: Peer) -> Pipe? {
        endHandshake(of: connection)
        guard socket.state == .open, socket.refusalOfPeers == nil else { return nil }
        // Before READY has left: what the peer has queued stays with it.
        if !peer.identity.isEmpty, let reason = socket.refusal(of: peer, for: nil) {
            connection.end(.turnedAway(reason))
            return nil
        }
        if !connection.isOnHold {
            socket.emit(
                .handshakeSucceeded(endpoint: "\(endpoint)", peer: connection.peerName, peerType: peer.socketType)
            )
        }
        guard socket.state == .open, !connection.isEnded else { return nil }
        let pipe = Pipe(of: socket, endpoint: endpoint, options: pipeOptions, isPersistent: false)
        socket.add(pipe)
        return pipe
    }

    func connection(_ connection: any StreamLink, hasEndedBecause reason: EventReason, afterHandshake: Bool) {
        if let member = members.removeValue(forKey: ObjectIdentifier(connection)) {
            admissions.leave(member.address, whileShakingHands: member.isShakingHands)
        }
        socket.countLimit(reason)
        if afterHandshake {
            socket.emit(.disconnected(endpoint: "\(endpoint)", peer: connection.peerName, reason: reason))
        } else {
            socket.emit(.handshakeFailed(endpoint: "\(endpoint)", peer: connection.peerName, reason: reason))
        }
        socket.transportChanged()
    }
}
