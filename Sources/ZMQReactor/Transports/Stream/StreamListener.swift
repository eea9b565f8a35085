import EventReactor
import Glibc
import ZMTP

/// Accepts the connections of one bound endpoint.
final class StreamListener: Listener {
    let host: any ConnectionHost
    /// The host's, at hand.
    let reactor: Reactor
    let loop: LoopResources
    let observer: SocketObserver
    let transport: any StreamTransport
    let endpointOptions: EndpointOptions
    var options: SocketOptions { _read { yield endpointOptions.options } }
    let admissions: Admissions

    let listening: ListeningDescriptor
    private(set) var watcher: FileDescriptorWatcher?

    private struct Member {
        let connection: StreamConnection
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
    init(
        _ transport: any StreamTransport,
        of host: any ConnectionHost,
        _ endpointOptions: EndpointOptions,
        on listening: ListeningDescriptor
    ) {
        self.host = host
        reactor = host.reactor
        loop = host.loop
        observer = host.observer
        self.transport = transport
        self.listening = listening
        self.endpointOptions = endpointOptions
        admissions = observer.admissions
        watcher = reactor.watchOpen(listening.descriptor, for: .readable, handler: self)
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
        reactor.deferRelease(self)
        observer.record(.closed(endpoint))
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
    func add(_ connection: StreamConnection, from address: RemoteAddress?) {
        members[ObjectIdentifier(connection)] = Member(connection: connection, address: address)
    }

    /// The connection is counted among those that shake hands no longer.
    private func endHandshake(of connection: StreamConnection) {
        let key = ObjectIdentifier(connection)
        guard members[key]?.endHandshake() == true else { return }
        admissions.endHandshake(members[key]?.address)
    }
}

extension StreamListener: FileDescriptorHandler {
    func descriptor(_ watcher: FileDescriptorWatcher, ready: Readiness) { accept() }
}

extension StreamListener: StreamConnectionOwner {
    func connection(_ connection: StreamConnection, hasShakenHandsWith peer: Peer) -> Admission {
        endHandshake(of: connection)
        switch host.admit(peer, to: nil, at: endpoint, endpointOptions) {
        case .pipe(let pipe):
            observer.record(.handshakeSucceeded(endpoint, connection, peer.socketType))
            // The application may have closed the socket.
            guard host.isOpen, !connection.isEnded else { return .reject(.closed) }
            pipe.sink.add(pipe)
            return .pipe(pipe)
        case .pending(let pipe): return .pending(pipe)
        case .reject(let reason): return .reject(reason)
        }
    }

    func connection(_ connection: StreamConnection, hasEndedBecause reason: EventReason, afterHandshake: Bool) {
        if let member = members.removeValue(forKey: ObjectIdentifier(connection)) {
            admissions.leave(member.address, whileShakingHands: member.isShakingHands)
        }
        if afterHandshake {
            observer.record(endFor: reason, .disconnected(endpoint, connection, reason))
        } else {
            observer.record(endFor: reason, .handshakeFailed(endpoint, connection, reason))
        }
        host.endpointChanged()
    }
}
