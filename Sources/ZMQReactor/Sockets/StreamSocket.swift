import EventReactor
public import ZMTP

/// Events of a ``StreamSocket``.
public protocol StreamHandler: AnyObject {
    /// Bytes have arrived, as `[routing id, bytes]`; or, without bytes, a peer has connected or disconnected.
    func socket(_ socket: StreamSocket, received message: Message)

    /// The socket can send again to a peer after a send that would have blocked.
    func socketIsWritable(_ socket: StreamSocket, for routingID: Frame)

    /// The socket is closed, and its queued messages have been sent or given up. Called once, as the last call for this
    /// socket, after the linger and before the completion of ``Socket/close(_:)``.
    func socketClosed(_ socket: StreamSocket)
}

extension StreamHandler {
    public func socketIsWritable(_ socket: StreamSocket, for routingID: Frame) {}
    public func socketClosed(_ socket: StreamSocket) {}
}

/// Exchanges plain bytes with TCP peers, without ZMTP: it can serve an HTTP or telnet client, or be one.
///
/// Each peer has a routing id of 5 bytes, the first of which is 0. What a peer sends arrives as messages `[routing id,
/// bytes]`, split wherever the network splits it, each byte once and in order; peers are read in turn. A message
/// `[routing id]` followed by an empty frame means that the peer has connected, and a second one that it has
/// disconnected (see ``deliversNotices``).
///
/// Sending `[routing id, bytes]` writes exactly those bytes; further frames are written, too. Sending no bytes,
/// `[routing id, ""]`, closes the peer's connection as soon as everything queued for it has been sent; see
/// ``hangUp(on:)``.
///
/// A stream is never truncated: at the high-water mark, `send` returns `wouldBlock` and accepts nothing. Bytes queued
/// for a peer that disconnects are dropped and counted; they would be meaningless on another connection.
public final class StreamSocket: Socket, SendingSocket, ClosureSocket {
    /// Whether a message for a peer that is not connected is an error. Otherwise it is dropped and counted. Default
    /// false.
    public var isMandatory: Bool {
        get { peers.isMandatory }
        set { peers.isMandatory = newValue }
    }

    /// Whether an empty message reports each peer that connects or disconnects. Default true.
    public var deliversNotices: Bool {
        get { peers.deliversNotices }
        set { peers.deliversNotices = newValue }
    }

    private var handler: (any StreamHandler)?
    private let peers = RawPeers()

    public init(_at place: _SocketPlace, options: SocketOptions, handler: (any StreamHandler)?) throws(ZMQError) {
        self.handler = handler
        try super.init(.stream, place, options, by: peers, isReceiver: handler != nil)
    }

    public static func _handler(_ closure: _ClosureHandler<StreamSocket>) -> any StreamHandler { closure }

    // MARK: Sending

    /// Sends `[routing id, bytes]`, or closes the peer's connection if there are no bytes.
    ///
    /// - Returns: `wouldBlock` when the peer's queue is at its high-water mark: nothing has been accepted.
    /// - Throws: `invalidArgument` when nothing follows the routing id, `hostUnreachable` when no peer has it and the
    ///   socket
    ///   ``isMandatory``, `closed`, `terminated`.
    public func send(_ message: Message) throws(ZMQError) -> SendResult {
        try requireOpen()
        guard let bytes = message.dropFirst() else {
            throw ZMQError(.invalidArgument, "a STREAM message needs two frames: routing id and data")
        }
        return try send(bytes, to: message[0])
    }

    public func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult { try send(Message(bytes)) }

    /// Sends the text's UTF-8 bytes to a peer.
    ///
    /// - Throws: as ``send(_:)-(Message)``.
    public func send(_ text: String, to routingID: Frame) throws(ZMQError) -> SendResult {
        try send(Message(text), to: routingID)
    }

    /// Sends bytes to a peer.
    ///
    /// - Throws: as ``send(_:)-(Message)``.
    public func send(_ bytes: [UInt8], to routingID: Frame) throws(ZMQError) -> SendResult {
        try send(Message(bytes), to: routingID)
    }

    /// Closes a peer's connection as soon as everything queued for it has been sent, and does not reconnect.
    ///
    /// The socket waits for a peer that does not read for as long as ``SocketOptions/linger`` allows at the time of
    /// this call; messages not sent by then are dropped and counted. Without linger, only what the operating system
    /// accepts at once is sent.
    ///
    /// - Throws: as ``send(_:)-(Message)``.
    public func hangUp(on routingID: Frame) throws(ZMQError) {
        _ = try send(Message(), to: routingID)
    }

    /// The routing id of the peer at an endpoint to which this socket connects, whether or not it is connected; it
    /// stays the same when the connection is lost and restored. Nil when the socket does not connect to the endpoint.
    public func routingID(of endpoint: String) -> Frame? {
        guard let parsed = try? Endpoint(endpoint) else { return nil }
        let pipe = pipes.lazy.compactMap(\.self).first { $0.isPersistent && $0.endpoint == parsed }
        return pipe.flatMap { peers.table.id(of: $0) }
    }

    private func send(_ bytes: Message, to routingID: Frame) throws(ZMQError) -> SendResult {
        guard let pipe = try peers.peer(routingID, of: self) else { return .accepted }
        guard bytes.byteCount > 0 else {
            hangUp(pipe)
            return .accepted
        }
        return peers.queue(bytes, for: pipe, from: self)
    }

    private func hangUp(_ pipe: Pipe) {
        peers.retire(pipe)
        let connector = connectors.first { $0.serves(pipe) }
        if let connector { connector.close(afterSending: true) } else { pipe.link?.close(afterSending: true) }
        let limit = options.linger.limit
        peers.hangUp(on: pipe, within: limit, of: self) {
            pipe.link?.giveUp(afterWriting: limit == .zero)
            if pipe.link == nil { connector?.close(afterSending: false) }
        }
    }

    override func forward(_ batch: inout MessageBatch, behind prefix: [UInt8]) {
        forwardEach(&batch, behind: prefix) { message throws(ZMQError) in try send(message) }
    }

    override func becameWritable(for pipe: Pipe?) {
        if let id = pipe.flatMap({ peers.table.id(of: $0) }) { handler?.socketIsWritable(self, for: id) }
    }

    // MARK: Receiving

    /// Puts the routing id in front of what a connection has read. Input from a peer that was hung up on is ignored.
    override func receive(_ batch: consuming MessageBatch, from pipe: Pipe) {
        while let id = peers.table.currentID(of: pipe), var message = batch.next() {
            message.prepend(id)
            hand(MessageBatch(message), from: pipe)
        }
    }

    override func deliver(_ batch: inout MessageBatch, from pipe: Pipe) {
        deliver(&batch, to: handler) { $0.socket(self, received: $1) }
    }

    override func forgetHandler() { handler.take()?.socketClosed(self) }
}

extension _ClosureHandler: StreamHandler where Source == StreamSocket {}
