public import ZMTP

/// What a ``RouterSocket`` tells its application.
public protocol RouterHandler: AnyObject {
    /// A message has arrived; its first frame is the routing id of the peer it came from.
    func socket(_ socket: RouterSocket, received message: Message)

    /// A peer has come, and can be sent to.
    func socket(_ socket: RouterSocket, connected peer: RouterPeer)

    /// A peer has gone; it can be asked who it was.
    func socket(_ socket: RouterSocket, disconnected peer: RouterPeer)

    /// There is room again for a peer for which a send would have blocked, or that peer has gone.
    func socketIsWritable(_ socket: RouterSocket)

    /// A message was dropped: no peer has its routing id, or that peer's queue is full.
    func socketDroppedMessage(_ socket: RouterSocket)
}

extension RouterHandler {
    public func socket(_ socket: RouterSocket, connected peer: RouterPeer) {}
    public func socket(_ socket: RouterSocket, disconnected peer: RouterPeer) {}
    public func socketIsWritable(_ socket: RouterSocket) {}
    public func socketDroppedMessage(_ socket: RouterSocket) {}
}

/// Speaks with each of its peers by name (RFC 28).
///
/// Each peer has a routing id: its own, when it has told one, or one that is made up for it, a zero and four bytes (RTR-6, RTR-7). What
/// arrives, from all peers in turn (RTR-8), has the sender's id as its first frame (RTR-9); the first frame of what is sent says whom
/// it is for, and does not travel (RTR-11). A message for a peer that is not there, or whose queue is full, is dropped and counted;
/// with ``isMandatory`` it is an error, or would block (RTR-13). Sending never waits (RTR-14).
///
/// What is queued for a peer is for that peer alone. When the connection to an endpoint is lost, it waits for the peer to come back
/// under the routing id that it has told. Another peer at the endpoint gets none of it, and a made-up id ends with its
/// connection: what was queued is dropped then, and counts as ``DropReason/peerGone``. A name that the application gives with
/// ``connect(_:as:)`` stands for the endpoint, and its queue is for whichever peer is there.
public final class RouterSocket: Socket, SendingSocket, ClosureSocket, RoutableSocket {
    /// Whether a message that cannot be routed is an error instead of being dropped. Default false.
    @exclusivity(unchecked) public var isMandatory = false

    /// Whether a peer with the routing id of another one takes its place, so that the other is disconnected. Otherwise the
    /// newcomer is, and tries again. Default false.
    public var allowsHandover = false

    /// Whether each new peer is sent an empty message, so that a ROUTER learns of us before we have something to say.
    public var probesPeers = false

    // Nothing unknown is called while one of these four is used: no access can meet another.
    @exclusivity(unchecked) private var handler: (any RouterHandler)?
    @exclusivity(unchecked) private var peers: [RoutingID: Pipe] = [:]
    /// What the next connection that we make is to be called, by its pipe.
    private var givenIDs: [ObjectIdentifier: Frame] = [:]
    /// The peers for which a send was refused.
    @exclusivity(unchecked) private var blocked: Set<ObjectIdentifier> = []
    /// Who is connected, by pipe, so that it is known who has gone.
    private var connected: [ObjectIdentifier: RouterPeer] = [:]
    private var lastPeers = LastPeers()
    private var nextNumber = UInt32.random(in: .min ... .max)
    @exclusivity(unchecked) private var arena: PrefixArena

    public init(_setup setup: _SocketSetup, handler: (any RouterHandler)?) throws(ZMQError) {
        self.handler = handler
        arena = PrefixArena(pool: LoopResources.of(setup.reactor).chunks)
        try super.init(.router, setup, isReceiver: handler != nil)
    }

    /// Connects to an endpoint whose peer is to be called `routingID` by this socket, whatever it says itself; it can be sent to
    /// at once, before it is there.
    ///
    /// - Throws: `invalidArgument` for an id that is empty, longer than 255 bytes or taken, and as ``Socket/connect(_:)``.
    public func connect(_ endpoint: String, as routingID: Frame) throws(ZMQError) {
        guard (1...255).contains(routingID.count), peers[RoutingID(routingID)] == nil else {
            throw .badOption("routingID", value: "\(routingID)", expected: "1 to 255 bytes that no other peer has")
        }
        nextGivenID = routingID
        defer { nextGivenID = nil }
        try connect(endpoint)
    }
    private var nextGivenID: Frame?

    // MARK: Peers

    /// The peer with this routing id, or nil.
    public func peer(_ routingID: Frame) -> RouterPeer? {
        peers[RoutingID(routingID)].map { RouterPeer(routingID: routingID, $0) }
    }

    override func pipeAdded(_ pipe: Pipe) {
        guard let id = nextGivenID else { return }
        givenIDs[ObjectIdentifier(pipe)] = id
        name(pipe, id)
    }

    override func pipeUp(_ pipe: Pipe) {
        if givenIDs[ObjectIdentifier(pipe)] == nil {
            let own = Frame(pipe.peer?.identity ?? [])
            unmap(pipe)
            if !own.isEmpty, let other = peers[RoutingID(own)] {
                // The application may have given the id away since the handshake.
                if let refusal = refusal(of: own, for: pipe) { return pipe.link?.turnAway(refusal) ?? () }
                if other.isPersistent, other.peer == nil {
                    unmap(other)
                    moveQueue(of: other, to: pipe)
                } else if other.isPersistent {
                    // A connection of our own would come back and take the name again.
                    unmap(other)
                    name(other, inventedID())
                } else {
                    other.link?.turnAway("another peer has taken over the routing id \(own)")
                    unmap(other)
                }
            }
            name(pipe, own.isEmpty ? inventedID() : own)
        }
        if probesPeers { pipe.probe() }
        let peer = RouterPeer(routingID: id(of: pipe), pipe)
        connected[ObjectIdentifier(pipe)] = peer
        handler?.socket(self, connected: peer)
    }

    /// A name that is another peer's does not go to a second one, unless it is handed over.
    override func refusal(of peer: Peer, for pipe: Pipe?) -> String? {
        guard !peer.identity.isEmpty, pipe.map({ givenIDs[ObjectIdentifier($0)] == nil }) ?? true else { return nil }
        return refusal(of: Frame(peer.identity), for: pipe)
    }

    private func refusal(of id: Frame, for pipe: Pipe?) -> String? {
        guard let other = peers[RoutingID(id)], other !== pipe else { return nil }
        let isGiven = givenIDs[ObjectIdentifier(other)] != nil
        // An id that was made up here is not for others to take over: it is guessed easily.
        let isInvented = other.peer?.identity.isEmpty == true
        // A peer that was lost may come back by another connection.
        if !isGiven, !isInvented, allowsHandover || other.peer == nil { return nil }
        return "another peer has the routing id \(id)"
    }

    /// What was queued for a lost peer is for it wherever it comes back.
    private func moveQueue(of lost: Pipe, to pipe: Pipe) {
        for run in lost.outbound.takeRuns() { pipe.outbound.append(run) }
        if blocked.remove(ObjectIdentifier(lost)) != nil { blocked.insert(ObjectIdentifier(pipe)) }
    }

    override func pipe(_ pipe: Pipe, meets peer: Peer) -> Bool {
        guard lastPeers.meet(peer, at: pipe) else { return false }
        part(pipe)
        return true
    }

    /// What is queued under the name of a peer is for that peer alone; under a name that was given, for the endpoint.
    private func part(_ pipe: Pipe) {
        guard givenIDs[ObjectIdentifier(pipe)] == nil else { return }
        unmap(pipe)
        pipe.part()
    }

    override func pipeDown(_ pipe: Pipe) {
        // A name that was made up for a peer ends with its connection.
        if lastPeers.isUnnamed(pipe) { part(pipe) }
        // One that was turned away had never come.
        guard let peer = connected.removeValue(forKey: ObjectIdentifier(pipe)) else { return }
        if !pipe.isPersistent { unmap(pipe) }
        handler?.socket(self, disconnected: peer)
    }

    override func pipeRemoved(_ pipe: Pipe) {
        unmap(pipe)
        givenIDs[ObjectIdentifier(pipe)] = nil
        lastPeers.forget(pipe)
        // What waits for a peer that is gone waits for nobody.
        if blocked.remove(ObjectIdentifier(pipe)) != nil, state == .open {
            companion?.roomWasMade(at: self)
            handler?.socketIsWritable(self)
        }
    }

    private func name(_ pipe: Pipe, _ id: Frame) {
        pipe.routingPrefix = [FrameHeader.more, UInt8(id.count)] + id
        peers[RoutingID(id)] = pipe
    }

    /// What has arrived from a peer keeps its id; nothing more is sent to it.
    private func unmap(_ pipe: Pipe) { if isMapped(pipe) { peers[RoutingID(id(of: pipe))] = nil } }

    private func isMapped(_ pipe: Pipe) -> Bool {
        !pipe.routingPrefix.isEmpty && peers[RoutingID(id(of: pipe))] === pipe
    }

    private func id(of pipe: Pipe) -> Frame { Frame(pipe.routingPrefix.dropFirst(2)) }

    private func inventedID() -> Frame {
        while true {
            defer { nextNumber &+= 1 }
            let id = Frame([0] + (0..<4).map { UInt8(truncatingIfNeeded: nextNumber >> (24 - 8 * $0)) })
            if peers[RoutingID(id)] == nil { return id }
        }
    }

    // MARK: Sending

    /// Sends a message whose first frame is the routing id of the peer it is for.
    ///
    /// - Returns: `accepted`, also when the message was dropped; `wouldBlock` only with ``isMandatory``, when the peer's queue is full.
    /// - Throws: `hostUnreachable` with ``isMandatory`` when no peer has the id; `closed`, `terminated`.
    public func send(_ message: Message) throws(ZMQError) -> SendResult {
        guard state == .open else { throw closedError() }
        let key = message.withUnsafeBytes { RoutingID($0) }
        guard let body = message.dropFirst() else {
            // A routing id alone says nothing.
            return dropped(.malformed)
        }
        return try route(body, to: key)
    }

    /// Sends a message to the peer with this routing id. See ``send(_:)-(Message)``.
    public func send(_ message: Message, to routingID: Frame) throws(ZMQError) -> SendResult {
        guard state == .open else { throw closedError() }
        return try route(message, to: RoutingID(routingID))
    }

    /// Sends a message of one frame to the peer with this routing id. See ``send(_:)-(Message)``.
    public func send(_ text: String, to routingID: Frame) throws(ZMQError) -> SendResult {
        try send(Message(text), to: routingID)
    }

    public func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult { try send(Message(bytes)) }

    override func forward(_ run: inout Run, behind prefix: [UInt8]) {
        forwardEach(&run, behind: prefix) { message throws(ZMQError) in try send(message) }
    }

    private func route(_ body: Message, to id: RoutingID) throws(ZMQError) -> SendResult {
        guard let pipe = peers[id] else {
            guard !isMandatory else { throw ZMQError(.hostUnreachable, "no peer has this routing id") }
            return dropped(.noSuchPeer)
        }
        guard pipe.hasRoom || pipe.findsRoom() else {
            guard isMandatory else { return dropped(.queueFull) }
            blocked.insert(ObjectIdentifier(pipe))
            return .wouldBlock
        }
        pipe.send(body)
        return .accepted
    }

    private func dropped(_ reason: DropReason) -> SendResult {
        drop(1, reason)
        handler?.socketDroppedMessage(self)
        return .accepted
    }

    override func awaitsRoom(of pipe: Pipe) -> Bool { !blocked.isEmpty && blocked.contains(ObjectIdentifier(pipe)) }

    override func pipeHasRoom(_ pipe: Pipe) {
        guard blocked.remove(ObjectIdentifier(pipe)) != nil, state == .open else { return }
        companion?.roomWasMade(at: self)
        handler?.socketIsWritable(self)
    }

    // MARK: Receiving

    public func tryReceive() throws(ZMQError) -> Message? {
        guard state == .open else { throw closedError() }
        guard let (message, pipe) = fairQueue.next() else { return nil }
        return pipe.routingPrefix.withUnsafeBytes { Message(prefix: $0, frames: 1, message) }
    }

    public static func _handler(_ closure: _ClosureHandler<RouterSocket>) -> any RouterHandler { closure }

    override func deliver(_ run: inout Run, from pipe: Pipe) {
        guard let handler else { return }
        while flows, let message = run.next() {
            handler.socket(self, received: arena.message(pipe.routingPrefix, message))
        }
        arena.settle()
    }

    override func forgetHandler() { handler = nil }
}

extension _ClosureHandler: RouterHandler where Source == RouterSocket {}
