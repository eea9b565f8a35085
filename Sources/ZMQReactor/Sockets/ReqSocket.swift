import EventReactor
public import ZMTP

/// What a ``ReqSocket`` tells its application, for requests made with `send`.
public protocol ReqHandler: AnyObject {
    /// The reply to the last request has arrived.
    func socket(_ socket: ReqSocket, received reply: Message)

    /// The last request will get no reply: the peer that was asked has gone for good. The socket is ready for the next request.
    func socket(_ socket: ReqSocket, failedWith error: ZMQError)

    /// A request that would have blocked can be made now.
    func socketIsWritable(_ socket: ReqSocket)
}

extension ReqHandler {
    public func socket(_ socket: ReqSocket, failedWith error: ZMQError) {}
    public func socketIsWritable(_ socket: ReqSocket) {}
}

/// Asks its peers in turn, one request at a time (RFC 28).
///
/// A request goes to the next of the peers that are connected (REQ-5), or waits for the first one to come; only that peer's reply is taken, anything else is dropped and
/// counted (REQ-8, REQ-9). A request before the reply to the last one is an error and changes nothing (REQ-2), unless the socket
/// ``isRelaxed``. The empty frame of the envelope is put in front and taken off here (REQ-3, REQ-4).
///
/// ```swift
/// try socket.request("Hello", timeout: .seconds(2), retries: 3) { result in … }
/// ```
public final class ReqSocket: Socket, HandledSocket, SendingSocket, ReceivingSocket, RoutableSocket {
    /// Whether a new request may be made before the reply to the last one, which then is given up. Default false.
    public var isRelaxed: Bool {
        get { requests.isRelaxed }
        set { requests.isRelaxed = newValue }
    }

    /// Whether each request carries a number that its reply has to carry, too, so that a late reply is never taken for another's.
    /// REP and ROUTER peers that keep the envelope give it back. Default false.
    public var correlatesReplies: Bool {
        get { requests.correlatesReplies }
        set { requests.correlatesReplies = newValue }
    }

    /// Whether each new peer is sent an empty message, so that a ROUTER learns of us before we have something to say. Default false.
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

    // MARK: Asking

    /// Whether a request waits for its reply.
    public var isWaiting: Bool { requests.isWaiting }

    /// Makes a request.
    ///
    /// - Parameters:
    ///   - message: what is asked.
    ///   - timeout: how long one attempt may take; nil waits for ever. An attempt that waits for a peer to come begins anew when
    ///     it is sent, if there are retries left.
    ///   - retries: how often the request is sent again after the timeout, to the peer whose turn it is then, or the next that
    ///     comes when there is none.
    ///   - completion: called once with the reply; or with `timedOut`, `cancelled` (see ``cancelRequest()`` and ``isRelaxed``),
    ///     `hostUnreachable` when a peer that had connected to us is gone, or `closed`. After a failure the socket is ready for the next request.
    /// - Returns: `wouldBlock` when no peer has room: nothing has been asked, and the completion is not called.
    /// - Throws: `wrongState` when another request waits for its reply, `closed`, `terminated`.
    public func request(
        _ message: Message,
        timeout: Duration? = nil,
        retries: Int = 0,
        _ completion: @escaping (Result<Message, ZMQError>) -> Void
    ) throws(ZMQError) -> SendResult {
        try ask(PendingRequest(message, timeout: timeout, retries: retries, completion))
    }

    /// Makes a request whose reply goes to the handler, or waits for ``tryReceive()``.
    ///
    /// - Throws: `wrongState` when another request waits for its reply, `closed`, `terminated`.
    public func send(_ message: Message) throws(ZMQError) -> SendResult {
        try ask(PendingRequest(message))
    }

    public func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult { try send(Message(bytes)) }

    /// Gives the request that waits up; its completion is called with `cancelled`. A late reply to it is not delivered.
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
        guard !requests.hasCompletion else { throw .wrongState("the reply goes to the request's completion") }
        while let (message, pipe) = fairQueue.next() {
            guard let reply = requests.reply(in: message, from: pipe, at: self) else { continue }
            _ = requests.finish()
            scheduleDrain()
            return reply
        }
        return nil
    }

    override var hasReceiver: Bool { hasHandler || requests.hasCompletion || !requests.isWaiting }

    override func deliver(_ run: inout Run, from pipe: Pipe) {
        while flows, let message = run.next() {
            guard let reply = requests.reply(in: message, from: pipe, at: self) else { continue }
            // What stands behind the reply is no answer to a request that is made now.
            drop(run.count, .unexpected)
            run.removeAll()
            if let completion = requests.finish() {
                completion(.success(reply))
            } else {
                handler?.socket(self, received: reply)
            }
        }
    }

    override func forgetHandler() { handler = nil }
}
