import EventReactor
import ZMTP

/// Listens at one bound endpoint, and has a connection for each peer. An acceptor accepts the transport's connections;
/// everything else is here.
///
/// The application may close the socket in each event, and with it this listener: its state is consistent before an
/// event, and is read again after it.
final class Listener {
    let host: any ConnectionHost
    /// The host's, for quick access.
    let reactor: Reactor
    let buffers: StreamBuffers
    let observer: SocketObserver
    let endpointOptions: EndpointOptions
    private lazy var engineProfile = endpointOptions.engineProfile(
        .accepting,
        greets: acceptor.greets,
        acceptor.metadata
    )
    var options: SocketOptions { _read { yield endpointOptions.options } }
    let acceptor: any Acceptor
    /// The resolved endpoint.
    let endpoint: Endpoint

    private(set) var isListening = true

    private struct Member {
        let link: any AcceptedLink
        /// The address whose limits count the connection.
        let address: RemoteAddress?
        /// Whether limits count it.
        let isCounted: Bool
        private(set) var isInHandshake: Bool
        /// Grows from one connection to the next.
        var number = 0

        init(_ link: any AcceptedLink, from address: RemoteAddress?, isCounted: Bool, isInHandshake: Bool) {
            (self.link, self.address, self.isCounted) = (link, address, isCounted)
            self.isInHandshake = isInHandshake
        }

        /// Returns the address if the handshake was in progress.
        mutating func endHandshake() -> RemoteAddress?? {
            defer { isInHandshake = false }
            return isInHandshake ? .some(address) : nil
        }
    }
    private var members: [ObjectIdentifier: Member] = [:]
    private var lastNumber = 0
    private var limitEvents = LimitEvents()

    init(_ acceptor: any Acceptor, of host: any ConnectionHost, _ endpointOptions: EndpointOptions) {
        self.acceptor = acceptor
        self.host = host
        reactor = host.reactor
        buffers = StreamBuffers.of(reactor)
        observer = host.observer
        self.endpointOptions = endpointOptions
        endpoint = acceptor.endpoint
        acceptor.listener = self
    }

    /// Begins, now that the socket knows of it.
    func start() { if isListening { acceptor.start() } }

    // MARK: What is known

    /// The number of connections that it has let in and that are not gone.
    var connectionCount: Int { members.isEmpty && !isListening && acceptor.hasMore ? 1 : members.count }

    /// Messages that are queued for the peers and have not left.
    var unsentMessages: Int {
        members.values.reduce(0) { $0 + ($1.link.servedPipe?.refreshUnsent() ?? 0) }
    }

    /// The connections as they are now, in the order in which they were made.
    var connectionInfo: [ConnectionInfo] {
        links.map {
            $0.refreshCredit()
            return $0.info(endpoint: endpoint, isAccepted: true)
        } + acceptor.connectionInfo
    }

    // MARK: Peers

    /// Counts a peer with the address, or returns the limit that rejects it.
    func admit(from address: RemoteAddress?) -> SocketLimit? {
        observer.admissions.admit(address, options.limits, at: reactor.nanoseconds)
    }

    /// A limit keeps a peer out. Returns the reason, and whether that is worth an event, as it is now and then.
    func refusal(by limit: SocketLimit) -> (reason: EventReason, isEvent: Bool) {
        let silent = limitEvents.refusal(by: limit, at: reactor.nanoseconds)
        return (.refused(by: limit, options.limits, silent: silent ?? 0), silent != nil)
    }

    /// A peer has come by a byte stream, and no limit forbids that.
    ///
    /// - Parameter isAllowed: whether it is one of those that may.
    func accepted(_ stream: consuming ByteStream, from address: RemoteAddress?, isAllowed: @autoclosure () -> Bool) {
        engineProfile.replaceKeys(at: reactor.nanoseconds)
        let connection = StreamConnection(stream, of: self, endpointOptions, engineProfile)
        let member = Member(connection, from: address, isCounted: true, isInHandshake: true)
        add(member, for: connection)
        observer.record(.accepted(endpoint, connection))
        guard !connection.isEnded else { return }
        if let reason = host.rejection(of: nil, for: nil) {
            // Before the handshake: what the peer has queued stays with it, for its next attempt.
            connection.end(reason)
        } else if isAllowed() {
            connection.start()
        } else {
            connection.end(.notAllowed)
        }
    }

    /// A peer in this program is joined by a link, which serves the pipe.
    ///
    /// - Parameter isCounted: whether limits count it here.
    func joined(_ link: some AcceptedLink, _ pipe: Pipe, isCounted: Bool) {
        let member = Member(link, from: nil, isCounted: isCounted, isInHandshake: false)
        add(member, for: link)
        pipe.sink.add(pipe)
    }

    /// The connections, in the order in which they were made.
    var links: [any AcceptedLink] { members.values.sorted { $0.number < $1.number }.map(\.link) }

    private func add(_ member: consuming Member, for link: AnyObject) {
        lastNumber += 1
        member.number = lastNumber
        members[ObjectIdentifier(link)] = member
    }

    /// The link to a peer in this program is gone, which is worth an event.
    func lost(_ link: any AcceptedLink, _ reason: EventReason, _ fact: @autoclosure () -> Fact) {
        guard let member = members.removeValue(forKey: ObjectIdentifier(link)) else { return }
        if member.isCounted {
            observer.admissions.leave(nil)
            observer.record(endFor: reason, fact())
        } else {
            observer.record(fact())
        }
        host.endpointChanged()
    }

    // MARK: Closing

    /// Accepts no further peer, and releases the endpoint. Connections stay.
    func stopListening() {
        guard isListening else { return }
        isListening = false
        acceptor.stop()
        reactor.deferRelease(self)
        observer.record(.closed(endpoint))
    }

    /// Ends all connections: at once, or each when its queue has left.
    func closeConnections(afterSending: Bool) {
        for link in links { link.close(afterSending: afterSending) }
        acceptor.closeConnections(all: !afterSending)
    }

    /// Ends the connections that have not shaken hands.
    func endHandshakes() {
        for link in links where link.servedPipe == nil { link.close(afterSending: false) }
    }

    /// The host has begun or ceased to reject further peers.
    func rejectionChanged() { acceptor.rejectionChanged() }
}

extension Listener: StreamConnectionOwner {
    func connection(_ connection: StreamConnection, handshakeCompletedWith peer: Peer) -> Admission {
        endHandshake(of: connection)
        switch host.admit(peer, to: nil, at: endpoint, endpointOptions) {
        case .pipe(let pipe):
            observer.record(.handshakeSucceeded(endpoint, connection, peer.socketType))
            // The application may have closed the socket in this event, or have given it another peer.
            if observer.isObserved, let reason = host.rejection(of: peer, for: nil) {
                connection.end(reason)
                return .reject(reason)
            }
            guard !connection.isEnded else { return .reject(.closed) }
            pipe.sink.add(pipe)
            return .pipe(pipe)
        case .pending(let pipe): return .pending(pipe)
        case .reject(let reason): return .reject(reason)
        }
    }

    /// The connection is counted among those that shake hands no longer.
    private func endHandshake(of connection: StreamConnection) {
        guard let address = members[ObjectIdentifier(connection)]?.endHandshake() else { return }
        observer.admissions.endHandshake(address)
    }

    func connection(_ connection: StreamConnection, reached limit: SocketLimit) {
        observer.record(.limited(endpoint, connection, limit))
    }

    func connection(_ connection: StreamConnection, closedBecause reason: EventReason, afterHandshake: Bool) {
        if let member = members.removeValue(forKey: ObjectIdentifier(connection)) {
            observer.admissions.leave(member.address, duringHandshake: member.isInHandshake)
        }
        if afterHandshake {
            observer.record(endFor: reason, .disconnected(endpoint, connection, reason))
        } else {
            observer.record(.handshakeFailed)
            observer.record(endFor: reason, .handshakeFailed(endpoint, connection, reason))
        }
        host.endpointChanged()
    }
}

extension StreamConnection: AcceptedLink {
    var servedPipe: Pipe? { pipe }
}
