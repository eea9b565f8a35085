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
    @exclusivity(unchecked) public var isRelaxed = false

    /// Whether each request carries a number that its reply has to carry, too, so that a late reply is never taken for another's.
    /// REP and ROUTER peers that keep the envelope give it back. Default false.
    @exclusivity(unchecked) public var correlatesReplies = false

    /// Whether each new peer is sent an empty message, so that a ROUTER learns of us before we have something to say.
    public var probesPeers = false

    private var handler: (any ReqHandler)?
    @exclusivity(unchecked) private var rotation = RoundRobin()  // calls nothing unknown
    @exclusivity(unchecked) private var pending: PendingRequest?  // read, assigned and taken: no access lasts
    @exclusivity(unchecked) private var nextNumber = UInt32.random(in: .min ... .max)
    @exclusivity(unchecked) private var requestsMade = 0

    public init(_setup setup: _SocketSetup, handler: (any ReqHandler)?) throws(ZMQError) {
        self.handler = handler
        try super.init(.req, setup, isReceiver: handler != nil)
    }

    // MARK: Asking

    /// Whether a request waits for its reply.
    public var isWaiting: Bool { pending != nil }

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
        try ask(PendingRequest(message, timeout: nil, retries: 0, nil))
    }

    public func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult { try send(Message(bytes)) }

    /// Gives the request that waits up; its completion is called with `cancelled`. A late reply to it is not delivered.
    public func cancelRequest() { giveUp(ZMQError(.cancelled, "the request was cancelled")) }

    private func ask(_ request: consuming PendingRequest) throws(ZMQError) -> SendResult {
        guard state == .open else { throw closedError() }
        guard pending == nil || isRelaxed else { throw .wrongState("the request before waits for its reply") }
        // A request that nobody can be asked yet waits here, for the first of the peers that come.
        guard hasPipes else {
            isBlocked = true
            return .wouldBlock
        }
        requestsMade &+= 1
        request.id = requestsMade
        if correlatesReplies {
            nextNumber &+= 1
            request.number = nextNumber
        }
        guard pending == nil else { return replacePending(with: request) }
        pending = consume request
        transmit()
        scheduleDrain()
        return .accepted
    }

    private func replacePending(with request: PendingRequest) -> SendResult {
        let former = pending.take()!
        pending = request
        former.timer?.cancel()
        disregard(former)
        transmit()
        scheduleDrain()
        former.completion?(.failure(ZMQError(.cancelled, "another request was made")))
        return .accepted
    }

    /// Sends the request to the peer whose turn it is among those that are connected, or lets it wait for one.
    private func transmit() {
        let pipe = rotation.next()?.takeUnretainedValue()
        pending!.waitsForPeer = pipe == nil
        if let pipe { queue(on: pipe) }
        if let timeout = pending!.timeout { startTimer(timeout) }
    }

    private func startTimer(_ timeout: Duration) {
        pending!.timer?.cancel()
        pending!.timer = reactor.after(timeout) { [unowned self] _ in timedOut(after: timeout) }
    }

    private func queue(on pipe: Pipe) {
        pending!.pipe = pipe
        // What has come before the question is no answer to it.
        let stale = pipe.inbound.held
        if stale != .zero {
            pipe.inbound.removeAll()
            pipe.taken(stale)
            drop(stale.messages, .unexpected)
        }
        if let number = pending!.number {
            RequestEnvelope.wireForm(ofNumber: number).withUnsafeBytes {
                pipe.outbound.append(prefix: $0, frames: 2, pending!.message)
            }
        } else {
            RequestEnvelope.withDelimiter { pipe.outbound.append(prefix: $0, frames: 1, pending!.message) }
        }
        pipe.outboundGrew()
    }

    private func timedOut(after timeout: Duration) {
        // A socket that is closing asks nothing any more.
        guard let pending, state == .open else { return }
        guard pending.retries > 0 else { return giveUp(ZMQError(.timedOut, "there was no reply in \(timeout)")) }
        askAgain()
    }

    private func askAgain() {
        let request = pending!
        pending!.retries -= 1
        pending!.pipe = nil
        disregard(request)
        // When the application hears that the connection has ended, it may give the request up.
        if pending?.id == request.id { transmit() }
    }

    /// Sees to it that a late reply cannot be taken for another's: it carries its number, or its connection is made anew.
    private func disregard(_ request: PendingRequest) {
        guard let pipe = request.pipe else { return }
        let isNumbered = request.number != nil
        if !isNumbered || pipe.link == nil { pipe.discardQueue() }
        if !isNumbered { pipe.link?.turnAway("its reply is no longer wanted") }
    }

    private func giveUp(_ error: ZMQError) {
        guard let request = pending.take() else { return }
        request.timer?.cancel()
        disregard(request)
        scheduleDrain()
        // A task that awaits the reply with `receive` finds that there will be none.
        if request.completion == nil { companion?.messagesArrived(at: self) }
        request.completion?(.failure(error))
    }

    // MARK: Replies

    public func tryReceive() throws(ZMQError) -> Message? {
        guard state == .open else { throw closedError() }
        guard let pending else { throw .wrongState("no request has been made") }
        guard pending.completion == nil else { throw .wrongState("the reply goes to the request's completion") }
        while let (message, pipe) = fairQueue.next() {
            if let reply = reply(in: message, from: pipe) {
                self.pending = nil
                scheduleDrain()
                return reply
            }
        }
        return nil
    }

    override var hasReceiver: Bool { handler != nil || pending?.completion != nil || pending == nil }

    override func deliver(_ run: inout Run, from pipe: Pipe) {
        while flows, let message = run.next() {
            guard let reply = reply(in: message, from: pipe) else { continue }
            // What stands behind the reply is no answer to a request that is made now.
            drop(run.count, .unexpected)
            run.removeAll()
            let completion = pending!.completion
            pending!.timer?.cancel()
            pending = nil
            if let completion {
                completion(.success(reply))
            } else {
                handler?.socket(self, received: reply)
            }
        }
    }

    /// The reply in a message, when it is the one that is waited for; otherwise the message is dropped.
    private func reply(in message: borrowing Message, from pipe: Pipe) -> Message? {
        if pending?.pipe === pipe, let body = body(of: message) { return body }
        drop(1, .unexpected)
        return nil
    }

    /// What a message from the peer that was asked replies; nil when it is no reply to the request that waits.
    private func body(of message: borrowing Message) -> Message? {
        guard let (frames, body) = RequestEnvelope.split(message) else { return nil }
        guard let number = pending!.number else { return frames == 1 ? body : nil }
        return frames == 2 && RequestEnvelope.number(in: message) == number ? body : nil
    }

    /// Whether the reply has arrived and only waits to be taken: what becomes of the peer does not matter any more then.
    private func hasReply(from pipe: Pipe) -> Bool { pipe.inbound.contains { body(of: $0) != nil } }

    // MARK: Peers

    override func pipeAdded(_ pipe: Pipe) {
        guard isBlocked, state == .open else { return }
        isBlocked = false
        companion?.roomWasMade(at: self)
        handler?.socketIsWritable(self)
    }

    override func pipeUp(_ pipe: Pipe) {
        if probesPeers { pipe.probe() }
        rotation.add(pipe)
        roomWasMade()
    }

    override func awaitsRoom(of pipe: Pipe) -> Bool { pipe.peer != nil }

    override func pipeHasRoom(_ pipe: Pipe) {
        if pipe.peer != nil { rotation.add(pipe) }
    }

    override func roomWasMade() {
        // Also a socket that is closing sends what it was asked to.
        if pending?.waitsForPeer == true, let pipe = rotation.next()?.takeUnretainedValue() {
            pending!.waitsForPeer = false
            queue(on: pipe)
            // One that came late has as much time for its reply as any other, unless this is the last attempt.
            if pending!.retries > 0, let timeout = pending!.timeout { startTimer(timeout) }
        }
    }

    /// Without a retry left, the reply may still come over the connection that is made again; but not from a peer that had
    /// connected to us.
    override func pipeDown(_ pipe: Pipe) {
        rotation.remove(pipe)
        guard let pending, pending.pipe === pipe, state == .open, !hasReply(from: pipe) else { return }
        if pending.retries > 0 {
            askAgain()
        } else if !pipe.isPersistent {
            peerIsGone()
        }
    }

    private func peerIsGone() {
        let error = ZMQError(.hostUnreachable, "the peer that was asked has gone")
        let tellsHandler = pending!.completion == nil
        giveUp(error)
        if tellsHandler { handler?.socket(self, failedWith: error) }
    }

    override func pipeRemoved(_ pipe: Pipe) {
        rotation.remove(pipe)
        guard let pending, pending.pipe === pipe, state == .open, !hasReply(from: pipe) else { return }
        peerIsGone()
    }

    override var unsentMessages: Int { super.unsentMessages + (pending?.waitsForPeer == true ? 1 : 0) }

    override func forgetHandler() {
        handler = nil
        giveUp(ZMQError(.closed, "the socket was closed"))
    }
}

/// A request that waits for its reply.
private struct PendingRequest {
    /// Tells it from other requests of the socket.
    var id = 0
    let message: Message
    let timeout: Duration?
    var retries: Int
    let completion: ((Result<Message, ZMQError>) -> Void)?
    /// What its reply has to carry, when replies are told apart by that.
    var number: UInt32?
    /// Whether it is to be sent to the next peer that has room.
    var waitsForPeer = false
    var timer: ReactorTimer?
    /// Who was asked.
    var pipe: Pipe?

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
