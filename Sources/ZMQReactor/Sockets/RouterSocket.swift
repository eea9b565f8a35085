public import ZMTP

/// Events of a ``RouterSocket``.
public protocol RouterHandler: AnyObject {
    /// A message has arrived; its first frame is the routing id of its sender.
    func socket(_ socket: RouterSocket, received message: Message)

    /// A peer has connected; messages can be sent to it.
    func socket(_ socket: RouterSocket, connected peer: RouterPeer)

    /// A peer has disconnected; its properties can still be read.
    func socket(_ socket: RouterSocket, disconnected peer: RouterPeer)

    /// The socket can send again to a peer after a send that would have blocked, or that peer is gone.
    func socketIsWritable(_ socket: RouterSocket)

    /// A message was dropped: no peer has its routing id, or that peer's queue is full.
    func socketDroppedMessage(_ socket: RouterSocket)

    /// The socket is closed, and its queued messages have been sent or given up. Called once, as the last call for this
    /// socket, after the linger and before the completion of ``Socket/close(_:)``.
    func socketClosed(_ socket: RouterSocket)
}

extension RouterHandler {
    public func socket(_ socket: RouterSocket, connected peer: RouterPeer) {}
    public func socket(_ socket: RouterSocket, disconnected peer: RouterPeer) {}
    public func socketIsWritable(_ socket: RouterSocket) {}
    public func socketDroppedMessage(_ socket: RouterSocket) {}
    public func socketClosed(_ socket: RouterSocket) {}
}

/// Addresses each of its peers by a routing id (RFC 28).
///
/// The routing id is the peer's own, if it has sent one, or a generated one: a zero and four bytes. Messages arrive
/// from all peers in turn, with the sender's id as the first frame. The first frame of a message to send is the id of
/// its recipient, and is not sent. A message for a peer that is not connected, or whose queue is full, is dropped and
/// counted; with ``isMandatory`` it is an error, or would block. Sends never wait.
///
/// Messages queued for a peer are for that peer alone. When the connection to an endpoint is lost, they wait for the
/// peer to reconnect with the routing id that it has sent. Another peer at the endpoint does not get them, and a
/// generated id ends with its connection: the messages queued are then dropped, and count as ``DropReason/peerGone``. A
/// name given by the application with ``connect(_:as:)`` stands for the endpoint, and its queue is for any peer there.
public final class RouterSocket: Socket, SendingSocket, ClosureSocket, RoutableSocket {
    /// Whether a message that cannot be routed is an error instead of being dropped. Default false.
    public var isMandatory: Bool {
        get { router.isMandatory }
        set { router.isMandatory = newValue }
    }

    /// Whether a peer with the routing id of another one replaces it, so that the other is disconnected. Otherwise the
    /// new peer is rejected, and retries. Default false.
    public var allowsHandover: Bool {
        get { router.allowsHandover }
        set { router.allowsHandover = newValue }
    }

    /// Whether a peer may announce only a routing id of its own: its ``PeerDescription/userID``, or that followed by a
    /// slash and anything else, such as `alice/2`. Another peer is rejected, and so is one that is not authenticated,
    /// so that no user takes the name of another, whether that is connected or not. This requires that no user id is
    /// another one followed by a slash. Peers without a routing id, which are given one, are not concerned, nor are
    /// names given with ``connect(_:as:)``. Default false.
    public var bindsRoutingIDsToUsers: Bool {
        get { router.bindsRoutingIDsToUsers }
        set { router.bindsRoutingIDsToUsers = newValue }
    }

    /// Whether each new peer is sent an empty message, so that a ROUTER knows this socket before the first message.
    /// Default false.
    public var probesPeers: Bool {
        get { router.probesPeers }
        set { router.probesPeers = newValue }
    }

    private var handler: (any RouterHandler)?
    private let router = IdentityRouter()
    /// Where ids are put in front of messages. No foreign code runs while it is accessed.
    @exclusivity(unchecked) private var arena: PrefixArena

    public init(_at place: _SocketPlace, options: SocketOptions, handler: (any RouterHandler)?) throws(ZMQError) {
        self.handler = handler
        arena = PrefixArena(pool: ChunkPool.of(place.reactor))
        try super.init(.router, place, options, by: router, isReceiver: handler != nil)
        guard handler != nil else { return }
        router.whenConnected = { [unowned self] in self.handler?.socket(self, connected: $0) }
        router.whenDisconnected = { [unowned self] in self.handler?.socket(self, disconnected: $0) }
    }

    public static func _handler(_ closure: _ClosureHandler<RouterSocket>) -> any RouterHandler { closure }

    /// Connects to an endpoint whose peer this socket addresses as `routingID`, whatever id it sends; messages can be
    /// sent to it at once, before it is connected.
    ///
    /// - Throws: `invalidArgument` for an id that is empty, longer than 255 bytes or in use, and as
    ///   ``Socket/connect(_:)``.
    public func connect(_ endpoint: String, as routingID: Frame) throws(ZMQError) {
        guard (1...255).contains(routingID.count), router[routingID] == nil else {
            throw .badOption("routingID", value: "\(routingID)", expected: "1 to 255 bytes, unique among the peers")
        }
        router.nextGivenID = routingID
        defer { router.nextGivenID = nil }
        try connect(endpoint)
    }

    /// The peer with this routing id, or nil.
    public func peer(_ routingID: Frame) -> RouterPeer? {
        router[routingID].map { RouterPeer(routingID: routingID, $0) }
    }

    // MARK: Sending

    /// Sends a message whose first frame is the routing id of its recipient.
    ///
    /// - Returns: `accepted`, even if the message was dropped; `wouldBlock` only with ``isMandatory``, when the peer's
    ///   queue is full.
    /// - Throws: `hostUnreachable` with ``isMandatory`` when no peer has the id; `closed`, `terminated`.
    public func send(_ message: Message) throws(ZMQError) -> SendResult { try router.send(message, from: self) }

    public func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult { try send(Message(bytes)) }

    /// Sends a message to the peer with this routing id. See ``send(_:)-(Message)``.
    public func send(_ message: Message, to routingID: Frame) throws(ZMQError) -> SendResult {
        try router.send(message, to: RoutingID(routingID), from: self)
    }

    /// Sends a message of one frame to the peer with this routing id. See ``send(_:)-(Message)``.
    public func send(_ text: String, to routingID: Frame) throws(ZMQError) -> SendResult {
        try send(Message(text), to: routingID)
    }

    override func forward(_ batch: inout MessageBatch, behind prefix: [UInt8]) {
        forwardEach(&batch, behind: prefix) { message throws(ZMQError) in try send(message) }
    }

    override func becameWritable(for pipe: Pipe?) { handler?.socketIsWritable(self) }

    override func messageDropped() { handler?.socketDroppedMessage(self) }

    // MARK: Receiving

    public func tryReceive() throws(ZMQError) -> Message? {
        try requireOpen()
        guard let (message, pipe) = nextMessage() else { return nil }
        return pipe.routingPrefix.withUnsafeBytes { Message(prefix: $0, frames: 1, message) }
    }

    override func deliver(_ batch: inout MessageBatch, from pipe: Pipe) {
        guard let handler else { return }
        while isDelivering, let message = batch.next() {
            handler.socket(self, received: arena.message(pipe.routingPrefix, message))
        }
        arena.settle()
    }

    override func forgetHandler() { handler.take()?.socketClosed(self) }
}

extension _ClosureHandler: RouterHandler where Source == RouterSocket {}
