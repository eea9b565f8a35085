import EventReactor
public import ZMTP

/// Events of a ``ReqSocket``, for requests made with `send`.
public protocol ReqHandler: AnyObject {
    /// The reply to the last request has arrived.
    func socket(_ socket: ReqSocket, received reply: Message)

    /// The last request will get no reply: its peer is gone for good. The socket is ready for the next request.
    func socket(_ socket: ReqSocket, failedWith error: ZMQError)

    /// The socket can send a request again after one that would have blocked.
    func socketIsWritable(_ socket: ReqSocket)

    /// The socket is closed, and its queued messages have been sent or given up. Called once, as the last call for this
    /// socket, after the linger and before the completion of ``Socket/close(_:)``.
    func socketClosed(_ socket: ReqSocket)
}

extension ReqHandler {
    public func socket(_ socket: ReqSocket, failedWith error: ZMQError) {}
    public func socketIsWritable(_ socket: ReqSocket) {}
    public func socketClosed(_ socket: ReqSocket) {}
}

/// Sends requests to its peers in turn, one at a time (RFC 28).
///
/// A request goes to the next connected peer, or waits for the first one to connect; only that peer's reply is
/// accepted, and any other message is dropped and counted. A request before the reply to the last one is an error and
/// changes nothing, unless the socket ``isRelaxed``. The socket adds and removes the empty frame of the envelope.
///
/// ```swift
/// try socket.request("Hello", timeout: .seconds(2), retries: 3) { result in … }
/// ```
public final class ReqSocket: Socket, HandledSocket, SendingSocket, ReceivingSocket, RoutableSocket {
    /// Whether a new request may be made before the reply to the last one, which is then cancelled. Default false.
    public var isRelaxed: Bool {
        get { requests.isRelaxed }
        set { requests.isRelaxed = newValue }
    }

    /// Whether each request carries a number that its reply must carry, too, so that a late reply is never taken for
    /// another request's. REP and ROUTER peers that keep the envelope return it. Default false.
    public var correlatesReplies: Bool {
        get { requests.correlatesReplies }
        set { requests.correlatesReplies = newValue }
    }

    /// Whether each new peer is sent an empty message, so that a ROUTER knows this socket before the first request.
    /// Default false.
    public var probesPeers: Bool {
        get { requests.probesPeers }
        set { requests.probesPeers = newValue }
    }

    private var handler: (any ReqHandler)?
    private let requests = RequestState()

    public init(_at place: _SocketPlace, options: SocketOptions, handler: (any ReqHandler)?) throws(ZMQError) {
        self.handler = handler
        try super.init(.req, place, options, by: requests, isReceiver: handler != nil)
        guard handler != nil else { return }
        requests.whenPeerIsLost = { [unowned self] in self.handler?.socket(self, failedWith: $0) }
    }

    // MARK: Requests

    /// Whether a request is pending.
    public var isWaiting: Bool { requests.isWaiting }

    /// Sends a request.
    ///
    /// - Parameters:
    ///   - message: the request.
    ///   - timeout: the limit of one attempt; nil for none. If there are retries left, an attempt that waits for a peer
    ///     starts anew when the request is sent.
    ///   - retries: how often the request is sent again after the timeout, to the next peer in turn, or to the next one
    ///     that connects if there is none.
    ///   - completion: called once, on the reactor, never before this returns, unless this throws: with the reply; or
    ///     with `wouldBlock` when no peer has room, `timedOut`, `cancelled` (see ``cancelRequest()`` and
    ///     ``isRelaxed``), `hostUnreachable` when a peer that had connected to us is gone, or `closed`. After an error
    ///     the socket is ready for the next request.
    /// - Returns: `wouldBlock` when no peer has room: no request has been made. The completion reports it as well, so
    ///   that the result may be ignored.
    /// - Throws: `wrongState` when another request is pending, `closed`, `terminated`; the completion is not called.
    @discardableResult
    public func request(
        _ message: Message,
        timeout: Duration? = nil,
        retries: Int = 0,
        _ completion: @escaping (Result<Message, ZMQError>) -> Void
    ) throws(ZMQError) -> SendResult {
        let result = try tryRequest(message, timeout: timeout, retries: retries, completion)
        if result == .wouldBlock { reactor.atEndOfTurn(RefusedRequest(completion)) }
        return result
    }

    /// As ``request(_:timeout:retries:_:)``, but does not call the completion of a request that would block.
    func tryRequest(
        _ message: Message,
        timeout: Duration?,
        retries: Int,
        _ completion: @escaping (Result<Message, ZMQError>) -> Void
    ) throws(ZMQError) -> SendResult {
        try ask(PendingRequest(message, timeout: timeout, retries: retries, completion))
    }

    /// Sends a request whose reply goes to the handler, or stays for ``tryReceive()``.
    ///
    /// - Throws: `wrongState` when another request is pending, `closed`, `terminated`.
    public func send(_ message: Message) throws(ZMQError) -> SendResult {
        try ask(PendingRequest(message))
    }

    public func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult { try send(Message(bytes)) }

    /// Cancels the pending request; its completion is called with `cancelled`. A late reply is not delivered.
    public func cancelRequest() {
        requests.giveUp(ZMQError(.cancelled, "the request was cancelled"), at: self)
    }

    private func ask(_ request: consuming PendingRequest) throws(ZMQError) -> SendResult {
        try requests.ask(request, isPossible: hasPipes, at: self)
    }

    override func becameWritable(for pipe: Pipe?) { handler?.socketIsWritable(self) }

    // MARK: Replies

    public func tryReceive() throws(ZMQError) -> Message? {
        try requireOpen()
        guard requests.isWaiting else { throw .wrongState("no request has been made") }
        guard !requests.hasCompletion else { throw .wrongState("the reply goes to the completion of the request") }
        while let (message, pipe) = nextMessage() {
            guard let reply = requests.reply(in: message, from: pipe, at: self) else { continue }
            _ = requests.finish()
            scheduleDrain()
            return reply
        }
        return nil
    }

    override var canDeliver: Bool { hasHandler || requests.hasCompletion || !requests.isWaiting }

    override func deliver(_ batch: inout MessageBatch, from pipe: Pipe) {
        while isDelivering, let message = batch.next() {
            guard let reply = requests.reply(in: message, from: pipe, at: self) else { continue }
            // Messages behind the reply are not replies to the next request.
            drop(batch.count, .unexpected)
            batch.removeAll()
            if let completion = requests.finish() {
                completion(.success(reply))
            } else {
                handler?.socket(self, received: reply)
            }
        }
    }

    override func forgetHandler() { handler.take()?.socketClosed(self) }
}

/// Reports to a completion, at the end of the turn, that the request would have blocked.
private final class RefusedRequest: EndOfTurnHandler {
    private let completion: (Result<Message, ZMQError>) -> Void

    init(_ completion: @escaping (Result<Message, ZMQError>) -> Void) { self.completion = completion }

    func reactorTurnEnded() {
        completion(.failure(ZMQError(.wouldBlock, "the request was not accepted: no peer has room for it")))
    }
}
