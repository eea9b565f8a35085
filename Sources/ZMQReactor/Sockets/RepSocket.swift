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

    /// The request that waits for its answer. It is held by who is to give that; `finished`, which it calls at its end at the
    /// latest, makes this nil before it is gone. A weak reference would be an allocation for each request.
    private var unanswered: Unmanaged<Reply>?
    /// The same, when it was taken with `tryReceive`: nobody else holds it.
    private var taken: Reply?

    private var lastPeers = LastPeers()

    public init(_setup setup: _SocketSetup, handler: (any RepHandler)?) throws(ZMQError) {
        self.handler = handler
        try super.init(.rep, setup, isReceiver: handler != nil)
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
        guard state == .open else { throw closedError() }
        guard unanswered == nil else { throw .wrongState("the request before has not been answered") }
        guard let (request, reply) = takeRequest() else { return nil }
        taken = reply
        return request
    }

    /// Takes the next request with what answers it; nil when none is there, or the one before has not been answered.
    final func takeRequest() -> (message: Message, reply: Reply)? {
        while unanswered == nil, let (message, pipe) = fairQueue.next() {
            if let (request, reply) = accept(message, from: pipe) { return (request, reply) }
        }
        return nil
    }

    /// Answers the request that waits for it.
    ///
    /// - Throws: `wrongState` when no request does, `closed`, `terminated`.
    @discardableResult
    public func send(_ message: Message) throws(ZMQError) -> SendResult {
        guard state == .open else { throw closedError() }
        guard let reply = unanswered?.takeUnretainedValue() else { throw .wrongState("there is no request to answer") }
        reply.send(message)
        return .accepted
    }

    @discardableResult
    public func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult { try send(Message(bytes)) }

    /// Answers with a message of one frame. See ``send(_:)-(Message)``.
    @discardableResult
    public func send(_ text: String) throws(ZMQError) -> SendResult { try send(Message(text)) }

    // MARK: With a handler

    override var hasReceiver: Bool { handler != nil && unanswered == nil }

    override func deliver(_ run: inout Run, from pipe: Pipe) {
        guard let handler else { return }
        run.forEach(while: { flows }) { message in
            guard let (request, reply) = accept(message, from: pipe) else { return }
            handler.socket(self, received: request, reply: reply)
        }
    }

    /// Takes the envelope off a request.
    private func accept(_ message: borrowing Message, from pipe: Pipe) -> (request: Message, reply: Reply)? {
        guard let (frames, request) = RequestEnvelope.split(message) else {
            drop(1, .malformed)
            return nil
        }
        guard let envelope = frames == 1 ? [] : RequestEnvelope.wireForm(of: copy message, frames: frames) else {
            refuse(pipe)
            return nil
        }
        let reply = Reply(self, to: pipe, envelope: envelope, frames: frames)
        unanswered = .passUnretained(reply)
        return (request, reply)
    }

    /// There is no memory for the envelope of a peer's request: the request is dropped, and the peer with it.
    private func refuse(_ pipe: Pipe) {
        drop(1, .noMemory)
        pipe.link?.turnAway(.noMemory(for: "the addresses in front of its request"))
    }

    fileprivate func answer(_ reply: Reply, _ message: Message, to pipe: Pipe) {
        let isThere = state == .open && pipe.slot >= 0 && pipe.peerNumber == reply.peerNumber
        if isThere, pipe.hasRoom || pipe.findsRoom() {
            if reply.envelope.isEmpty {
                RequestEnvelope.withDelimiter { pipe.outbound.append(prefix: $0, frames: 1, message) }
                pipe.outboundGrew()
            } else if Memory.isAvailable(reply.envelope.count) {
                reply.envelope.withUnsafeBytes { pipe.outbound.append(prefix: $0, frames: reply.frames, message) }
                pipe.outboundGrew()
            } else {
                refuse(pipe)
            }
        } else {
            drop(1, isThere ? .queueFull : .peerGone)
        }
        finished(reply)
    }

    // An answer is for the peer that has asked, and for no other that is found at the endpoint later.
    override func pipe(_ pipe: Pipe, meets peer: Peer) -> Bool {
        guard lastPeers.meet(peer, at: pipe) else { return false }
        pipe.part()
        return true
    }

    override func pipeDown(_ pipe: Pipe) { if lastPeers.isUnnamed(pipe) { pipe.part() } }

    override func pipeRemoved(_ pipe: Pipe) { lastPeers.forget(pipe) }

    /// A request has been answered, or never will be: the next one may come.
    fileprivate func finished(_ reply: Reply) {
        if taken === reply { taken = nil }
        if unanswered?.toOpaque() == Unmanaged.passUnretained(reply).toOpaque() { unanswered = nil }
        guard state == .open else { return }
        scheduleDrain()
        companion?.messagesArrived(at: self)
    }

    override func forgetHandler() {
        handler = nil
        _ = taken.take()  // its end looks at `taken`, which must not be in the middle of a change
    }
}

/// The one chance to answer a request: now or later, from a timer for example.
///
/// Letting go of it without an answer abandons the request: the peer gets none, and the next request is delivered. It belongs to the
/// thread of its socket.
public final class Reply {
    /// Where the answer goes to; nil when there has been one.
    @exclusivity(unchecked) private var pipe: Pipe?  // taken, and looked at
    /// Held by the pipe, and not looked at without that.
    private let socket: Unmanaged<RepSocket>
    /// What goes ahead of the answer, as it travels; empty when that is the delimiter alone.
    fileprivate let envelope: [UInt8]
    fileprivate let frames: Int
    /// Tells the peer that has asked from others at the same endpoint.
    fileprivate let peerNumber: Int

    fileprivate init(_ socket: RepSocket, to pipe: Pipe, envelope: [UInt8], frames: Int) {
        self.socket = .passUnretained(socket)
        self.pipe = pipe
        self.envelope = envelope
        self.frames = frames
        peerNumber = pipe.peerNumber
    }

    deinit { if pipe != nil { socket._withUnsafeGuaranteedRef { $0.finished(self) } } }

    /// Whether an answer can still be sent.
    public var isPending: Bool { pipe != nil && !socket._withUnsafeGuaranteedRef { $0.isClosed } }

    /// Answers the request. Later calls do nothing.
    public func send(_ message: Message) {
        guard let pipe = pipe.take() else { return }
        socket._withUnsafeGuaranteedRef { $0.answer(self, message, to: pipe) }
    }

    /// Answers the request with a message of one frame.
    public func send(_ text: String) { send(Message(text)) }
}

@available(*, unavailable, message: "a reply belongs to the thread of its socket")
extension Reply: Sendable {}

private final class ClosureHandler: RepHandler {
    let received: (RepSocket, Message, Reply) -> Void
    init(_ received: @escaping (RepSocket, Message, Reply) -> Void) { self.received = received }
    func socket(_ socket: RepSocket, received request: Message, reply: Reply) { received(socket, request, reply) }
}
