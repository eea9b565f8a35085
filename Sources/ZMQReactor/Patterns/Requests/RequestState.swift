import EventReactor
import ZMTP

/// One request at a time: it goes to the next of the peers that are connected (REQ-5), or waits for the first one to come, and only that
/// peer's reply is taken (REQ-8, REQ-9).
///
///     idle --ask--> waiting --reply, timeout, loss of the peer--> idle
///                     \--timeout with retries left--> waiting, for the next peer
///
/// A late reply is never taken for another's: it carries a number, or its connection is made anew when it is no longer wanted.
final class RequestState: Pattern {
    // Read and assigned.
    /// Whether a new request may be made before the reply to the last one.
    @exclusivity(unchecked) var isRelaxed = false
    /// Whether each request carries a number that its reply has to carry, too.
    @exclusivity(unchecked) var correlatesReplies = false
    /// Whether each new peer is sent an empty message.
    var probesPeers = false

    /// Called when a request without a completion gets no reply because its peer has gone.
    var whenPeerIsLost: ((ZMQError) -> Void)?

    @exclusivity(unchecked) private var rotation = RoundRobin()  // calls nothing unknown
    @exclusivity(unchecked) private var pending: PendingRequest?  // read, assigned and taken: no access lasts
    @exclusivity(unchecked) private var nextNumber = UInt32.random(in: .min ... .max)
    @exclusivity(unchecked) private var requestsMade = 0

    /// Whether a request was refused.
    private var isBlocked = false

    /// Whether a request waits for its reply.
    var isWaiting: Bool { pending != nil }

    /// Whether a request waits whose reply goes to its completion.
    var hasCompletion: Bool { pending?.completion != nil }

    // MARK: Asking

    func ask(
        _ request: consuming PendingRequest,
        isPossible: Bool,
        at host: some PatternHost
    ) throws(ZMQError) -> SendResult {
        try host.requireOpen()
        guard pending == nil || isRelaxed else { throw .wrongState("the request before waits for its reply") }
        // A request without a connected peer waits here, for the first one that connects.
        guard isPossible else {
            isBlocked = true
            return .wouldBlock
        }
        requestsMade &+= 1
        request.id = requestsMade
        if correlatesReplies {
            nextNumber &+= 1
            request.number = nextNumber
        }
        guard pending == nil else { return replacePending(with: request, at: host) }
        transmit(&request, at: host)
        pending = consume request
        host.scheduleDrain()
        return .accepted
    }

    private func replacePending(with request: PendingRequest, at host: some PatternHost) -> SendResult {
        let former = pending.take()!
        pending = request
        former.timer?.cancel()
        disregard(former)
        // The application may cancel the request in the event that reports the end of the connection.
        if pending?.id == request.id { transmit(&pending!, at: host) }
        host.scheduleDrain()
        former.completion?(.failure(ZMQError(.cancelled, "another request was made")))
        return .accepted
    }

    /// Sends the request to the peer whose turn it is among those that are connected, or lets it wait for one.
    private func transmit(_ request: inout PendingRequest, at host: some PatternHost) {
        if let pipe = rotation.next()?.takeUnretainedValue() {
            queue(&request, on: pipe, at: host)
        } else {
            request.waitsForPeer = true
        }
        if let timeout = request.timeout { startTimer(of: &request, timeout, at: host) }
    }

    private func startTimer(of request: inout PendingRequest, _ timeout: Duration, at host: some PatternHost) {
        request.timer?.cancel()
        request.timer = host.reactor.after(timeout) { [unowned self, unowned host] _ in
            timedOut(after: timeout, at: host)
        }
    }

    private func queue(_ request: inout PendingRequest, on pipe: Pipe, at host: some PatternHost) {
        request.pipe = pipe
        request.waitsForPeer = false
        // What has come before the question is no answer to it.
        let stale = pipe.inbound.held
        if stale != .zero {
            pipe.inbound.removeAll()
            pipe.taken(stale)
            host.drop(stale.messages, .unexpected)
        }
        if let number = request.number {
            RequestEnvelope.wireForm(ofNumber: number).withUnsafeBytes {
                pipe.outbound.append(prefix: $0, frames: 2, request.message)
            }
        } else {
            RequestEnvelope.withDelimiter { pipe.outbound.append(prefix: $0, frames: 1, request.message) }
        }
        pipe.outboundGrew()
    }

    private func timedOut(after timeout: Duration, at host: some PatternHost) {
        // A socket that is closing asks nothing any more.
        guard let pending, host.state == .open else { return }
        guard pending.retries > 0 else {
            return giveUp(ZMQError(.timedOut, "there was no reply in \(timeout)"), at: host)
        }
        askAgain(at: host)
    }

    private func askAgain(at host: some PatternHost) {
        let request = pending!
        pending!.retries -= 1
        pending!.pipe = nil
        disregard(request)
        // The application may cancel the request in the event that reports the end of the connection.
        if pending?.id == request.id { transmit(&pending!, at: host) }
    }

    /// Sees to it that a late reply cannot be taken for another's.
    private func disregard(_ request: PendingRequest) {
        guard let pipe = request.pipe else { return }
        let isNumbered = request.number != nil
        if !isNumbered || pipe.link == nil { pipe.discardQueue() }
        if !isNumbered { pipe.link?.turnAway("its reply is no longer wanted") }
    }

    func giveUp(_ error: ZMQError, at host: some PatternHost) {
        guard let request = pending.take() else { return }
        request.timer?.cancel()
        disregard(request)
        host.scheduleDrain()
        // A task that awaits the reply with `receive` finds that there will be none.
        if request.completion == nil { host.notifyReceivers() }
        request.completion?(.failure(error))
    }

    // MARK: Replies

    /// The reply in a message, when it is the one that is waited for; otherwise the message is dropped.
    func reply(in message: borrowing Message, from pipe: Pipe, at host: some PatternHost) -> Message? {
        if pending?.pipe === pipe, let body = body(of: message) { return body }
        host.drop(1, .unexpected)
        return nil
    }

    /// The request has its reply. Returns what is to be called with it.
    func finish() -> ((Result<Message, ZMQError>) -> Void)? {
        let completion = pending!.completion
        pending!.timer?.cancel()
        pending = nil
        return completion
    }

    /// What a message from the peer that was asked replies; nil when it is no reply to the request that waits.
    private func body(of message: borrowing Message) -> Message? {
        guard let (frames, body) = RequestEnvelope.split(message) else { return nil }
        guard let number = pending!.number else { return frames == 1 ? body : nil }
        return frames == 2 && RequestEnvelope.number(in: message) == number ? body : nil
    }

    /// Whether the reply has arrived and only waits to be taken: what becomes of the peer does not matter any more then.
    private func hasReply(from pipe: Pipe) -> Bool { pipe.inbound.contains { body(of: $0) != nil } }
}

// What becomes of the peers.
extension RequestState {
    func pipeAdded(_ pipe: Pipe, at host: any PatternHost) {
        guard isBlocked, host.state == .open else { return }
        isBlocked = false
        host.notifyWritable(for: nil)
    }

    func pipeUp(_ pipe: Pipe, at host: any PatternHost) {
        if probesPeers { pipe.probe() }
        rotation.add(pipe)
        roomWasMade(at: host)
    }

    func awaitsRoom(of pipe: Pipe) -> Bool { pipe.peer != nil }

    func pipeHasRoom(_ pipe: Pipe, at host: any PatternHost) {
        if pipe.peer != nil { rotation.add(pipe) }
    }

    func roomWasMade(at host: any PatternHost) {
        // Also a socket that is closing sends what it was asked to.
        if pending?.waitsForPeer == true, let pipe = rotation.next()?.takeUnretainedValue() {
            queue(&pending!, on: pipe, at: host)
            // One that came late has as much time for its reply as any other, unless this is the last attempt.
            if pending!.retries > 0, let timeout = pending!.timeout { startTimer(of: &pending!, timeout, at: host) }
        }
    }

    /// Without a retry left, the reply may still come over the connection that is made again; but not from a peer that had
    /// connected to us.
    func pipeDown(_ pipe: Pipe, at host: any PatternHost) {
        rotation.remove(pipe)
        guard let pending, pending.pipe === pipe, host.state == .open, !hasReply(from: pipe) else { return }
        if pending.retries > 0 {
            askAgain(at: host)
        } else if !pipe.isPersistent {
            peerIsLost(at: host)
        }
    }

    func pipeRemoved(_ pipe: Pipe, at host: any PatternHost) {
        rotation.remove(pipe)
        guard let pending, pending.pipe === pipe, host.state == .open, !hasReply(from: pipe) else { return }
        peerIsLost(at: host)
    }

    private func peerIsLost(at host: any PatternHost) {
        let error = ZMQError(.hostUnreachable, "the peer that was asked has gone")
        let hasCompletion = hasCompletion
        giveUp(error, at: host)
        if !hasCompletion { whenPeerIsLost?(error) }
    }

    var unsentMessages: Int { pending?.waitsForPeer == true ? 1 : 0 }

    func close(at host: any PatternHost) { giveUp(ZMQError(.closed, "the socket was closed"), at: host) }
}

/// A request that waits for its reply.
struct PendingRequest {
    /// Tells it from other requests of the socket.
    fileprivate var id = 0
    fileprivate let message: Message
    fileprivate let timeout: Duration?
    fileprivate var retries: Int
    fileprivate let completion: ((Result<Message, ZMQError>) -> Void)?
    /// What its reply has to carry, when replies are told apart by that.
    fileprivate var number: UInt32?
    /// Whether it is to be sent to the next peer that has room.
    fileprivate var waitsForPeer = false
    fileprivate var timer: ReactorTimer?
    /// The peer that was asked.
    fileprivate var pipe: Pipe?

    init(
        _ message: Message,
        timeout: Duration? = nil,
        retries: Int = 0,
        _ completion: ((Result<Message, ZMQError>) -> Void)? = nil
    ) {
        self.message = message
        self.timeout = timeout
        self.retries = retries
        self.completion = completion
    }
}
