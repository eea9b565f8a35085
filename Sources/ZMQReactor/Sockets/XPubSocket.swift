public import ZMTP

/// PUB that shows its application who subscribes to what (RFC 29).
///
/// Sending is as with ``PubSocket``, unless ``blocksWhenFull``. Subscriptions arrive at the handler, or from ``tryReceive()`` as
/// messages of one frame: 01 and the topic for a subscription, 00 and the topic for its end (XPB-4). When a subscriber
/// vanishes, the ends of its subscriptions are told, too (XPB-6). Messages of the subscribers' own arrive beside them, fairly
/// (XPB-3). The socket stops reading from a peer when too much of that waits for the application.
public final class XPubSocket: PublishingSocket, HandledSocket, SendingSocket, ReceivingSocket {
    /// Which subscriptions are told.
    ///
    /// An ``XSubSocket`` that these are passed on to counts: a topic subscribed to twice has to be cancelled twice before it ends. Give it
    /// `merged` or `verboser`, which tell as many ends as beginnings, and not `verbose`.
    public enum Verbosity: Sendable {
        /// The first subscription to a topic and the end of the last: what a proxy has to pass on (XPB-5).
        case merged
        /// Every subscription, also to a topic that has subscribers, and the end of the last.
        ///
        /// For an application that answers each subscriber. In front of an XSUB it never ends a topic that two have subscribed to: two
        /// beginnings are passed on, and one end, so that the publishers go on sending it for ever. There use ``verboser``, or ``merged`` where
        /// the publishers need not see every subscription.
        case verbose
        /// Every subscription and every cancellation, even one of a topic that was not subscribed to (S-7). When a subscriber vanishes, its
        /// subscriptions end one by one.
        case verboser
    }

    /// Which subscriptions are told. Default `merged`.
    public var verbosity = Verbosity.merged

    /// Whether the application decides what subscribers receive, with ``subscribe(_:to:)`` and ``unsubscribe(_:from:)``.
    ///
    /// What a peer asks for is then told, all of it, and has no other effect. Set it before subscribers come. Default false.
    public var isManual = false

    /// Whether a message for which one of its subscribers has no room is refused with `wouldBlock`, for all of them, in place of
    /// being dropped for that one. Default false.
    @exclusivity(unchecked) public var blocksWhenFull = false

    /// What every subscriber is sent when it has connected. It gets to see it if it has subscribed to it. Default nil.
    public var welcomeMessage: Message?

    /// Who sent what was received last.
    public private(set) var lastSubscriber: Subscriber?

    private var handler: (any XPubHandler)?

    /// What the peers have asked for, when what they get is the application's decision.
    @exclusivity(unchecked) var requests = SubscriptionTree()

    /// The subscriber that a send waits for.
    var fullPipe: Pipe?

    private var lastPeers = LastPeers()

    /// Those that the message under way goes to. Nothing unknown is called while they change, nor from then until all have it.
    @exclusivity(unchecked) private var takers = RawArray<Unmanaged<Pipe>>()

    public init(_setup setup: _SocketSetup, handler: (any XPubHandler)?) throws(ZMQError) {
        self.handler = handler
        try super.init(.xpub, setup, isReceiver: handler != nil)
    }

    // MARK: Sending

    /// Sends a message to all who have subscribed to it.
    ///
    /// - Returns: `wouldBlock` only when ``blocksWhenFull``.
    public func send(_ message: Message) throws(ZMQError) -> SendResult {
        guard state == .open else { throw closedError() }
        guard blocksWhenFull else {
            publish(message)
            return .accepted
        }
        guard message.withUnsafeBytes({ findTakers(of: $0) }) else { return .wouldBlock }
        sendToTakers { $0.send(message) }
        return .accepted
    }

    /// Sends a message of one frame, with a copy of the bytes, to all who have subscribed to it.
    ///
    /// - Returns: `wouldBlock` only when ``blocksWhenFull``.
    public func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult {
        guard state == .open else { throw closedError() }
        guard blocksWhenFull else {
            publish(bytes)
            return .accepted
        }
        let bytes = bytes.pointer
        guard findTakers(of: bytes) else { return .wouldBlock }
        if takers.count > 1, bytes.count > Chunk.Size.copied {
            // Copied once, and shared by all who want it.
            let message = Message(copying: bytes)
            sendToTakers { $0.send(message) }
        } else {
            sendToTakers { $0.send(bytes) }
        }
        return .accepted
    }

    /// Sends a message to one subscriber, whatever it has subscribed to: the last value of a topic, say, to one who just has.
    ///
    /// A subscriber drops what it has not subscribed to. For one that is gone the message is dropped.
    ///
    /// - Returns: `wouldBlock` only when ``blocksWhenFull``.
    public func send(_ message: Message, to subscriber: Subscriber) throws(ZMQError) -> SendResult {
        guard state == .open else { throw closedError() }
        let pipe = subscriber.pipe
        guard pipe.socket === self, subscriber.isConnected else {
            tellDropped(1, .noSuchPeer)
            return .accepted
        }
        guard pipe.hasRoom || pipe.findsRoom() else {
            if blocksWhenFull { return block(for: pipe) }
            tellDropped(1)
            return .accepted
        }
        pipe.outbound.append(message)
        pipe.outboundGrew()
        return .accepted
    }

    override func forward(_ run: inout Run, behind prefix: [UInt8]) {
        guard blocksWhenFull else { return super.forward(&run, behind: prefix) }
        guard prefix.isEmpty, goesToAllAlike else {
            return forwardEach(&run, behind: prefix) { message throws(ZMQError) in try send(message) }
        }
        // As many as the fullest subscriber has room for.
        while !run.isEmpty {
            var (room, fullest) = (run.count, nil as Pipe?)
            forEachTaker(of: UnsafeRawBufferPointer(start: nil, count: 0)) {
                let pipe = $0.takeUnretainedValue()
                var itsRoom = pipe.room(for: run.byteCount)
                if itsRoom == 0, pipe.findsRoom() { itsRoom = 1 }
                if itsRoom < room { (room, fullest) = (itsRoom, pipe) }
            }
            if room == 0, let fullest {
                _ = block(for: fullest)
                return
            }
            forwardToAll(run.takeFirst(room))
        }
    }

    /// Finds out who a message goes to when none of them may miss it; answers whether all have room.
    private func findTakers(of topic: UnsafeRawBufferPointer) -> Bool {
        takers.removeAll(keepingUpTo: .max)
        var full: Unmanaged<Pipe>?
        forEachTaker(of: topic) { taker in
            taker._withUnsafeGuaranteedRef { pipe in
                if !pipe.hasRoom, !pipe.findsRoom() { full = taker }
                takers.append(taker)
            }
        }
        guard let full else { return true }
        _ = block(for: full.takeUnretainedValue())
        return false
    }

    /// Sends to all that were found.
    @inline(__always)
    private func sendToTakers(_ send: (Pipe) -> Void) {
        for index in 0..<takers.count { takers.base[index]._withUnsafeGuaranteedRef(send) }
    }

    private func block(for pipe: Pipe) -> SendResult {
        fullPipe = pipe
        return .wouldBlock
    }

    override func awaitsRoom(of pipe: Pipe) -> Bool { fullPipe === pipe }

    override func pipeHasRoom(_ pipe: Pipe) {
        guard fullPipe === pipe else { return }
        fullPipe = nil
        guard state == .open else { return }
        companion?.roomWasMade(at: self)
        handler?.socketIsWritable(self)
    }

    override func messageDropped() { handler?.socketDroppedMessage(self) }

    // MARK: Subscriptions

    override func pipeUp(_ pipe: Pipe) {
        guard let welcomeMessage else { return }
        pipe.outbound.append(welcomeMessage)
        pipe.outboundGrew()
    }

    override func pipeDown(_ pipe: Pipe) {
        let endings = departs(pipe) ? [] : endSubscriptions(of: pipe.slot, atMost: .max).endings
        super.pipeDown(pipe)
        // Nothing is half done any more: now the application may do what it likes.
        pipeHasRoom(pipe)
        for run in endings { super.receive(run, from: pipe) }
        pipe.tellBudgetOfRest()
        if lastPeers.isUnnamed(pipe) { pipe.partKeepingQueue() }
    }

    // What a subscriber has asked for, and the application has not taken, is not the next one's.
    override func pipe(_ pipe: Pipe, meets peer: Peer) -> Bool {
        guard lastPeers.meet(peer, at: pipe) else { return false }
        pipe.partKeepingQueue()
        return true
    }

    override func pipeRemoved(_ pipe: Pipe) {
        super.pipeRemoved(pipe)
        if state == .open { requests.removeAll(of: pipe.slot) }
        lastPeers.forget(pipe)
    }

    override func subscriptionCount(of slot: Int) -> Int {
        super.subscriptionCount(of: slot) + requests.subscriptionCount(of: slot)
    }

    override func topicBytes(of slot: Int) -> Int { super.topicBytes(of: slot) + requests.topicBytes(of: slot) }

    override func forgetSome(of slot: Int, _ pipe: Pipe) -> Bool {
        let (endings, hasMore) = endSubscriptions(of: slot, atMost: Self.forgottenAtOnce.subscriptions)
        for run in endings { super.receive(run, from: pipe) }
        if !endings.isEmpty { pipe.tellBudgetOfRest() }
        return hasMore
    }

    // MARK: Receiving

    override func receive(_ run: consuming Run, from pipe: Pipe) {
        // A handler may close the socket or disconnect the peer: then the rest of the run is nobody's.
        while pipe.peer != nil, let message = run.next() {
            switch take(message, from: pipe) {
            case .message: super.receive(Run(message), from: pipe)
            // Only the first frame counts (S-1).
            case .told: super.receive(Run(message.count == 1 ? message : Message(frames: [message[0]])), from: pipe)
            case .nothingNew: break
            case .excess(let reason): pipe.link?.turnAway(reason)
            }
        }
        subscribersChanged()
        subscriptionsChanged()
    }

    public func tryReceive() throws(ZMQError) -> Message? {
        guard state == .open else { throw closedError() }
        guard let (message, pipe) = fairQueue.next() else { return nil }
        lastSubscriber = Subscriber(pipe: pipe)
        return message
    }

    override func deliver(_ run: inout Run, from pipe: Pipe) {
        guard let handler else { return }
        while flows, let message = run.next() {
            let subscriber = Subscriber(pipe: pipe)
            lastSubscriber = subscriber
            handler.socket(self, received: message, from: subscriber)
        }
    }

    override func forgetHandler() {
        handler = nil
        lastSubscriber = nil
        fullPipe = nil
    }
}
