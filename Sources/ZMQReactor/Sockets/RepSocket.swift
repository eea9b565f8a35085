public import EventReactor
public import ZMTP

/// What a ``RepSocket`` tells its application.
public protocol RepHandler: AnyObject {
    /// A request has arrived. The next one follows when this one has been answered, now or later.
    func socket(_ socket: RepSocket, received request: Message, reply: Reply)
}

/// Answers requests, one after the other (RFC 28).
///
/// Requests are taken from all peers in turn (REP-5). The addresses that a request has gathered on its way are taken off and put
/// back in front of the reply (REP-6, REP-9), which goes to where the request came from (REP-10), or nowhere when that peer has gone
/// (REP-11, counted); another peer that is found at the same endpoint later gets none of it. A message without an empty frame, or
/// with nothing behind it, is no request: it is dropped and counted. Sending never waits (REP-12).
public final class RepSocket: Socket, HandledSocket, SendingSocket, ReceivingSocket {
    private var handler: (any RepHandler)?
    let replies = ReplyState()

    public init(_at place: _SocketPlace, options: SocketOptions, handler: (any RepHandler)?) throws(ZMQError) {
        self.handler = handler
        try super.init(.rep, place, options, by: replies, isReceiver: handler != nil)
    }

    /// A socket that gives its requests to a closure.
    public convenience init(
        on reactor: Reactor,
        in context: Context,
        options: SocketOptions = SocketOptions(),
        _ received: @escaping (RepSocket, Message, Reply) -> Void
    ) throws(ZMQError) {
        try self.init(on: reactor, in: context, options: options, handler: ClosureHandler(received))
    }

    // MARK: Without a handler

    /// Takes the next request; answer it with ``send(_:)-(Message)``.
    ///
    /// - Throws: `wrongState` when the request before has not been answered, `closed`, `terminated`.
    public func tryReceive() throws(ZMQError) -> Message? {
        try requireOpen()
        guard replies.isIdle else { throw .wrongState("the request before has not been answered") }
        guard let (request, reply) = takeRequest() else { return nil }
        replies.keep(reply)
        return request
    }

    /// Takes the next request with what answers it; nil when none is there, or the one before has not been answered.
    func takeRequest() -> (message: Message, reply: Reply)? {
        while replies.isIdle, let (message, pipe) = fairQueue.next() {
            if let request = replies.accept(message, from: pipe, at: self) { return request }
        }
        return nil
    }

    /// Answers the request that waits for it.
    ///
    /// - Throws: `wrongState` when no request does, `closed`, `terminated`.
    @discardableResult
    public func send(_ message: Message) throws(ZMQError) -> SendResult {
        try requireOpen()
        guard let reply = replies.reply else { throw .wrongState("there is no request to answer") }
        reply.send(message)
        return .accepted
    }

    @discardableResult
    public func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult { try send(Message(bytes)) }

    /// Answers with a message of one frame. See ``send(_:)-(Message)``.
    @discardableResult
    public func send(_ text: String) throws(ZMQError) -> SendResult { try send(Message(text)) }

    // MARK: With a handler

    override var hasReceiver: Bool { hasHandler && replies.isIdle }

    override func deliver(_ run: inout Run, from pipe: Pipe) {
        guard let handler else { return }
        run.forEach(while: { flows }) { message in
            guard let (request, reply) = replies.accept(message, from: pipe, at: self) else { return }
            handler.socket(self, received: request, reply: reply)
        }
    }

    override func forgetHandler() { handler = nil }
}

private final class ClosureHandler: RepHandler {
    let received: (RepSocket, Message, Reply) -> Void
    init(_ received: @escaping (RepSocket, Message, Reply) -> Void) { self.received = received }
    func socket(_ socket: RepSocket, received request: Message, reply: Reply) { received(socket, request, reply) }
}
