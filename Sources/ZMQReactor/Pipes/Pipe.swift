import ZMTP

/// One peer, as its socket sees it: a queue out, a queue in, and a link that moves the bytes.
///
/// A pipe is made when the socket connects, and kept whether or not the link is up; or when a peer that connected to us has
/// shown itself in the handshake, and destroyed when it leaves (RFC 28 to 31, our rule Q-1).
///
/// The link never calls into the socket except through its pipe, and the pipe never does I/O.
final class Pipe {
    let socket: Socket

    /// The endpoint that was bound or connected to.
    let endpoint: Endpoint

    /// This pipe's number in its socket, reused when the pipe is gone.
    var slot = -1

    // Both queues call nothing unknown while they change, so that no access can meet another; the checks for that would
    // cost more than the rest of a send.
    @exclusivity(unchecked) var outbound: OutboundQueue
    @exclusivity(unchecked) var inbound = InboundQueue()

    /// Whether the pipe outlives its connections, because we are the one who connects.
    let isPersistent: Bool

    /// Most messages in `outbound`, and in `inbound`.
    let sendLimit: Int
    let receiveLimit: Int

    /// What the link has learnt in the handshake; nil while it is down.
    private(set) var peer: Peer?

    private(set) weak var link: (any PipeLink)?

    /// Whether the link has been told that there is something to send.
    private var isScheduled = false

    /// Whether the pipe stands in its socket's rotation of pipes with room.
    var isInRotation = false

    /// Whether the pipe stands among its socket's pipes with messages to take.
    var isInFairQueue = false

    /// Whether the link has stopped reading because `inbound` is full.
    private var isHeldBack = false

    init(of socket: Socket, endpoint: Endpoint, isPersistent: Bool) {
        self.socket = socket
        self.endpoint = endpoint
        self.isPersistent = isPersistent
        sendLimit = socket.options.sendHighWaterMark == 0 ? .max : socket.options.sendHighWaterMark
        receiveLimit = socket.options.receiveHighWaterMark == 0 ? .max : socket.options.receiveHighWaterMark
        outbound = OutboundQueue(pool: socket.loop.chunks)
    }

    // MARK: What the socket calls

    /// Whether one more message may be queued.
    @inline(__always) var hasRoom: Bool { outbound.count < sendLimit }

    /// To be called after appending to `outbound`: the link sends it at the end of the turn.
    @inline(__always)
    func outboundGrew() {
        if !isScheduled { schedule() }
    }

    private func schedule() {
        guard let link else { return }
        isScheduled = true
        link.outboundGrew()
    }

    /// To be called after taking messages from `inbound`: the link reads on when it had stopped.
    func inboundShrank() {
        guard isHeldBack, inbound.count <= receiveLimit / 2 else { return }
        isHeldBack = false
        link?.inboundHasRoom()
    }

    // MARK: What the link calls

    /// A connection is up and has shaken hands.
    func linkUp(_ link: any PipeLink, peer: Peer) {
        self.link = link
        self.peer = peer
        isScheduled = false
        isHeldBack = false
        socket.pipeUp(self)
        // A 1.0 subscriber sends no subscriptions: it is sent everything and chooses for itself (D-4).
        if peer.version == .v1_0, socket.type.takesSubscriptions {
            receive(Run(Message([Subscription.subscribe.rawValue])))
        }
        if !outbound.isEmpty { outboundGrew() }
    }

    /// The connection is gone.
    func linkDown() {
        link = nil
        peer = nil
        isScheduled = false
        outbound.rewind()
        socket.pipeDown(self)
        if !isPersistent { socket.remove(self) }
    }

    /// The messages that may arrive now: 0 when the link is to stop reading until `inboundHasRoom`.
    var inboundRoom: Int {
        let room = receiveLimit - inbound.count
        if room <= 0 { isHeldBack = true }
        return max(room, 0)
    }

    /// Messages have arrived.
    func receive(_ run: consuming Run) {
        socket.receive(run, from: self)
    }

    /// The link takes what there is; whatever is appended from now on schedules it again.
    func linkFlushes() { isScheduled = false }

    /// Bytes have left.
    func release(_ byteCount: Int) {
        let left = outbound.release(byteCount)
        guard left > 0 else { return }
        socket.statistics.messagesSent += left
        if !isInRotation, outbound.count <= sendLimit / 2 { socket.pipeHasRoom(self) }
    }
}

/// What moves a pipe's bytes: a connection, or the pipe of another socket in this program.
///
/// Both calls are cheap and do nothing at once: they note that there is work for the end of the turn.
protocol PipeLink: AnyObject {
    /// There is something in the pipe's `outbound`.
    func outboundGrew()

    /// The pipe's `inbound`, which was full, has room again.
    func inboundHasRoom()

    /// Ends the link: at once, or when `outbound` has left.
    func close(afterSending: Bool)

    /// Sends a subscription or cancellation in the form that the peer understands, between messages.
    func send(_ subscription: Subscription, topic: UnsafeRawBufferPointer)
}
