import EventReactor
public import ZMTP

/// What a ``StreamSocket`` tells its application.
public protocol StreamHandler: AnyObject {
    /// Bytes have arrived, as `[routing id, bytes]`; or, with no bytes, a peer has come or gone.
    func socket(_ socket: StreamSocket, received message: Message)

    /// There is room again for a peer for which a send would have blocked.
    func socketIsWritable(_ socket: StreamSocket, for routingID: Frame)
}

extension StreamHandler {
    public func socketIsWritable(_ socket: StreamSocket, for routingID: Frame) {}
}

/// Speaks with plain TCP peers, without any protocol of ours: an HTTP or telnet client can be served, or be one.
///
/// Each peer has a routing id of 5 bytes, the first of which is 0. What a peer sends arrives as messages `[routing id, bytes]`,
/// cut wherever the network cut it, each byte once and in order; peers are read in turn. A message `[routing id]` with an empty frame
/// behind it says that the peer has come, and a second one that it has gone (see ``deliversNotices``).
///
/// Sending `[routing id, bytes]` writes exactly those bytes; frames behind the second are written, too. Sending no bytes,
/// `[routing id, ""]`, closes the peer's connection as soon as what is queued for it has left, see ``hangUp(on:)``.
///
/// The queue of a peer is never cut short: at the high-water mark, `send` takes nothing and answers `wouldBlock`. What is queued
/// when a peer goes is dropped and counted; it would make no sense to another connection.
public final class StreamSocket: Socket, SendingSocket, ClosureSocket {
    /// Whether a message for a peer that is not there is an error. Otherwise it is dropped and counted. Default false.
    public var isMandatory = false

    /// Whether the application is told, with an empty message, of each peer that comes and goes. Default true.
    public var deliversNotices = true

    private var handler: (any StreamHandler)?
    private var peers = RoutingTable()
    /// The peers for which a send was refused.
    private var blocked: Set<ObjectIdentifier> = []
    /// What ends the connections that were hung up on, when their time is over.
    private var hangUps: [ObjectIdentifier: ReactorTimer] = [:]

    public init(_setup setup: _SocketSetup, handler: (any StreamHandler)?) throws(ZMQError) {
        self.handler = handler
        try super.init(.stream, setup, isReceiver: handler != nil)
    }

    // MARK: Sending

    /// Sends `[routing id, bytes]`, or closes the connection of the peer when there are no bytes.
    ///
    /// - Returns: `wouldBlock` when the peer's queue is at its high-water mark: nothing has been taken.
    /// - Throws: `invalidArgument` when nothing follows the routing id, `hostUnreachable` when no peer has it and the socket
    ///   ``isMandatory``, `closed`, `terminated`.
    public func send(_ message: Message) throws(ZMQError) -> SendResult {
        guard state == .open else { throw closedError() }
        guard let bytes = message.dropFirst() else {
            throw ZMQError(.invalidArgument, "a message to a raw peer has a frame behind the routing id")
        }
        return try send(bytes, to: message[0])
    }

    public func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult { try send(Message(bytes)) }

    /// Sends the text's UTF-8 bytes to a peer.
    ///
    /// - Throws: as ``send(_:)``.
    public func send(_ text: String, to routingID: Frame) throws(ZMQError) -> SendResult {
        try send(Message(text), to: routingID)
    }

    /// Sends bytes to a peer.
    ///
    /// - Throws: as ``send(_:)``.
    public func send(_ bytes: [UInt8], to routingID: Frame) throws(ZMQError) -> SendResult {
        try send(Message(bytes), to: routingID)
    }

    /// Closes a peer's connection as soon as what is queued for it has left, and does not connect to it again.
    ///
    /// A peer that does not read is waited for as long as ``SocketOptions/linger`` says at the time of this call, and what has not left then is
    /// dropped and counted. With no linger, that is what the operating system does not take at once.
    ///
    /// - Throws: as ``send(_:)``.
    public func hangUp(on routingID: Frame) throws(ZMQError) {
        _ = try send(Message(), to: routingID)
    }

    /// The routing id of the peer at an endpoint that this socket has connected to, whether or not it is there yet; it stays the
    /// same when the connection is lost and made again. Nil when the socket does not connect to it.
    public func routingID(of endpoint: String) -> Frame? {
        guard let parsed = try? Endpoint(endpoint) else { return nil }
        let pipe = pipes.lazy.compactMap(\.self).first { $0.isPersistent && $0.endpoint == parsed }
        return pipe.flatMap { peers.id(of: $0) }
    }

    private func send(_ bytes: Message, to routingID: Frame) throws(ZMQError) -> SendResult {
        guard state == .open else { throw closedError() }
        guard let pipe = peers[routingID] else {
            guard !isMandatory else { throw ZMQError(.hostUnreachable, "no peer has the routing id \(routingID)") }
            drop(1, .noSuchPeer)
            return .accepted
        }
        guard bytes.byteCount > 0 else {
            hangUp(pipe)
            return .accepted
        }
        guard pipe.hasRoom || pipe.findsRoom() else {
            blocked.insert(ObjectIdentifier(pipe))
            return .wouldBlock
        }
        pipe.outbound.append(bytes)
        pipe.outboundGrew()
        return .accepted
    }

    override func forward(_ run: inout Run, behind prefix: [UInt8]) {
        forwardEach(&run, behind: prefix) { message throws(ZMQError) in try send(message) }
    }

    private func hangUp(_ pipe: Pipe) {
        peers.retire(pipe)
        let connector = connectors.first { $0.serves(pipe) }
        if let connector { connector.close(afterSending: true) } else { pipe.link?.close(afterSending: true) }
        let limit: Duration
        switch options.linger {
        case .none: limit = .zero
        case .atMost(let time): limit = time
        case .untilSent: return
        }
        guard pipe.slot >= 0 else { return }
        // Not within this call, as that may be one of the handler's, which is told of the end.
        hangUps[ObjectIdentifier(pipe)] = reactor.after(limit) { _ in
            pipe.link?.giveUp(afterWriting: limit <= .zero)
            if pipe.link == nil { connector?.close(afterSending: false) }
        }
    }

    // MARK: Receiving

    public static func _handler(_ closure: _ClosureHandler<StreamSocket>) -> any StreamHandler { closure }

    override func deliver(_ run: inout Run, from pipe: Pipe) {
        guard let handler else { return }
        while flows, let message = run.next() { handler.socket(self, received: message) }
    }

    /// Puts the routing id in front of what a connection has read. Who was hung up on is not listened to any more.
    override func receive(_ run: consuming Run, from pipe: Pipe) {
        while let id = peers.currentID(of: pipe), var message = run.next() {
            message.prepend(id)
            super.receive(Run(message), from: pipe)
        }
    }

    private func notice(of pipe: Pipe) {
        guard deliversNotices, state == .open, let id = peers.id(of: pipe) else { return }
        super.receive(Run(Message(frames: [id, Frame()])), from: pipe)
    }

    // MARK: Peers

    override func pipeAdded(_ pipe: Pipe) { peers.add(pipe) }

    override func pipeUp(_ pipe: Pipe) { notice(of: pipe) }

    override func peerHasFinished(_ pipe: Pipe) { pipe.link?.close(afterSending: true) }

    override func pipeDown(_ pipe: Pipe) {
        drop(pipe.outbound.count, .peerGone)
        pipe.outbound.removeAll()
        notice(of: pipe)
    }

    override func pipeRemoved(_ pipe: Pipe) {
        peers.remove(pipe)
        hangUps.removeValue(forKey: ObjectIdentifier(pipe))?.cancel()
        // What waits for a peer that is gone waits for nobody.
        if blocked.remove(ObjectIdentifier(pipe)) != nil { companion?.roomWasMade(at: self) }
    }

    override func awaitsRoom(of pipe: Pipe) -> Bool { !blocked.isEmpty && blocked.contains(ObjectIdentifier(pipe)) }

    override func pipeHasRoom(_ pipe: Pipe) {
        guard blocked.remove(ObjectIdentifier(pipe)) != nil, state == .open else { return }
        companion?.roomWasMade(at: self)
        if let id = peers.id(of: pipe) { handler?.socketIsWritable(self, for: id) }
    }

    override func forgetHandler() { handler = nil }
}

extension _ClosureHandler: StreamHandler where Source == StreamSocket {}
