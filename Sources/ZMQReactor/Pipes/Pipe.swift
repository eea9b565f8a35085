import ZMTP

/// One peer, as its sink, a socket or a session, sees it: a queue out, a queue in, and a link that moves the bytes.
///
/// A pipe is made when the socket connects, and kept whether or not the link is up; or when a peer that connected to us has
/// shown itself in the handshake, and destroyed when it leaves (RFC 28 to 31, our rule Q-1).
///
/// The link never calls into the sink except through its pipe, and the pipe never does I/O.
final class Pipe {
    /// What is told of all that happens.
    let sink: any PipeSink

    /// Those of the sink, at hand.
    let budgets: PipeBudgets

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

    // Windows are numbers: asking and changing them calls nothing.

    /// What may be in `outbound` and on its way to the other end of a link in this program, which is outstanding until that confirms it.
    @exclusivity(unchecked) var sending: CreditWindow

    /// What may be in `inbound`, and of a session with its owner, which is outstanding until that has taken it.
    @exclusivity(unchecked) var receiving: CreditWindow

    /// Whether what is outstanding is ours until it is confirmed: the other end is a session, which counts what it sends, or has not
    /// accepted us yet.
    var isRelayed = false

    /// What the socket's budgets have been told of: bytes to send; bytes of whole messages, and of unfinished ones, that have arrived.
    var sendingKnown = 0
    var receivingKnown = (whole: 0, unfinished: 0)

    /// The bytes that have arrived from which on `inboundRoom` looks closely.
    var closeLook = 0

    /// Whether either queue keeps its newest message only.
    let conflates: Bool

    /// Messages that have left and arrived since the link is up.
    var messagesSent = 0
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
    private(set) var linkCountsTaken = false

    /// Whether the link has been told that there is something to send.
    private var isScheduled = false

    /// So many messages in `outbound` are handed over at once, so that the peer's thread can work on them meanwhile.
    var handOverSize = Int.max { didSet { if !conflates { attentionSize = handOverSize } } }

    /// The messages in `outbound` at which appending one takes more than scheduling.
    private var attentionSize: Int

    /// The nodes of its socket's topics that the peer has been told of, from the first on; all when it is `.max`.
    var announcedNodes = Int.max

    /// Whether the pipe stands in its socket's rotation of pipes with room.
    var isInRotation = false

    /// Whether it has left it because it was full, and is going to come back.
    var hasLeftRotationFull = false

    /// Whether the socket is going to be told of room at the end of the turn.
    var isRelieved = false

    /// Whether the pipe stands among its socket's pipes with messages to take.
    var isInFairQueue = false

    /// How long the queue may stay full, in nanoseconds; 0 for ever.
    let slowPeerTimeout: Int64

    /// Whether the socket watches how long the queue stays full.
    var isWatchedAsFull = false

    /// Why the link has stopped reading.
    enum HeldBack { case not, byMarks, byBudget }
    var heldBack = HeldBack.not

    /// Whether it matters when the application takes messages: the link has stopped reading, or the budget knows of them.
    var isTakingWatched = false

    /// Whether the budget is used up and bytes have arrived that are no whole message yet.
    var isOverBudget = false

    init(of sink: any PipeSink, endpoint: Endpoint, options: Options, isPersistent: Bool) {
        self.sink = sink
        budgets = sink.budgets
        self.endpoint = endpoint
        self.isPersistent = isPersistent
        conflates = options.conflates
        (sending, receiving) = (options.sending, options.receiving)
        attentionSize = conflates ? 2 : .max
        slowPeerTimeout = options.slowPeerTimeout
        outbound = OutboundQueue(pool: budgets.loop.chunks)
    }

    deinit {
        forgetReceived()
        forgetSentAtEnd()
    }

    /// The other end's queue is part of this one's.
    func adopt(_ window: CreditWindow) {
        sending = window
        outbound.checkLevel = 0
    }

    // MARK: What the socket calls

    /// Whether one more message may be queued.
    @inline(__always) var hasRoom: Bool { hasClearRoom || looksForRoom() }

    /// Whether one more may be queued, as far as that is known without a look at bytes.
    @inline(__always) var hasClearRoom: Bool {
        outbound.count &+ sending.outstanding.messages < outbound.checkLevel
    }

    /// As `hasRoom`, counting bytes, of which the socket's budget is told. Says up to where that need not be done again.
    @inline(never)
    private func looksForRoom() -> Bool {
        guard sending.hasRoom(behind: outbound.held) else { return false }
        guard !conflates else {
            outbound.checkLevel = .max
            return true
        }
        let total = outbound.held + sending.outstanding
        // In steps: a share more or less is not counted, whatever there is.
        if total.bytes - sendingKnown >= budgets.send.share { tellBudget(ofSending: total.bytes) }
        if budgets.send.isExhausted { return isWithinShare }
        if total.messages == 0 { outbound.forgetLarge() }
        if !outbound.hasLarge {
            outbound.checkLevel = sending.clearLevel(forMessagesUpTo: OutboundQueue.smallMessage)
        }
        return true
    }

    /// How many messages of so many bytes in all may be queued at once.
    func room(for bytes: Int) -> Int {
        guard hasRoom else { return 0 }
        return budgets.send.isExhausted ? 1 : sending.available(behind: outbound.held, for: bytes)
    }

    /// Messages that are ours to send and have not left.
    var unsentCount: Int { outbound.count + (isRelayed ? sending.outstanding.messages : 0) }

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
            sink.pipeDropped(self, outbound.keepLast())
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
        if slowPeerTimeout > 0, !isWatchedAsFull, peer != nil { sink.pipeIsFull(self) }
        return false
    }

    /// The socket is to be disconnected from this peer: what is queued leaves, and nothing more is taken.
    func takeNoMore() {
        sending.close()
        outbound.checkLevel = 0
    }

    /// Bytes count for nothing where the newest message takes the place of others.
    func credit(for run: Run) -> Credit { Credit(messages: run.count, bytes: conflates ? 0 : run.byteCount) }

    // MARK: What the link calls

    /// A connection is up and has shaken hands.
    func linkUp(_ link: any PipeLink, peer: Peer) {
        let hasParted = isPersistent && sink.pipe(self, meets: peer)
        join(link)
        meet(peer)
        if !outbound.isEmpty { outboundGrew() }
        if hasParted { tellRoom() }
    }

    func join(_ link: any PipeLink) {
        self.link = link
        linkCountsTaken = link.countsTaken
        isScheduled = false
        stopWaitingForBudget()
        heldBack = .not
        sending.restart()
    }

    func meet(_ peer: Peer) {
        self.peer = peer
        (messagesSent, messagesReceived) = (0, 0)
        sink.pipeUp(self)
    }

    /// The peer is gone, and the link stays.
    func lose(_ reason: EventReason) {
        reasonOfEnd = reason
        peer = nil
        isWatchedAsFull = false
        sink.pipeDown(self)
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
        stopWaitingForBudget()
        // What has arrived stays, and no link counts it any more.
        tellBudgetOfRest()
        // A second time where the link had lost its peer before.
        sink.pipeDown(self)
        // What the other end had been handed and will not confirm leaves room.
        if isPersistent { tellRoom() } else { sink.remove(self) }
    }

    /// The link is gone without a word, and its loop with it.
    func forget(_ link: any PipeLink) {
        if self.link === link { self.link = nil }
    }

    /// Messages have arrived.
    @inline(never)
    func receive(_ run: consuming Run) {
        messagesReceived += run.count
        if linkCountsTaken || isTakingWatched { return receiveCounting(run) }
        sink.receive(run, from: self)
    }

    /// The peer asks for something.
    ///
    /// - Parameter isCounted: whether the link counts it as it does a message.
    @inline(never)
    func receive(_ command: PeerCommand, isCounted: Bool = true) {
        messagesReceived += 1
        let before = inbound.appended
        sink.receive(command, from: self)
        guard isCounted, linkCountsTaken || isTakingWatched, inbound.appended == before else { return }
        taken(Credit(messages: 1, bytes: command.message.wireSize))
    }

    /// As `receive`; what does not wait in `inbound` has been taken.
    private func receiveCounting(_ run: consuming Run) {
        let (arrived, before) = (Credit(messages: run.count, bytes: run.byteCount), inbound.appended)
        sink.receive(run, from: self)
        let taken = arrived.less(inbound.appended.less(before))
        if taken.messages > 0 { self.taken(taken) }
    }

    /// The link takes what there is; whatever is appended from now on schedules it again.
    func linkFlushes() { isScheduled = false }

    /// All subscriptions that the link was given have left, or been handed over.
    func toldAll() { sink.pipeToldAll(self) }

    /// Bytes have left.
    func release(_ byteCount: Int) {
        let left = outbound.release(byteCount)
        guard left > 0 else { return }
        messagesSent += left
        if sendingKnown > 0 { tellBudgetOfSending() }
        sink.pipeSent(self, left)
        tellRoom()
    }

    /// Tells the socket, if it still has this pipe and waits for that, when the queue, which was full, is at most half full.
    ///
    /// It is told when everything that leaves in this turn has left: a sender that is told earlier fills the first of several equal
    /// queues again and again.
    func tellRoom() {
        if !isInRotation, slot >= 0, !sending.isClosed, isHalfEmpty, !isRelieved, sink.awaitsRoom(of: self) {
            isRelieved = true
            sink.noteRelief(of: self)
        }
    }

    var isHalfEmpty: Bool {
        if outbound.count &+ sending.outstanding.messages == 0 { return true }
        return sending.isHalfEmpty(with: outbound.held) && (!budgets.send.isExhausted || isWithinShare)
    }
}
