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

    /// The frame that a ROUTER puts in front of what this peer sends, as it travels; empty for other types.
    var routingPrefix: [UInt8] = []

    /// Whether the pipe outlives its connections, because we are the one who connects.
    let isPersistent: Bool

    /// Most messages in `outbound` and on their way to a peer in this program, and in `inbound`.
    var sendLimit: Int { didSet { countLimit = sendByteLimit == .max ? sendLimit : 0 } }
    let receiveLimit: Int

    /// Messages that have left `outbound` for a peer in this program, which has not taken them yet.
    private(set) var inFlight = 0

    /// Bytes in `outbound`, and in `inbound`, from which on no message is taken.
    let sendByteLimit: Int

    /// `sendLimit` where it is the only one; 0 where there is one in bytes, too.
    private(set) var countLimit: Int
    let receiveByteLimit: Int

    /// Whether either queue keeps its newest message only.
    let conflates: Bool

    /// Messages that have left and arrived since the link is up.
    private(set) var messagesSent = 0
    private(set) var messagesReceived = 0

    /// What the link has learnt in the handshake; nil while it is down.
    private(set) var peer: Peer?

    private(set) weak var link: (any PipeLink)?

    /// Whether the link has been told that there is something to send.
    private var isScheduled = false

    /// So many messages in `outbound` are handed over at once, so that the peer's thread can work on them meanwhile.
    var handOverSize = Int.max { didSet { if !conflates { attentionSize = handOverSize } } }

    /// The messages in `outbound` at which appending one takes more than scheduling.
    private var attentionSize: Int

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
        let options = socket.options
        conflates = options.conflates
        sendLimit = conflates || options.sendHighWaterMark == 0 ? .max : options.sendHighWaterMark
        receiveLimit = conflates || options.receiveHighWaterMark == 0 ? .max : options.receiveHighWaterMark
        sendByteLimit = conflates ? .max : options.sendHighWaterMarkBytes ?? .max
        countLimit = sendByteLimit == .max ? sendLimit : 0
        attentionSize = conflates ? 2 : .max
        receiveByteLimit = conflates ? .max : options.receiveHighWaterMarkBytes ?? .max
        outbound = OutboundQueue(pool: socket.loop.chunks)
    }

    // MARK: What the socket calls

    /// Whether one more message may be queued.
    @inline(__always) var hasRoom: Bool {
        outbound.count &+ inFlight < countLimit || countLimit == 0 && hasRoomForBytes
    }

    private var hasRoomForBytes: Bool {
        outbound.count &+ inFlight < sendLimit && outbound.byteCount < sendByteLimit
    }

    /// To be called after appending to `outbound`: the link sends it at the end of the turn.
    @inline(__always)
    func outboundGrew() {
        if !isScheduled { schedule() }
        if outbound.count >= attentionSize { outboundNeedsAttention() }
    }

    @inline(never)
    private func outboundNeedsAttention() {
        if conflates {
            socket.statistics.messagesDropped += outbound.keepLast()
        } else {
            link?.outboundIsLarge()
        }
    }

    /// Whether there is room after all, when the link is asked what has left meanwhile.
    @inline(never)
    func findsRoom() -> Bool {
        link?.refreshRoom()
        return hasRoom
    }

    /// The socket is to be disconnected from this peer: what is queued leaves, and nothing more is taken.
    func takeNoMore() {
        sendLimit = .min
        countLimit = .min
    }

    private func schedule() {
        guard let link else { return }
        isScheduled = true
        link.outboundGrew()
    }

    /// To be called when the application has taken messages: the link reads on when it had stopped.
    func taken(_ count: Int) {
        link?.taken(count)
        guard isHeldBack, inbound.count <= receiveLimit / 2, inbound.byteCount <= receiveByteLimit / 2 else { return }
        isHeldBack = false
        link?.inboundHasRoom()
    }

    // MARK: What the link calls

    /// A connection is up and has shaken hands.
    func linkUp(_ link: any PipeLink, peer: Peer) {
        self.link = link
        self.peer = peer
        (messagesSent, messagesReceived) = (0, 0)
        isScheduled = false
        isHeldBack = false
        socket.pipeUp(self)
        // A 1.0 subscriber sends no subscriptions: it is sent everything and chooses for itself (D-4).
        if peer.version == .v1_0, socket.type.takesSubscriptions {
            receive(Run(Message([Subscription.subscribe.rawValue])))
        }
        if !outbound.isEmpty { outboundGrew() }
    }

    /// The connection is gone, and with it the pipe of a peer that had connected to us. What it has received stays to be taken.
    func linkDown() {
        link = nil
        peer = nil
        isScheduled = false
        outbound.rewind()
        inFlight = 0
        socket.pipeDown(self)
        if !isPersistent { socket.remove(self) }
    }

    /// The messages that may arrive now: 0 when the link is to stop reading until `inboundHasRoom`.
    var inboundRoom: Int {
        var room = receiveLimit - inbound.count
        // One by one, so that the limit is exceeded by no more than the message that reaches it.
        if receiveByteLimit != .max { room = inbound.byteCount < receiveByteLimit ? min(room, 1) : 0 }
        if room <= 0 { isHeldBack = true }
        return max(room, 0)
    }

    /// Messages have arrived.
    func receive(_ run: consuming Run) {
        let (arrived, queuedBefore) = (run.count, inbound.appended)
        messagesReceived += arrived
        socket.receive(run, from: self)
        let queued = inbound.appended - queuedBefore
        if arrived > queued { taken(arrived - queued) }
    }

    /// The link takes what there is; whatever is appended from now on schedules it again.
    func linkFlushes() { isScheduled = false }

    /// Bytes have left.
    func release(_ byteCount: Int) {
        let left = outbound.release(byteCount)
        guard left > 0 else { return }
        messagesSent += left
        socket.statistics.messagesSent += left
        tellRoom()
    }

    /// Takes what is queued over to a peer in this program; `confirm` tells what it has taken.
    func handOver() -> [Run] {
        let runs = outbound.takeRuns()
        for run in runs {
            inFlight += run.count
            messagesSent += run.count
            socket.statistics.messagesSent += run.count
        }
        return runs
    }

    /// How many of the messages that were handed over have to be taken before the socket is told of room.
    var inFlightAboveHalf: Int { max(inFlight - max(sendLimit, 0) / 2, 0) }

    /// The peer has taken messages that were handed over.
    func confirm(_ count: Int, tellingRoom: Bool = true) {
        guard count > 0 else { return }
        // What an earlier link had brought may be taken only now.
        inFlight = max(inFlight - count, 0)
        if inFlight == 0, outbound.isEmpty { outbound.removeAll() }  // gives its memory back
        if tellingRoom { tellRoom() }
    }

    private func tellRoom() {
        guard !isInRotation, sendLimit > 0, outbound.count + inFlight <= sendLimit / 2,
            outbound.byteCount <= sendByteLimit / 2
        else { return }
        socket.pipeHasRoom(self)
    }
}

/// What moves a pipe's bytes: a connection, or the pipe of another socket in this program.
///
/// Both calls are cheap and do nothing at once: they note that there is work for the end of the turn.
protocol PipeLink: AnyObject {
    /// Who is at the other end, for people to read.
    var peerName: String { get }

    /// There is something in the pipe's `outbound`.
    func outboundGrew()

    /// There is so much in the pipe's `outbound` that it should not wait for the end of the turn.
    func outboundIsLarge()

    /// The pipe has no room: find out whether some has been made.
    func refreshRoom()

    /// The pipe's `inbound`, which was full, has room again.
    func inboundHasRoom()

    /// The application has taken messages that this link brought.
    func taken(_ count: Int)

    /// Ends the link: at once, or when `outbound` has left.
    func close(afterSending: Bool)

    /// Ends the link at once, because the peer has gone too far.
    func turnAway(_ reason: String)

    /// Sends a subscription or cancellation in the form that the peer understands, between messages.
    func send(_ subscription: Subscription, topic: UnsafeRawBufferPointer)
}

// What is of use only to a link that has the other end's queue in reach, or has not.
extension PipeLink {
    func taken(_ count: Int) {}
    func outboundIsLarge() {}
    func refreshRoom() {}
}
