public import EventReactor
public import ZMTP

/// Events of a ``RepSocket``.
public protocol RepHandler: AnyObject {
    /// A request has arrived. The next one follows when this one has been answered, now or later.
    func socket(_ socket: RepSocket, received request: Message, reply: Reply)

    /// The socket is closed, and its queued messages have been sent or given up. Called once, as the last call for this
    /// socket, after the linger and before the completion of ``Socket/close(_:)``.
    func socketClosed(_ socket: RepSocket)
}

extension RepHandler {
    public func socketClosed(_ socket: RepSocket) {}
}

/// Replies to requests, one at a time (RFC 28).
///
/// Requests are taken from all peers in turn. The envelope of a request is removed and put back in front of the reply,
/// which goes to the peer that sent the request, or is dropped and counted if that peer is gone; another peer that is
/// found at the same endpoint later does not get it. A message without an empty frame, or with nothing behind it, is
/// not a request: it is dropped and counted. Sends never wait.
public final class RepSocket: Socket, HandledSocket, SendingSocket, ReceivingSocket {
    private var handler: (any RepHandler)?
    let replies = ReplyState()

    public init(_at place: _SocketPlace, options: SocketOptions, handler: (any RepHandler)?) throws(ZMQError) {
        self.handler = handler
        try super.init(.rep, place, options, by: replies, isReceiver: handler != nil)
    }

    /// Creates a socket that delivers its requests to a closure.
    public convenience init(
        on reactor: Reactor,
        in context: Context,
        options: SocketOptions = SocketOptions(),
        _ received: @escaping (RepSocket, Message, Reply) throws -> Void
    ) throws(ZMQError) {
        try self.init(on: reactor, in: context, options: options, handler: ClosureHandler(received))
    }

    // MARK: Without a handler

    /// Receives the next request; reply to it with ``send(_:)-(Message)``.
    ///
    /// - Throws: `wrongState` when the previous request has not been answered, `closed`, `terminated`.
    public func tryReceive() throws(ZMQError) -> Message? {
        try requireOpen()
        guard replies.isIdle else { throw .wrongState("the previous request has not been answered") }
        guard let (request, reply) = takeRequest() else { return nil }
        replies.keep(reply)
        return request
    }

    /// The next request with its reply object; nil if there is none, or the previous one has not been answered.
    func takeRequest() -> (message: Message, reply: Reply)? {
        while replies.isIdle, let (message, pipe) = nextMessage() {
            if let request = replies.accept(message, from: pipe, at: self) { return request }
        }
        return nil
    }

    /// Replies to the pending request.
    ///
    /// - Throws: `wrongState` when no request is pending, `closed`, `terminated`.
    @discardableResult
    public func send(_ message: Message) throws(ZMQError) -> SendResult {
        try requireOpen()
        guard let reply = replies.reply else { throw .wrongState("no request is pending") }
        reply.send(message)
        return .accepted
    }

    @discardableResult
    public func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult { try send(Message(bytes)) }

    /// Replies with a message of one frame. See ``send(_:)-(Message)``.
    @discardableResult
    public func send(_ text: String) throws(ZMQError) -> SendResult { try send(Message(text)) }

    /// Replies with a message of one frame for each text. See ``send(_:)-(Message)``.
    ///
    /// - Throws: `invalidArgument` when there is no text, and as ``send(_:)-(Message)``.
    @discardableResult
    public func send(_ texts: [String]) throws(ZMQError) -> SendResult { try send(Message(sending: texts)) }

    // MARK: With a handler

    override var canDeliver: Bool { hasHandler && replies.isIdle }

    override func deliver(_ batch: inout MessageBatch, from pipe: Pipe) {
        guard let handler else { return }
        batch.forEach(while: { isDelivering }) { message in
            guard let (request, reply) = replies.accept(message, from: pipe, at: self) else { return }
            handler.socket(self, received: request, reply: reply)
        }
    }

    override func forgetHandler() { handler.take()?.socketClosed(self) }
}

private final class ClosureHandler: RepHandler {
    let received: (RepSocket, Message, Reply) throws -> Void
    init(_ received: @escaping (RepSocket, Message, Reply) throws -> Void) { self.received = received }
    func socket(_ socket: RepSocket, received request: Message, reply: Reply) {
        do { try received(socket, request, reply) } catch { socket.reactor.handlerFailed(error, of: socket) }
    }
}
