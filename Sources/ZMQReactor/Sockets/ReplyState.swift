import ZMTP

/// Requests are taken and answered one at a time. The envelope of a request is removed, and put back in front of the
/// reply (REP-6, REP-9), which goes to the peer that sent the request (REP-10), or is dropped if that peer is gone
/// (REP-11).
///
///     idle --a request is accepted--> unanswered --its reply is sent or released--> idle
final class ReplyState: Pattern {
    /// The request that has not been answered. The application holds it; it calls `finish` in its deinit at the latest,
    /// which makes this nil before the object is gone. A weak reference would be an allocation for each request.
    private var unanswered: Unmanaged<Reply>?

    /// The same, if it was taken with `tryReceive`; this is then the only reference.
    private var taken: Reply?

    private var lastPeers = LastPeers()

    /// Whether no request is pending.
    var isIdle: Bool { unanswered == nil }

    /// The reply object of the pending request.
    var reply: Reply? { unanswered?.takeUnretainedValue() }

    /// Keeps the reply to a request until it is sent.
    func keep(_ reply: Reply) { taken = reply }

    /// Removes the envelope of a request; returns nil if the message is not a request.
    func accept(
        _ message: borrowing Message,
        from pipe: Pipe,
        at socket: RepSocket
    ) -> (message: Message, reply: Reply)? {
        guard let (frames, request) = RequestEnvelope.split(message) else {
            socket.drop(1, .malformed)
            return nil
        }
        guard let envelope = frames == 1 ? [] : RequestEnvelope.wireForm(of: copy message, frames: frames) else {
            refuse(pipe, at: socket)
            return nil
        }
        let reply = Reply(socket, to: pipe, envelope: envelope, frames: frames)
        unanswered = .passUnretained(reply)
        return (request, reply)
    }

    /// There is no memory for the envelope of a peer's request: the request is dropped, and the peer disconnected.
    private func refuse(_ pipe: Pipe, at socket: RepSocket) {
        socket.drop(1, .noMemory)
        pipe.link?.reject(.noMemory(for: "the envelope of its request"))
    }

    func answer(_ reply: Reply, _ message: Message, to pipe: Pipe, at socket: RepSocket) {
        let isThere = socket.state == .open && pipe.slot >= 0 && pipe.peerNumber == reply.peerNumber
        if isThere, pipe.canSend {
            if reply.envelope.isEmpty {
                RequestEnvelope.withDelimiter { pipe.outbound.append(prefix: $0, frames: 1, message) }
                pipe.outboundGrew()
            } else if Memory.isAvailable(reply.envelope.count) {
                reply.envelope.withUnsafeBytes { pipe.outbound.append(prefix: $0, frames: reply.frames, message) }
                pipe.outboundGrew()
            } else {
                refuse(pipe, at: socket)
            }
        } else {
            socket.drop(1, isThere ? .queueFull : .peerGone)
        }
        finish(reply, at: socket)
    }

    /// A request has been answered, or never will be: the next one may be delivered.
    func finish(_ reply: Reply, at socket: RepSocket) {
        if taken === reply { taken = nil }
        if unanswered?.toOpaque() == Unmanaged.passUnretained(reply).toOpaque() { unanswered = nil }
        guard socket.state == .open else { return }
        socket.scheduleDrain()
        socket.notifyReceivers()
    }

    // MARK: Peers

    // A reply is for the peer that sent the request, not for another one that is found at the endpoint later.
    func pipe(_ pipe: Pipe, meets peer: Peer) -> Bool {
        guard lastPeers.meet(peer, at: pipe) else { return false }
        pipe.part()
        return true
    }

    func pipeDown(_ pipe: Pipe, at host: any PatternHost) { if lastPeers.isUnnamed(pipe) { pipe.part() } }

    func pipeRemoved(_ pipe: Pipe, at host: any PatternHost) { lastPeers.forget(pipe) }

    func close(at host: any PatternHost) {
        _ = taken.take()  // its deinit reads `taken`, which must not be changing then
    }
}

/// The reply to one request, which can be sent once: now, or later, for example from a timer.
///
/// Releasing it without sending abandons the request: the peer gets no reply, and the next request is delivered. It
/// belongs to the thread of its socket.
public final class Reply {
    /// The pipe to the peer; nil after the reply.
    private var pipe: Pipe?
    /// Held by the pipe, and accessed only while there is one.
    private let socket: Unmanaged<RepSocket>
    /// The wire form of the envelope; empty if it is only the delimiter.
    fileprivate let envelope: [UInt8]
    fileprivate let frames: Int
    /// Distinguishes the peer from others at the same endpoint.
    fileprivate let peerNumber: Int

    fileprivate init(_ socket: RepSocket, to pipe: Pipe, envelope: [UInt8], frames: Int) {
        self.socket = .passUnretained(socket)
        self.pipe = pipe
        self.envelope = envelope
        self.frames = frames
        peerNumber = pipe.peerNumber
    }

    deinit { if pipe != nil { socket._withUnsafeGuaranteedRef { $0.replies.finish(self, at: $0) } } }

    /// Whether a reply can still be sent.
    public var isPending: Bool { pipe != nil && !socket._withUnsafeGuaranteedRef { $0.isClosed } }

    /// Replies to the request. Later calls have no effect.
    public func send(_ message: Message) {
        guard let pipe = pipe.take() else { return }
        socket._withUnsafeGuaranteedRef { $0.replies.answer(self, message, to: pipe, at: $0) }
    }

    /// Replies to the request with a message of one frame.
    public func send(_ text: String) { send(Message(text)) }
}

@available(*, unavailable, message: "a reply belongs to the thread of its socket")
extension Reply: Sendable {}
