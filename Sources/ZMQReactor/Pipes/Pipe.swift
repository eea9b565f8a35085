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

    // Windows are numbers: asking and changing them calls nothing.

    /// What may be in `outbound` and on its way to the other end of a link in this program, which is outstanding until that confirms it.
    @exclusivity(unchecked) private(set) var sending: CreditWindow

    /// What may be in `inbound`, and of an outpost with its socket, which is outstanding until that has taken it.
    @exclusivity(unchecked) var receiving: CreditWindow

    /// Whether what is outstanding is ours until it is confirmed: the other end is an outpost, which counts what it sends, or has not
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

    /// What a pipe needs of the options that held when its endpoint was bound or connected, whatever the socket's have become since.
    struct Options {
        let conflates: Bool
        let sending: CreditWindow
        let receiving: CreditWindow
        let slowPeerTimeout: Int64

        @inline(__always)
        init(_ options: SocketOptions) {
            conflates = options.isConflating
            slowPeerTimeout = options.limits.slowPeerTimeout?.roundedUpNanoseconds ?? 0
            let (sent, received) = (options.sendHighWaterMark, options.receiveHighWaterMark)
            sending = conflates ? .unlimited : CreditWindow(messages: sent, bytes: options.sendHighWaterMarkBytes)
            receiving =
                conflates ? .unlimited : CreditWindow(messages: received, bytes: options.receiveHighWaterMarkBytes)
        }
    }

    init(of socket: Socket, endpoint: Endpoint, options: Options, isPersistent: Bool) {
        self.socket = socket
        self.endpoint = endpoint
        self.isPersistent = isPersistent
        conflates = options.conflates
        (sending, receiving) = (options.sending, options.receiving)
        attentionSize = conflates ? 2 : .max
        slowPeerTimeout = options.slowPeerTimeout
        outbound = OutboundQueue(pool: socket.loop.chunks)
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
        if total.bytes - sendingKnown >= socket.sendBudget.share { tellBudget(ofSending: total.bytes) }
        if socket.sendBudget.isExhausted { return isWithinShare }
        if total.messages == 0 { outbound.forgetLarge() }
        if !outbound.hasLarge {
            outbound.checkLevel = sending.clearLevel(forMessagesUpTo: OutboundQueue.smallMessage)
        }
        return true
    }

    /// How many messages of so many bytes in all may be queued at once.
    func room(for bytes: Int) -> Int {
        guard hasRoom else { return 0 }
        return socket.sendBudget.isExhausted ? 1 : sending.available(behind: outbound.held, for: bytes)
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
        sending.close()
        outbound.checkLevel = 0
    }

    /// Bytes count for nothing where the newest message takes the place of others.
    func credit(for run: Run) -> Credit { Credit(messages: run.count, bytes: conflates ? 0 : run.byteCount) }

    // MARK: What the link calls

    /// A connection is up and has shaken hands.
    func linkUp(_ link: any PipeLink, peer: Peer) {
        let hasParted = isPersistent && socket.pipe(self, meets: peer)
        self.link = link
        linkCountsTaken = link.countsTaken
        self.peer = peer
        (messagesSent, messagesReceived) = (0, 0)
        isScheduled = false
        stopWaitingForBudget()
        heldBack = .not
        sending.restart()
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
        stopWaitingForBudget()
        // What has arrived stays, and no link counts it any more.
        tellBudgetOfRest()
        socket.pipeDown(self)
        // What the other end had been handed and will not confirm leaves room.
        if isPersistent { tellRoom() } else { socket.remove(self) }
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
        socket.receive(run, from: self)
    }

    /// The peer asks for something.
    ///
    /// - Parameter isCounted: whether the link counts it as it does a message.
    @inline(never)
    func receive(_ command: PeerCommand, isCounted: Bool = true) {
        messagesReceived += 1
        let before = inbound.appended
        socket.receive(command, from: self)
        guard isCounted, linkCountsTaken || isTakingWatched, inbound.appended == before else { return }
        taken(Credit(messages: 1, bytes: command.message.wireSize))
    }

    /// As `receive`; what does not wait in `inbound` has been taken.
    private func receiveCounting(_ run: consuming Run) {
        let (arrived, before) = (Credit(messages: run.count, bytes: run.byteCount), inbound.appended)
        socket.receive(run, from: self)
        let taken = arrived.less(inbound.appended.less(before))
        if taken.messages > 0 { self.taken(taken) }
    }

    /// The link takes what there is; whatever is appended from now on schedules it again.
    func linkFlushes() { isScheduled = false }

    /// All subscriptions that the link was given have left, or been handed over.
    func toldAll() { socket.pipeToldAll(self) }

    /// Bytes have left.
    func release(_ byteCount: Int) {
        let left = outbound.release(byteCount)
        guard left > 0 else { return }
        messagesSent += left
        if sendingKnown > 0 { tellBudgetOfSending() }
        socket.pipeSent(self, left)
        tellRoom()
    }

    /// Hands what is queued over to the other end of a link in this program, which is going to confirm it.
    func handOver(_ body: (Run) -> Void) {
        outbound.takeRuns { run in
            sending.reserve(credit(for: run))
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
        if isInPlaceOfAnother { dropped += 1 } else { sending.reserve(Credit(messages: 1)) }
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
        guard let growth = outbound.takeGrowth(from: start) else { return nil }
        sending.reserve(Credit(messages: growth.count, bytes: growth.end - start))
        return growth
    }

    /// The other end is done with messages that were handed over.
    func confirm(_ credit: Credit) {
        guard credit != .zero else { return }
        sending.acknowledge(credit)
        if sendingKnown > 0 { tellBudgetOfSending() }
    }

    /// What the other end has to confirm before it is worth learning of it.
    var awaitedUse: Credit {
        // A refused sender waits for `becameWritable`, although later sends have found room and used it up.
        let isFull = !hasRoom || !isInRotation && slot >= 0 && socket.awaitsRoom(of: self)
        return sending.awaited(behind: outbound.held, isFull: isFull, sharesBudget: socket.sendBudget.isExhausted)
    }

    /// Whether it is worth learning at once of more.
    var isAwaitingUse: Bool { sending.isAwaiting }

    /// Whether everything has been handed over and confirmed.
    var isDrained: Bool { sending.outstanding.messages == 0 && outbound.isEmpty }

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
        count(sent: sending.outstanding.messages)
    }

    private func count(sent: Int) {
        guard sent != 0 else { return }
        messagesSent += sent
        socket.pipeSent(self, sent)
    }

    /// What has been handed over and not been confirmed is lost, and counted.
    func abandonOutstanding() {
        let count = sending.outstanding.messages
        guard count > 0 else { return }
        forgetInFlight()
        socket.abandon(count)
    }

    /// Throws away what is queued, as if it had never been: it is not wanted any more.
    func discardQueue() {
        outbound.removeAll()
        forgetInFlight()
    }

    private func forgetInFlight() {
        sending.forgetOutstanding()
        if sendingKnown > 0 { tellBudgetOfSending() }
    }

    /// Tells the socket, if it still has this pipe and waits for that, when the queue, which was full, is at most half full.
    ///
    /// It is told when everything that leaves in this turn has left: a sender that is told earlier fills the first of several equal
    /// queues again and again.
    func tellRoom() {
        if !isInRotation, slot >= 0, !sending.isClosed, isHalfEmpty, !isRelieved, socket.awaitsRoom(of: self) {
            isRelieved = true
            socket.noteRelief(of: self)
        }
    }

    var isHalfEmpty: Bool {
        if outbound.count &+ sending.outstanding.messages == 0 { return true }
        return sending.isHalfEmpty(with: outbound.held) && (!socket.sendBudget.isExhausted || isWithinShare)
    }
}
