public import ZMTP

/// The common part of SERVER and PEER: each peer has a routing id of 32 bits, which this side has generated (RFC 41, RFC
/// 51).
///
/// Messages arrive from all peers in turn, as `[routing id, body]`, and have this form when they are sent: the routing
/// id is a frame of four bytes, a number in network byte order that is never 0. It is not on the wire.
public class NumberingSocket: Socket {
    final let peers: NumberedPeers
    /// Where ids are put in front of messages. No foreign code runs while it is accessed.
    @exclusivity(unchecked) private final var arena: PrefixArena

    init(_ type: SocketType, _ place: _SocketPlace, _ options: SocketOptions, isReceiver: Bool) throws(ZMQError) {
        peers = NumberedPeers(of: type, numbersEndpoints: type == .peer)
        arena = PrefixArena(pool: ChunkPool.of(place.reactor))
        try super.init(type, place, options, by: peers, isReceiver: isReceiver)
    }

    /// The peer with this routing id, or nil.
    public final func peer(_ routingID: Frame) -> RouterPeer? {
        peers[routingID].map { RouterPeer(routingID: routingID, $0) }
    }

    // MARK: Sending

    /// Sends a message `[routing id, body]` to the peer with this routing id.
    ///
    /// - Returns: `wouldBlock` when that peer's queue is at its high-water mark: nothing has been accepted.
    /// - Throws: `hostUnreachable` when no peer has the id; `invalidArgument` unless there are two frames; `closed`,
    ///   `terminated`.
    public final func send(_ message: Message) throws(ZMQError) -> SendResult { try peers.send(message, from: self) }

    /// Throws `invalidArgument`: a message of one frame names no recipient.
    public final func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult { try send(Message(bytes)) }

    /// Sends a message of one frame to the peer with this routing id. See ``send(_:)-(Message)``.
    public final func send(_ message: Message, to routingID: Frame) throws(ZMQError) -> SendResult {
        try peers.send(message, to: routingID, from: self)
    }

    /// Sends a text to the peer with this routing id. See ``send(_:)-(Message)``.
    public final func send(_ text: String, to routingID: Frame) throws(ZMQError) -> SendResult {
        try send(Message(text), to: routingID)
    }

    override final func forward(_ batch: inout MessageBatch, behind prefix: [UInt8]) {
        forwardEach(&batch, behind: prefix) { message throws(ZMQError) in try send(message) }
    }

    // MARK: Receiving

    /// Receives the next message, `[routing id, body]`, one from each peer in turn; nil if there is none.
    ///
    /// - Throws: `closed` when the socket is closed, `terminated` when its context is.
    public final func tryReceive() throws(ZMQError) -> Message? {
        try requireOpen()
        guard let (message, pipe) = nextMessage() else { return nil }
        return pipe.routingPrefix.withUnsafeBytes { Message(prefix: $0, frames: 1, message) }
    }

    /// As `deliver(_:to:_:)`, with the routing id in front of each message.
    @inline(__always)
    final func deliver<Handler>(
        _ batch: inout MessageBatch,
        from pipe: Pipe,
        to handler: Handler?,
        _ body: (Handler, Message) -> Void
    ) {
        guard let handler else { return }
        while isDelivering, let message = batch.next() { body(handler, arena.message(pipe.routingPrefix, message)) }
        arena.settle()
    }
}
