import ZMTP

/// One request at a time is taken and answered. The addresses that it has gathered on its way are taken off, and put back in front of the
/// reply (REP-6, REP-9), which goes to where the request came from (REP-10), or nowhere when that peer has gone (REP-11).
///
///     idle --a request is accepted--> unanswered --its reply is sent or let go of--> idle
final class ReplyState: Pattern {
    /// The request that waits for its answer. The application holds it; `finish`, which it calls at its end at the latest, makes
    /// this nil before it is gone. A weak reference would be an allocation for each request.
    private var unanswered: Unmanaged<Reply>?

    /// The same, when it was taken with `tryReceive`; this is the only reference then.
    private var taken: Reply?

    private var lastPeers = LastPeers()

    /// Whether no request waits for its answer.
    var isIdle: Bool { unanswered == nil }

    /// The request that waits for its answer.
    var reply: Reply? { unanswered?.takeUnretainedValue() }

    /// Keeps the reply to a request until it is sent.
    func keep(_ reply: Reply) { taken = reply }

    /// Takes the envelope off a request; nil when the message is none.
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

    /// There is no memory for the envelope of a peer's request: the request is dropped, and the peer with it.
    private func refuse(_ pipe: Pipe, at socket: RepSocket) {
        socket.drop(1, .noMemory)
        pipe.link?.turnAway(.noMemory(for: "the addresses in front of its request"))
    }

    func answer(_ reply: Reply, _ message: Message, to pipe: Pipe, at socket: RepSocket) {
        let isThere = socket.state == .open && pipe.slot >= 0 && pipe.peerNumber == reply.peerNumber
        if isThere, pipe.hasRoom || pipe.findsRoom() {
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

    /// A request has been answered, or never will be: the next one may come.
    func finish(_ reply: Reply, at socket: RepSocket) {
        if taken === reply { taken = nil }
        if unanswered?.toOpaque() == Unmanaged.passUnretained(reply).toOpaque() { unanswered = nil }
        guard socket.state == .open else { return }
        socket.scheduleDrain()
        socket.notifyReceivers()
    }

    // MARK: Peers

    // An answer is for the peer that has asked, and for no other that is found at the endpoint later.
    func pipe(_ pipe: Pipe, meets peer: Peer) -> Bool {
        guard lastPeers.meet(peer, at: pipe) else { return false }
        pipe.part()
        return true
    }

    func pipeDown(_ pipe: Pipe, at host: any PatternHost) { if lastPeers.isUnnamed(pipe) { pipe.part() } }

    func pipeRemoved(_ pipe: Pipe, at host: any PatternHost) { lastPeers.forget(pipe) }

    func close(at host: any PatternHost) {
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

    deinit { if pipe != nil { socket._withUnsafeGuaranteedRef { $0.replies.finish(self, at: $0) } } }

    /// Whether an answer can still be sent.
    public var isPending: Bool { pipe != nil && !socket._withUnsafeGuaranteedRef { $0.isClosed } }

    /// Answers the request. Later calls do nothing.
    public func send(_ message: Message) {
        guard let pipe = pipe.take() else { return }
        socket._withUnsafeGuaranteedRef { $0.replies.answer(self, message, to: pipe, at: $0) }
    }

    /// Answers the request with a message of one frame.
    public func send(_ text: String) { send(Message(text)) }
}

@available(*, unavailable, message: "a reply belongs to the thread of its socket")
extension Reply: Sendable {}
