import EventReactor
import ZMTP

/// One request at a time: it goes to the next connected peer (REQ-5), or waits for the first one to connect, and only
/// that peer's reply is accepted (REQ-8, REQ-9).
///
///     idle --ask--> waiting --reply, timeout, loss of the peer--> idle
///                     \--timeout with retries left--> waiting, for the next peer
///
/// A late reply is never taken for another request's: it carries a number, or its connection is replaced by a new one
/// when the reply is no longer awaited.
final class RequestState: Pattern {
    /// Whether a new request may be made before the reply to the last one.
    var isRelaxed = false
    /// Whether each request carries a number that its reply must carry, too.
    var correlatesReplies = false
    /// Whether each new peer is sent an empty message.
    var probesPeers = false

    /// Called when a request without a completion gets no reply because its peer is gone.
    var whenPeerIsLost: ((ZMQError) -> Void)?

    @exclusivity(unchecked) private var rotation = RoundRobin()  // calls nothing unknown
    private var pending: PendingRequest?
    private var nextNumber = UInt32.random(in: .min ... .max)
    private var requestsMade = 0

    /// Whether a request would have blocked.
    private var isBlocked = false

    /// Whether a request is pending.
    var isWaiting: Bool { pending != nil }

    /// Whether the pending request has a completion.
    var hasCompletion: Bool { pending?.completion != nil }

    // MARK: Requests

    func ask(
        _ request: consuming PendingRequest,
        isPossible: Bool,
        at host: some PatternHost
    ) throws(ZMQError) -> SendResult {
        try host.requireOpen()
        guard pending == nil || isRelaxed else { throw .wrongState("a request is already pending") }
        // A request without a connected peer waits here for the first one that connects.
        guard isPossible else {
            isBlocked = true
            host.countRefusals(1)
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
        transmitAgain(request.id, at: host)
        host.scheduleDrain()
        former.completion?(.failure(ZMQError(.cancelled, "superseded by a new request")))
        return .accepted
    }

    /// Sends the pending request, if it is still this one: the application may cancel it in the event that reports the
    /// end of the connection.
    private func transmitAgain(_ id: Int, at host: some PatternHost) {
        guard var request = pending, request.id == id else { return }
        transmit(&request, at: host)
        pending = request
    }

    /// Sends the request to the connected peer whose turn it is, or lets it wait for one.
    private func transmit(_ request: inout PendingRequest, at host: some PatternHost) {
        if let pipe = rotation.next() {
            pipe._withUnsafeGuaranteedRef { queue(&request, on: $0, at: host) }
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
        // Messages that arrived before the request are not replies to it.
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
        // A closing socket sends no further request.
        guard let pending, host.state == .open else { return }
        guard pending.retries > 0 else {
            return giveUp(ZMQError(.timedOut, "timed out after \(timeout) waiting for a reply"), at: host)
        }
        askAgain(at: host)
    }

    private func askAgain(at host: some PatternHost) {
        let request = pending!
        pending!.retries -= 1
        pending!.pipe = nil
        disregard(request)
        transmitAgain(request.id, at: host)
    }

    /// Ensures that a late reply cannot be taken for another request's.
    private func disregard(_ request: PendingRequest) {
        guard let pipe = request.pipe else { return }
        let isNumbered = request.number != nil
        if !isNumbered || pipe.link == nil { pipe.discardQueue() }
        if !isNumbered { pipe.link?.reject("its reply is no longer awaited") }
    }

    func giveUp(_ error: ZMQError, at host: some PatternHost) {
        guard let request = pending.take() else { return }
        request.timer?.cancel()
        disregard(request)
        host.scheduleDrain()
        // A task that awaits the reply with `receive` must find that there will be none.
        if request.completion == nil { host.notifyReceivers() }
        request.completion?(.failure(error))
    }

    // MARK: Replies

    /// The reply in a message, if it is the awaited one; otherwise the message is dropped.
    func reply(in message: borrowing Message, from pipe: Pipe, at host: some PatternHost) -> Message? {
        if pending?.pipe === pipe, let body = body(of: message) { return body }
        host.drop(1, .unexpected)
        return nil
    }

    /// The reply of the request has arrived. Returns the completion to call with it.
    func finish() -> ((Result<Message, ZMQError>) -> Void)? {
        let request = pending.take()!
        request.timer?.cancel()
        return request.completion
    }

    /// The reply in a message from the request's peer; nil if it does not match the pending request.
    private func body(of message: borrowing Message) -> Message? {
        guard let (frames, body) = RequestEnvelope.split(message) else { return nil }
        guard let number = pending!.number else { return frames == 1 ? body : nil }
        return frames == 2 && RequestEnvelope.number(in: message) == number ? body : nil
    }

    /// Whether the reply has arrived and is queued: the fate of the peer no longer matters then.
    private func hasReply(from pipe: Pipe) -> Bool { pipe.inbound.contains { body(of: $0) != nil } }
}

// Events of peers.
extension RequestState {
    func pipeAdded(_ pipe: Pipe, at host: any PatternHost) {
        guard isBlocked, host.state == .open else { return }
        isBlocked = false
        host.notifyWritable(for: nil)
    }

    func pipeUp(_ pipe: Pipe, at host: any PatternHost) {
        if probesPeers { pipe.probe() }
        rotation.add(pipe)
        becameWritable(at: host)
    }

    func awaitsWritability(of pipe: Pipe) -> Bool { pipe.peer != nil }

    func pipeBecameWritable(_ pipe: Pipe, at host: any PatternHost) {
        if pipe.peer != nil { rotation.add(pipe) }
    }

    func becameWritable(at host: any PatternHost) {
        // Even a closing socket sends its pending request.
        guard var request = pending, request.waitsForPeer, let pipe = rotation.next()?.takeUnretainedValue() else {
            return
        }
        queue(&request, on: pipe, at: host)
        // A request that waited for a peer gets the full time for its reply, unless this is the last attempt.
        if request.retries > 0, let timeout = request.timeout { startTimer(of: &request, timeout, at: host) }
        pending = request
    }

    /// Without a retry left, the reply may still arrive on a restored connection; but not from a peer that had
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
        let error = ZMQError(.hostUnreachable, "the peer of the request is gone")
        let hasCompletion = hasCompletion
        giveUp(error, at: host)
        if !hasCompletion { whenPeerIsLost?(error) }
    }

    var unsentMessages: Int { pending?.waitsForPeer == true ? 1 : 0 }

    func close(at host: any PatternHost) { giveUp(ZMQError(.closed, "the socket was closed"), at: host) }
}

/// A request that waits for its reply.
struct PendingRequest {
    /// Distinguishes it from other requests of the socket.
    fileprivate var id = 0
    fileprivate let message: Message
    fileprivate let timeout: Duration?
    fileprivate var retries: Int
    fileprivate let completion: ((Result<Message, ZMQError>) -> Void)?
    /// The number that its reply must carry, if replies are matched by number.
    fileprivate var number: UInt32?
    /// Whether it goes to the next peer that has room.
    fileprivate var waitsForPeer = false
    fileprivate var timer: ReactorTimer?
    /// The peer to which it was sent.
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
