import EventReactor
import ZMTP

/// Each message goes to all peers that have subscribed to it.
///
/// A subscription is a prefix of the first frame, and is matched here: a message without subscribers is not sent
/// (PUB-8, PUB-9). The subscriptions of a subscriber are a set: subscribing twice to a topic has no further effect, and
/// one cancellation removes it (S-2). A subscriber whose queue is full misses the message, the others do not (PUB-10).
final class Distributor: Pattern {
    /// The topics that peers receive. No foreign code runs while they are walked.
    @exclusivity(unchecked) var subscriptions = SubscriptionTree()
    /// The topics that peers have requested, if the application decides what they receive.
    var requests = SubscriptionTree()

    /// The most that one subscriber, and all together, may subscribe to.
    var limits = SubscriptionLimits()

    /// Whether messages go to those peers that have *not* subscribed to them.
    var invertsMatching = false
    /// Whether a message is refused when one of its subscribers has no room.
    var blocksWhenFull = false

    /// Whether the application decides what subscribers receive.
    var isManual = false

    /// Which subscriptions are reported to the application.
    var shown: Shown = []

    struct Shown: OptionSet {
        let rawValue: UInt8
        /// The first subscription to a topic, and the last cancellation.
        static let changes = Shown(rawValue: 1)
        /// Every subscription, even to a topic that has subscribers.
        static let repetitions = Shown(rawValue: 2)
        /// Every cancellation, and the end of every subscription of a peer that disconnects.
        static let cancellations = Shown(rawValue: 4)
    }

    /// A message that every subscriber is sent after it connects.
    var welcomeMessage: Message?

    /// The subscriber that a send waits for.
    private var fullPipe: Pipe?

    /// The recipients of the current message. No foreign code runs while they change, nor from then until all have the
    /// message.
    @exclusivity(unchecked) private var recipients = RawArray<Unmanaged<Pipe>>()

    private var waits = SubscriberWaits()
    private var lastPeers = LastPeers()

    /// Subscribers that are gone with too many topics to remove at once. Their numbers are not reused until that is
    /// done.
    var departures = RingBuffer<Departure>()
    /// The host of the next portion; nil if none is scheduled.
    var host: (any PatternHost)?
    var forgettingReactor: Reactor?

    // MARK: Waiting for subscribers

    /// The number of peers with at least one subscription.
    func subscriberCount(at host: any PatternHost) -> Int {
        host.pipes.count { $0.map { subscriptions.subscriptionCount(of: $0.slot) > 0 } ?? false }
    }

    /// The number of peers that are subscribed to a message whose first frame is `topic`.
    func subscriberCount(to topic: [UInt8], at host: any PatternHost) -> Int {
        var count = 0
        topic.withUnsafeBytes { subscriptions.forEachMatch($0) { if host.pipes[$0] != nil { count += 1 } } }
        return count
    }

    /// The waits that have not ended.
    var pendingWaits: Int { waits.count }

    /// Calls back when enough peers have subscribed. Returns what ends the wait without calling `body`.
    @discardableResult
    func wait(
        for count: Int,
        to topic: [UInt8]?,
        within limit: Duration?,
        at host: any PatternHost,
        then body: @escaping (Result<Void, ZMQError>) -> Void
    ) -> () -> Void {
        let wait = SubscriberWaits.Wait(count, topic, body)
        waits.append(wait)
        // There may be enough already.
        host.reactor.after(.zero) { [self] _ in
            if host.state == .open { subscribersChanged(at: host) } else { endWaits(with: host.closedError()) }
        }
        if let limit {
            wait.timer = host.reactor.after(limit) { [self] _ in
                let reason = ZMQError(.timedOut, "timed out after \(limit) waiting for \(count) subscribers")
                for late in waits.take(where: { $0 === wait }) { late.body(.failure(reason)) }
            }
        }
        return { [self] in _ = waits.take { $0 === wait } }
    }

    /// Call when peers have subscribed, and the tree is consistent.
    func subscribersChanged(at host: any PatternHost) {
        guard !waits.isEmpty else { return }
        let over = waits.take { wait in
            (wait.topic.map { subscriberCount(to: $0, at: host) } ?? subscriberCount(at: host)) >= wait.count
        }
        for wait in over { wait.body(.success(())) }
    }

    private func endWaits(with error: ZMQError) {
        for wait in waits.take(where: { _ in true }) { wait.body(.failure(error)) }
    }

    // MARK: Peers

    func pipeUp(_ pipe: Pipe, at host: any PatternHost) {
        if let welcomeMessage { pipe.send(welcomeMessage) }
    }

    func pipeDown(_ pipe: Pipe, at host: any PatternHost) {
        // The subscriptions of a peer end with its connection; it sends them again when it reconnects.
        let endings = departs(pipe, from: host) ? [] : end(of: pipe.slot, atMost: .max, at: host).endings
        // The tree is consistent again: from here on the application may be called.
        pipeBecameWritable(pipe, at: host)
        hand(endings, from: pipe, to: host)
        if !shown.isEmpty, lastPeers.isUnnamed(pipe) { pipe.partKeepingQueue() }
    }

    // Requests of a subscriber that the application has not taken are not those of the next one.
    func pipe(_ pipe: Pipe, meets peer: Peer) -> Bool {
        guard !shown.isEmpty, lastPeers.meet(peer, at: pipe) else { return false }
        pipe.partKeepingQueue()
        return true
    }

    func pipeRemoved(_ pipe: Pipe, at host: any PatternHost) {
        if !departs(pipe, from: host) { _ = end(of: pipe.slot, atMost: .max, at: host, telling: false) }
        lastPeers.forget(pipe)
    }

    // MARK: Room

    /// Blocks a send, because this subscriber has no room.
    func block(for pipe: Pipe) -> SendResult {
        fullPipe = pipe
        return .wouldBlock
    }

    func awaitsWritability(of pipe: Pipe) -> Bool { fullPipe === pipe }

    func pipeBecameWritable(_ pipe: Pipe, at host: any PatternHost) {
        guard fullPipe === pipe else { return }
        fullPipe = nil
        if host.state == .open { host.notifyWritable(for: pipe) }
    }

    // MARK: Closing

    func closingBegins(at host: any PatternHost) {
        if subscriptions.topicCount > Self.forgottenAtOnce.lists { scheduleForgetting(for: host) }
        guard !waits.isEmpty else { return }
        host.reactor.after(.zero) { [self] _ in endWaits(with: host.closedError()) }
    }

    func close(at host: any PatternHost) { (fullPipe, self.host) = (nil, nil) }
}

// MARK: Sending
extension Distributor {
    @inline(__always)
    func publish(_ message: borrowing Message, from host: some PatternHost) {
        message.withUnsafeBytes { topic in distribute(topic, from: host) { $0.send(message) } }
    }

    @inline(__always)
    func publish(_ bytes: RawSpan, from host: some PatternHost) {
        // The bytes of a large message are copied once, and shared by its recipients.
        guard bytes.byteCount <= Chunk.Size.copied else { return publish(Message(bytes), from: host) }
        bytes.withUnsafeBytes { bytes in distribute(bytes, from: host) { $0.send(bytes) } }
    }

    /// Sends a message to the peers that have joined the group in its first frame.
    @inline(__always)
    func publish(toGroupOf message: borrowing Message, from host: some PatternHost) {
        _ = message.withGroupTopic { group in distribute(group, from: host) { $0.send(message) } }
    }

    @inline(__always)
    private func distribute(_ topic: UnsafeRawBufferPointer, from host: some PatternHost, _ send: (Pipe) -> Void) {
        var dropped = 0
        forEachRecipient(of: topic, at: host) { pipe in
            pipe._withUnsafeGuaranteedRef { pipe in
                if pipe.canSend { send(pipe) } else { dropped += 1 }
            }
        }
        if dropped > 0 { host.notifyDropped(dropped, .queueFull) }
    }

    /// Calls `body` with the recipients of a message. `body` must run no foreign code, so that none of them ends
    /// meanwhile.
    @inline(__always)
    private func forEachRecipient(
        of topic: UnsafeRawBufferPointer,
        at host: some PatternHost,
        _ body: (Unmanaged<Pipe>) -> Void
    ) {
        if invertsMatching { return forEachOther(than: topic, at: host, body) }
        subscriptions.forEachMatch(topic) { slot in
            if let pipe = host.pipes[slot].map(Unmanaged.passUnretained) { body(pipe) }
        }
    }

    @inline(never)
    private func forEachOther(
        than topic: UnsafeRawBufferPointer,
        at host: some PatternHost,
        _ body: (Unmanaged<Pipe>) -> Void
    ) {
        var isRecipient = host.pipes.map { $0?.peer != nil }
        subscriptions.forEachMatch(topic) { isRecipient[$0] = false }
        for (slot, pipe) in host.pipes.enumerated() where isRecipient[slot] { body(.passUnretained(pipe!)) }
    }

    /// Sends to all recipients or, if one of them has no room, to none.
    @inline(__always)
    func sendToAllOrNone(_ message: borrowing Message, from host: some PatternHost) -> SendResult {
        guard message.withUnsafeBytes({ findRecipients(of: $0, at: host) }) else {
            host.countRefusals(1)
            return .wouldBlock
        }
        sendToRecipients { $0.send(message) }
        return .accepted
    }

    @inline(__always)
    func sendToAllOrNone(_ bytes: UnsafeRawBufferPointer, from host: some PatternHost) -> SendResult {
        guard findRecipients(of: bytes, at: host) else {
            host.countRefusals(1)
            return .wouldBlock
        }
        if recipients.count > 1, bytes.count > Chunk.Size.copied {
            // Copied once, and shared by its recipients.
            let message = Message(copying: bytes)
            sendToRecipients { $0.send(message) }
        } else {
            sendToRecipients { $0.send(bytes) }
        }
        return .accepted
    }

    /// Sends to all recipients found.
    @inline(__always)
    private func sendToRecipients(_ send: (Pipe) -> Void) {
        let found = UnsafeBufferPointer(start: recipients.base, count: recipients.count)
        for pipe in found { pipe._withUnsafeGuaranteedRef(send) }
    }

    /// Sends to one subscriber, whatever its subscriptions.
    func send(
        _ message: borrowing Message,
        to subscriber: Subscriber,
        isPeer: Bool,
        from host: some PatternHost
    ) -> SendResult {
        let pipe = subscriber.pipe
        guard isPeer else {
            host.notifyDropped(1, .noSuchPeer)
            return .accepted
        }
        guard pipe.canSend else {
            if blocksWhenFull {
                host.countRefusals(1)
                return block(for: pipe)
            }
            host.notifyDropped(1, .queueFull)
            return .accepted
        }
        pipe.send(message)
        return .accepted
    }

    /// Finds the recipients of a message that must reach all of them. Returns whether all have room.
    @inline(__always)
    private func findRecipients(of topic: UnsafeRawBufferPointer, at host: some PatternHost) -> Bool {
        recipients.removeAll(keepingUpTo: .max)
        var full: Unmanaged<Pipe>?
        forEachRecipient(of: topic, at: host) { recipient in
            recipient._withUnsafeGuaranteedRef { pipe in
                if !pipe.canSend { full = recipient }
                recipients.append(recipient)
            }
        }
        guard let full else { return true }
        _ = block(for: full.takeUnretainedValue())
        return false
    }

    /// Sends as many of the batch's messages as possible.
    func forward(
        _ batch: inout MessageBatch,
        behind prefix: [UInt8],
        from host: some PatternHost,
        _ send: (Message) throws(ZMQError) -> SendResult
    ) {
        guard prefix.isEmpty, goesToAllAlike else { return host.forwardEach(&batch, behind: prefix, send) }
        guard blocksWhenFull else { return forwardToAll(batch.takeFirst(batch.count), from: host) }
        // As many as the fullest subscriber has room for.
        while !batch.isEmpty {
            var (room, fullest) = (batch.count, nil as Pipe?)
            forEachRecipient(of: Self.everything, at: host) {
                let pipe = $0.takeUnretainedValue()
                var itsRoom = pipe.capacity(for: batch.byteCount)
                if itsRoom == 0, pipe.refreshCapacity() { itsRoom = 1 }
                if itsRoom < room { (room, fullest) = (itsRoom, pipe) }
            }
            if room == 0, let fullest {
                _ = block(for: fullest)
                return
            }
            forwardToAll(batch.takeFirst(room), from: host)
        }
    }

    private static var everything: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }

    /// Whether all subscribers receive everything: then no message has to be matched.
    private var goesToAllAlike: Bool {
        guard !invertsMatching, subscriptions.topicCount <= 1 else { return false }
        var isTaken = subscriptions.topicCount == 0
        subscriptions.forEachMatch(Self.everything) { _ in isTaken = true }
        return isTaken
    }

    /// Sends all messages of a batch to all subscribers that receive everything.
    private func forwardToAll(_ batch: MessageBatch, from host: some PatternHost) {
        var dropped = 0
        forEachRecipient(of: Self.everything, at: host) { pipe in
            var rest = batch
            pipe.takeUnretainedValue().forward(&rest, behind: [])
            dropped += rest.count
        }
        if dropped > 0 { host.notifyDropped(dropped, .queueFull) }
    }
}
