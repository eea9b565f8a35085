public import EventReactor
public import ZMTP

/// What a ``ReqSocket`` tells its application, for requests made with `send`.
public protocol ReqHandler: AnyObject {
    /// The reply to the last request has arrived.
    func socket(_ socket: ReqSocket, received reply: Message)

    /// There is room again after a request that would have blocked.
    func socketIsWritable(_ socket: ReqSocket)
}

extension ReqHandler {
    public func socketIsWritable(_ socket: ReqSocket) {}
}

/// Asks its peers in turn, one request at a time (RFC 28).
///
/// A request goes to the next peer whose queue has room (REQ-5); only that peer's reply is taken, anything else is dropped and
/// counted (REQ-8, REQ-9). A request before the reply to the last one is an error and changes nothing (REQ-2), unless the socket
/// ``isRelaxed``. The empty frame of the envelope is put in front and taken off here (REQ-3, REQ-4).
///
/// ```swift
/// try socket.request("Hello", timeout: .seconds(2), retries: 3) { result in … }
/// ```
public final class ReqSocket: Socket, SendingSocket, ReceivingSocket, RoutableSocket {
    /// Whether a new request may be made before the reply to the last one, which then is given up. Default false.
    public var isRelaxed = false

    /// Whether each request carries a number that its reply has to carry, too, so that a late reply is never taken for another's.
    /// REP and ROUTER peers that keep the envelope give it back. Default false.
    public var correlates = false

    /// Whether each new peer is sent an empty message, so that a ROUTER learns of us before we have something to say.
    public var probesPeers = false

    private var handler: (any ReqHandler)?
    @exclusivity(unchecked) private var rotation = RoundRobin()  // calls nothing unknown
    private var pending: PendingRequest?
    private var nextNumber = UInt32.random(in: .min ... .max)

    /// - Parameters:
    ///   - reactor: the loop that the socket lives on.
    ///   - context: what the program's sockets have in common.
    ///   - options: how the socket behaves.
    ///   - handler: hears of the replies to requests made with `send`, and is kept until the socket is closed.
    /// - Throws: `invalidArgument` for an option, `terminated` when the context is.
    public init(
        on reactor: Reactor,
        in context: Context,
        options: SocketOptions = SocketOptions(),
        handler: (any ReqHandler)? = nil
    ) throws(ZMQError) {
        self.handler = handler
        try super.init(.req, on: reactor, in: context, options: options)
    }

    // MARK: Asking

    /// Whether a request waits for its reply.
    public var isWaiting: Bool { pending != nil }

    /// Makes a request.
    ///
    /// - Parameters:
    ///   - message: what is asked.
    ///   - timeout: how long one attempt may take; nil waits for ever.
    ///   - retries: how often the request is sent again after the timeout, to the peer whose turn it is then.
    ///   - completion: called once with the reply; or with `timedOut`, `cancelled` (see ``cancelRequest()`` and ``isRelaxed``) or
    ///     `closed`. After a failure the socket is ready for the next request.
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
        try ask(PendingRequest(message, timeout: nil, retries: 0, nil))
    }

    public func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult { try send(Message(bytes)) }

    /// Gives the request that waits up; its completion is called with `cancelled`. A late reply to it is not delivered.
    public func cancelRequest() { giveUp(ZMQError(.cancelled, "the request was cancelled")) }

    private func ask(_ request: PendingRequest) throws(ZMQError) -> SendResult {
        guard state == .open else { throw closedError() }
        if pending != nil {
            guard isRelaxed else { throw .wrongState("the request before waits for its reply") }
            giveUp(ZMQError(.cancelled, "another request was made"))
        }
        guard let pipe = rotation.next() else {
            isBlocked = true
            return .wouldBlock
        }
        pending = request
        nextNumber &+= 1
        request.number = nextNumber
        transmit(request, on: pipe)
        return .accepted
    }

    private func transmit(_ request: PendingRequest, on pipe: Pipe) {
        request.pipe = pipe
        if correlates {
            let prefix = [FrameLayout.more, 4] + withUnsafeBytes(of: request.number.bigEndian, Array.init)
            (prefix + RequestEnvelope.delimiter).withUnsafeBytes {
                pipe.outbound.append(prefix: $0, frames: 2, request.message)
            }
        } else {
            RequestEnvelope.delimiter.withUnsafeBytes {
                pipe.outbound.append(prefix: $0, frames: 1, request.message)
            }
        }
        pipe.outboundGrew()
        if let timeout = request.timeout {
            request.timer = reactor.after(timeout) { [unowned self] _ in timedOut(request) }
        }
    }

    private func timedOut(_ request: PendingRequest) {
        guard pending === request else { return }
        guard request.retries > 0, let pipe = leave(request) else {
            return giveUp(ZMQError(.timedOut, "there was no reply in \(request.timeout!)"))
        }
        request.retries -= 1
        transmit(request, on: pipe)
    }

    /// Turns away from the peer that did not answer; answers the one to ask now.
    private func leave(_ request: PendingRequest) -> Pipe? {
        disregard(request)
        return rotation.next()
    }

    /// Sees to it that a late reply cannot be taken for another's: it carries its number, or its connection is made anew.
    private func disregard(_ request: PendingRequest) {
        defer { request.pipe = nil }
        guard !correlates, let pipe = request.pipe else { return }
        pipe.outbound.removeAll()
        pipe.link?.turnAway("its reply is no longer wanted")
    }

    private func giveUp(_ error: ZMQError) {
        guard let request = pending.take() else { return }
        request.timer?.cancel()
        disregard(request)
        request.completion?(.failure(error))
    }

    // MARK: Replies

    public func tryReceive() throws(ZMQError) -> Message? {
        guard state == .open else { throw closedError() }
        guard let request = pending else { throw .wrongState("no request has been made") }
        while let (message, pipe) = fairQueue.next() {
            if let reply = reply(to: request, message, from: pipe) {
                pending = nil
                return reply
            }
        }
        return nil
    }

    override var hasReceiver: Bool { handler != nil || pending?.completion != nil || pending == nil }

    override func deliver(_ run: inout Run, from pipe: Pipe) {
        while flows, let message = run.next() {
            guard let request = pending, let reply = reply(to: request, message, from: pipe) else {
                if pending == nil { statistics.messagesDropped += 1 }
                continue
            }
            pending = nil
            request.timer?.cancel()
            if let completion = request.completion {
                completion(.success(reply))
            } else {
                handler?.socket(self, received: reply)
            }
        }
    }

    /// The reply in a message, when it is the one that is waited for.
    private func reply(to request: PendingRequest, _ message: Message, from pipe: Pipe) -> Message? {
        let (frames, body) = RequestEnvelope.split(message) ?? (0, message)
        let isExpected =
            correlates ? frames == 2 && message[0].integer(as: UInt32.self) == request.number : frames == 1
        guard isExpected, pipe === request.pipe else {
            statistics.messagesDropped += 1
            return nil
        }
        return body
    }

    // MARK: Peers

    override func pipeAdded(_ pipe: Pipe) { pipeHasRoom(pipe) }

    override func pipeUp(_ pipe: Pipe) { if probesPeers { pipe.probe() } }

    override func pipeHasRoom(_ pipe: Pipe) {
        rotation.add(pipe)
        guard isBlocked, state == .open else { return }
        isBlocked = false
        handler?.socketIsWritable(self)
    }

    override func pipeRemoved(_ pipe: Pipe) {
        rotation.remove(pipe)
        statistics.messagesDropped += pipe.outbound.count
    }

    override func forgetHandler() {
        handler = nil
        giveUp(ZMQError(.closed, "the socket was closed"))
    }
}

/// A request that waits for its reply.
private final class PendingRequest {
    let message: Message
    let timeout: Duration?
    var retries: Int
    let completion: ((Result<Message, ZMQError>) -> Void)?
    var number: UInt32 = 0
    var timer: EventReactor.Timer?
    weak var pipe: Pipe?

    init(
        _ message: Message,
        timeout: Duration?,
        retries: Int,
        _ completion: ((Result<Message, ZMQError>) -> Void)?
    ) {
        self.message = message
        self.timeout = timeout
        self.retries = retries
        self.completion = completion
    }
}
