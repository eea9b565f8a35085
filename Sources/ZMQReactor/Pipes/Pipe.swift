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

    /// Tells the peer, present or lost, from those that were at the other end before; see `Pipe+Parting`.
    var peerNumber = LoopResources.nextKey()

    /// Whether the pipe outlives its connections, because we are the one who connects.
    let isPersistent: Bool

    /// Most messages in `outbound` and on their way to a peer in this program, and in `inbound`.
    var sendLimit: Int { didSet { countLimit = sendByteLimit == .max ? sendLimit : 0 } }
    let receiveLimit: Int

    /// Messages that have left `outbound` for the other end of a link in this program, which has not confirmed them yet.
    private(set) var inFlight = 0

    /// Whether such messages are ours until they are confirmed: the other end is an outpost, which counts what it sends, or has
    /// not accepted us yet.
    var isRelayed = false

    /// Their sizes, and the sum of them, where there is a limit in bytes.
    private var inFlightSizes = RingBuffer<Int>()
    private var inFlightBytes = 0

    /// Messages that have arrived and been passed on to the socket of this outpost, which has not taken them yet.
    private(set) var passedOn = 0
    private var passedOnSizes = RingBuffer<Int>()
    private var passedOnBytes = 0

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

    /// Why the last link ended.
    private(set) var reasonOfEnd = EventReason.closed

    /// What the link has learnt in the handshake; nil while it is down.
    private(set) var peer: Peer?

    /// Not weak: what has weak references is counted slowly, and every message passes through here. Not strong, either: a loop that
    /// ends with connections on it would leave circles behind. A link holds its pipe, and takes itself out with `linkDown`, or
    /// with `forget` in its deinit when it comes to that first.
    private(set) unowned(unsafe) var link: (any PipeLink)?

    /// Whether the link is told of what the application takes.
    private var linkCountsTaken = false

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

    /// How long the queue may stay full, in nanoseconds; 0 for ever.
    let slowPeerTimeout: Int64

    /// Whether the socket watches how long the queue stays full.
    var isWatchedAsFull = false

    /// Whether the link has stopped reading because `inbound` is full.
    private(set) var isHeldBack = false

    /// - Parameter options: those that held when the endpoint was bound or connected, whatever the socket's have become since.
    init(of socket: Socket, endpoint: Endpoint, options: SocketOptions, isPersistent: Bool) {
        self.socket = socket
        self.endpoint = endpoint
        self.isPersistent = isPersistent
        conflates = options.conflates
        sendLimit = conflates || options.sendHighWaterMark == 0 ? .max : options.sendHighWaterMark
        receiveLimit = conflates || options.receiveHighWaterMark == 0 ? .max : options.receiveHighWaterMark
        sendByteLimit = conflates ? .max : options.sendHighWaterMarkBytes ?? .max
        countLimit = sendByteLimit == .max ? sendLimit : 0
        attentionSize = conflates ? 2 : .max
        slowPeerTimeout = options.limits.slowPeerTimeout?.roundedUpNanoseconds ?? 0
        receiveByteLimit = conflates ? .max : options.receiveHighWaterMarkBytes ?? .max
        outbound = OutboundQueue(pool: socket.loop.chunks)
    }

    // MARK: What the socket calls

    /// Whether one more message may be queued.
    @inline(__always) var hasRoom: Bool {
        outbound.count &+ inFlight < countLimit || countLimit == 0 && hasRoomForBytes
    }

    private var hasRoomForBytes: Bool {
        outbound.count &+ inFlight < sendLimit && outbound.byteCount &+ inFlightBytes < sendByteLimit
    }

    /// Messages that are ours to send and have not left.
    var unsentCount: Int { outbound.count + (isRelayed ? inFlight : 0) }

    /// Queues a message of one frame, for which there must be room.
    @inline(__always)
    func send(_ frame: UnsafeRawBufferPointer) {
        outbound.append(frame)
        outboundGrew()
    }

    /// Queues a message, for which there must be room.
    @inline(__always)
    func send(_ message: borrowing Message) {
        outbound.append(message)
        outboundGrew()
    }

    /// To be called after appending to `outbound`: the link sends it at the end of the turn.
    @inline(__always)
    func outboundGrew() {
        if !isScheduled || outbound.count >= attentionSize { outboundNeedsAttention() }
    }

    @inline(never)
    private func outboundNeedsAttention() {
        var isLarge = outbound.count >= attentionSize
        if isLarge, conflates {
            socket.pipeDropped(self, outbound.keepLast())
            isLarge = false
        }
        guard let link else { return }
        if !isScheduled {
            isScheduled = true
            link.outboundGrew()
        }
        if isLarge { link.outboundIsLarge() }
    }

    /// Whether there is room after all, when the link is asked what has left meanwhile.
    @inline(never)
    func findsRoom() -> Bool {
        link?.refreshRoom()
        if hasRoom { return true }
        if slowPeerTimeout > 0, !isWatchedAsFull, peer != nil { socket.slowPeers.watch(self) }
        return false
    }

    /// The socket is to be disconnected from this peer: what is queued leaves, and nothing more is taken.
    func takeNoMore() {
        sendLimit = .min
        countLimit = .min
    }

    /// To be called when the application has taken messages: the link reads on when it had stopped.
    func taken(_ count: Int) {
        if linkCountsTaken { link?.taken(count) }
        if isHeldBack { readOnIfThereIsRoom() }
    }

    private func readOnIfThereIsRoom() {
        guard isHeldBack, inbound.count + passedOn <= receiveLimit / 2,
            inbound.byteCount + passedOnBytes <= receiveByteLimit / 2
        else { return }
        isHeldBack = false
        link?.inboundHasRoom()
    }

    /// Messages that arrived here go to the socket of this outpost.
    func passOn(_ run: Run) {
        passedOn += run.count
        guard receiveByteLimit != .max else { return }
        forEachSize(run) {
            passedOnSizes.append($0)
            passedOnBytes += $0
        }
    }

    /// That socket has taken messages that were passed on.
    func passedOnTaken(_ count: Int) {
        guard count > 0 else { return }
        passedOn -= count
        if receiveByteLimit != .max { for _ in 0..<count { passedOnBytes -= passedOnSizes.popFirst() ?? 0 } }
        readOnIfThereIsRoom()
    }

    private func forEachSize(_ run: Run, _ body: (Int) -> Void) {
        var run = run
        while let message = run.next() { body(message.wireSize) }
    }

    // MARK: What the link calls

    /// A connection is up and has shaken hands.
    func linkUp(_ link: any PipeLink, peer: Peer) {
        let hasParted = isPersistent && socket.pipe(self, meets: peer)
        self.link = link
        linkCountsTaken = link.countsTaken
        self.peer = peer
        (messagesSent, messagesReceived) = (0, 0)
        isScheduled = false
        isHeldBack = false
        socket.pipeUp(self)
        if !outbound.isEmpty { outboundGrew() }
        if hasParted { tellRoom() }
    }

    /// The connection is gone, and with it the pipe of a peer that had connected to us. What it has received stays to be taken.
    func linkDown(_ reason: EventReason) {
        reasonOfEnd = reason
        link = nil
        peer = nil
        isScheduled = false
        isWatchedAsFull = false
        outbound.rewind()
        forgetInFlight()
        socket.pipeDown(self)
        // What the other end had been handed and will not confirm leaves room.
        if isPersistent { tellRoom() } else { socket.remove(self) }
    }

    /// The link is gone without a word, and its loop with it.
    func forget(_ link: any PipeLink) {
        if self.link === link { self.link = nil }
    }

    /// The messages that may arrive now: 0 when the link is to stop reading until `inboundHasRoom`.
    var inboundRoom: Int {
        var room = receiveLimit - inbound.count - passedOn
        // One by one, so that the limit is exceeded by no more than the message that reaches it.
        if receiveByteLimit != .max { room = inbound.byteCount + passedOnBytes < receiveByteLimit ? min(room, 1) : 0 }
        if room <= 0 { isHeldBack = true }
        return max(room, 0)
    }

    /// Messages have arrived.
    @inline(never)
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
        socket.pipeSent(self, left)
        tellRoom()
    }

    /// Hands what is queued over to the other end of a link in this program, which is going to confirm it.
    func handOver(_ body: (Run) -> Void) {
        outbound.takeRuns { run in
            inFlight += run.count
            if sendByteLimit != .max {
                forEachSize(run) {
                    inFlightSizes.append($0)
                    inFlightBytes += $0
                }
            }
            if !isRelayed { count(sent: run.count) }
            body(run)
        }
    }

    /// As `handOver`, of the newest message only; answers whether the other end has to be told of it.
    func handOverNewest(by way: NewestMessage) -> Bool {
        var newest: Message?
        var dropped = outbound.count - 1
        outbound.takeRuns { run in
            var run = run
            while let message = run.next() { newest = message }
        }
        guard let newest else { return false }
        let isInPlaceOfAnother = way.replace(with: newest)
        if isInPlaceOfAnother { dropped += 1 } else { inFlight += 1 }
        if dropped > 0 { socket.pipeDropped(self, dropped) }
        guard !isInPlaceOfAnother else { return false }
        if !isRelayed { count(sent: 1) }
        return true
    }

    /// As `handOver`, of what has been appended to the open chunk since `start`, when that is all; answers the messages and where they
    /// end.
    @inline(__always)
    func handOverGrowth(from start: UnsafeMutableRawPointer) -> (count: Int, end: UnsafeMutableRawPointer)? {
        assert(isRelayed)
        guard sendByteLimit == .max, let growth = outbound.takeGrowth(from: start) else { return nil }
        inFlight &+= growth.count
        return growth
    }

    /// The other end is done with messages that were handed over.
    func confirm(_ count: Int) {
        guard count > 0 else { return }
        // What an earlier link had brought may be taken only now.
        inFlight = max(inFlight - count, 0)
        if sendByteLimit != .max { for _ in 0..<count { inFlightBytes -= inFlightSizes.popFirst() ?? 0 } }
    }

    /// Whether everything has been handed over and confirmed.
    var isDrained: Bool { inFlight == 0 && outbound.isEmpty }

    /// The link is about to end, and what had been handed over and not been confirmed is ours again, ahead of all else.
    func takeBack(_ runs: [Run]) {
        if !isRelayed { count(sent: -runs.reduce(0) { $0 + $1.count }) }
        forgetInFlight()
        var behind: [Run] = []
        outbound.takeRuns { behind.append($0) }
        for run in runs { outbound.append(run) }
        for run in behind { outbound.append(run) }
        if conflates, outbound.count > 1 { socket.pipeDropped(self, outbound.keepLast()) }
    }

    /// What has been handed over is the other end's, which has accepted us.
    func handedOverForGood() {
        isRelayed = false
        count(sent: inFlight)
    }

    private func count(sent: Int) {
        guard sent != 0 else { return }
        messagesSent += sent
        socket.pipeSent(self, sent)
    }

    private func forgetInFlight() {
        inFlight = 0
        inFlightBytes = 0
        inFlightSizes.removeAll()
    }

    /// Tells the socket, if it still has this pipe, when the queue, which was full, is at most half full.
    func tellRoom() {
        if !isInRotation, slot >= 0, sendLimit > 0, isHalfEmpty { socket.pipeHasRoom(self) }
    }

    var isHalfEmpty: Bool {
        outbound.count + inFlight <= sendLimit / 2 && outbound.byteCount + inFlightBytes <= sendByteLimit / 2
    }

    var isLimitedInBytes: Bool { sendByteLimit != .max }
}
