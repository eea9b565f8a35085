import EventReactor
import ZMTP

/// What PUB and XPUB have in common: each message goes to all subscribers that have subscribed to it (RFC 29).
///
/// A subscription is a prefix of the first frame's bytes, and matching happens here: a message that nobody wants does not travel
/// (PUB-8, PUB-9). Per subscriber, subscriptions are a set: subscribing twice to a topic is as good as once, and one
/// cancellation ends it (S-2). A subscriber whose queue is full misses the message, the others do not (PUB-10).
public class PublishingSocket: Socket {
    // While it is walked, nothing unknown is called.
    @exclusivity(unchecked) final var subscriptions = SubscriptionTree()

    /// What one subscriber, and all together, may subscribe to at most; one that goes further is disconnected.
    public final var subscriptionLimits = SubscriptionLimits()

    /// Whether messages go to those peers that have *not* subscribed to them: subscriptions then say what a peer does not
    /// want. The subscribers must do the same, see ``SubSocket/invertsMatching``. Default false.
    @exclusivity(unchecked) public final var invertsMatching = false

    private var waits = SubscriberWaits()

    /// Subscribers that have gone and had too much to be forgotten at once. Their numbers are nobody's until that is done.
    private var departures = RingBuffer<Departure>()
    private var forgets = false

    private struct Departure {
        let slot: Int
        let pipe: Pipe
    }

    /// The subscriptions that are forgotten in one turn, the bytes of topics after which no further one is told, and the topics whose
    /// memory is freed.
    static let forgottenAtOnce = (subscriptions: 500, bytes: 64 * 1024, lists: 10_000)

    // MARK: Sending

    final func publish(_ message: Message) {
        message.withUnsafeBytes { topic in
            distribute(topic) { $0.send(message) }
        }
    }

    override func forward(_ run: inout Run, behind prefix: [UInt8]) {
        if prefix.isEmpty, goesToAllAlike {
            forwardToAll(run.takeFirst(run.count))
        } else {
            forwardEach(&run, behind: prefix) { message in
                publish(message)
                return .accepted
            }
        }
    }

    /// Whether all subscribers want everything: then nobody has to look into a message.
    final var goesToAllAlike: Bool {
        guard !invertsMatching, subscriptions.topicCount <= 1 else { return false }
        var isTaken = subscriptions.topicCount == 0
        subscriptions.forEachMatch(UnsafeRawBufferPointer(start: nil, count: 0)) { _ in isTaken = true }
        return isTaken
    }

    /// Sends all messages of a run to all subscribers that want everything.
    final func forwardToAll(_ run: Run) {
        var dropped = 0
        forEachTaker(of: UnsafeRawBufferPointer(start: nil, count: 0)) { pipe in
            var rest = run
            pipe.takeUnretainedValue().forward(&rest, behind: [])
            dropped += rest.count
        }
        if dropped > 0 { tellDropped(dropped) }
    }

    final func publish(_ bytes: RawSpan) {
        // The bytes of a large message are copied once, and shared by all who want it.
        guard bytes.byteCount <= Chunk.Size.copied else { return publish(Message(bytes)) }
        bytes.withUnsafeBytes { bytes in
            distribute(bytes) { $0.send(bytes) }
        }
    }

    @inline(__always)
    private func distribute(_ topic: UnsafeRawBufferPointer, _ send: (Pipe) -> Void) {
        var dropped = 0
        forEachTaker(of: topic) { pipe in
            pipe._withUnsafeGuaranteedRef { pipe in
                if pipe.hasRoom || pipe.findsRoom() { send(pipe) } else { dropped += 1 }
            }
        }
        if dropped > 0 { tellDropped(dropped) }
    }

    /// Calls `body` with the peers that a message goes to. `body` must call nothing unknown, so that none of them ends meanwhile.
    @inline(__always)
    final func forEachTaker(of topic: UnsafeRawBufferPointer, _ body: (Unmanaged<Pipe>) -> Void) {
        if invertsMatching { return forEachOther(than: topic, body) }
        subscriptions.forEachMatch(topic) { slot in
            if let pipe = pipes[slot].map(Unmanaged.passUnretained) { body(pipe) }
        }
    }

    @inline(never)
    private func forEachOther(than topic: UnsafeRawBufferPointer, _ body: (Unmanaged<Pipe>) -> Void) {
        var isTaker = pipes.map { $0?.peer != nil }
        subscriptions.forEachMatch(topic) { isTaker[$0] = false }
        for (slot, pipe) in pipes.enumerated() where isTaker[slot] { body(.passUnretained(pipe!)) }
    }

    @inline(never)
    final func tellDropped(_ count: Int, _ reason: DropReason = .queueFull) {
        drop(count, reason)
        for _ in 0..<count where state == .open { messageDropped() }
    }

    /// Tells the handler of a message that a subscriber had no room for.
    func messageDropped() {}

    // MARK: Subscribers

    /// What a subscriber has subscribed to.
    func subscriptionCount(of slot: Int) -> Int { subscriptions.subscriptionCount(of: slot) }

    /// How long that is together.
    func topicBytes(of slot: Int) -> Int { subscriptions.topicBytes(of: slot) }

    /// Forgets some of the subscriptions of one that has gone, and whose pipe had that number; answers whether there are more.
    func forgetSome(of slot: Int, _ pipe: Pipe) -> Bool {
        subscriptions.removeSome(of: slot, atMost: Self.forgottenAtOnce.subscriptions)
    }

    /// The number of different topics that are subscribed to.
    public final var topicCount: Int { subscriptions.topicCount }

    /// The number of peers that have subscribed to anything.
    public final var subscriberCount: Int {
        pipes.count { $0.map { subscriptions.subscriptionCount(of: $0.slot) > 0 } ?? false }
    }

    /// The number of peers that have subscribed to a message whose first frame is `topic`: to it, or to anything it begins
    /// with.
    public final func subscriberCount(to topic: String) -> Int { subscriberCount(to: Array(topic.utf8)) }

    /// The number of peers that have subscribed to a message whose first frame is `topic`.
    public final func subscriberCount(to topic: [UInt8]) -> Int {
        var count = 0
        topic.withUnsafeBytes { subscriptions.forEachMatch($0) { if pipes[$0] != nil { count += 1 } } }
        return count
    }

    /// Calls back when enough peers have subscribed: what is sent from then on reaches them all.
    ///
    /// This is the end of sleeping until slow joiners are there.
    ///
    /// ```swift
    /// publisher.waitForSubscribers(10, within: .seconds(5)) { _ in start() }
    /// ```
    ///
    /// - Parameters:
    ///   - count: how many peers are to have subscribed.
    ///   - topic: the first frame of a message that they are to receive; nil when any subscription will do.
    ///   - limit: how long to wait; nil is for ever.
    ///   - body: called once, on the reactor, never before this returns; with `timedOut` after the limit, with `closed` or
    ///     `terminated` when the socket is closed.
    public final func waitForSubscribers(
        _ count: Int = 1,
        to topic: String? = nil,
        within limit: Duration? = nil,
        then body: @escaping (Result<Void, ZMQError>) -> Void
    ) {
        let wait = SubscriberWaits.Wait(count, topic.map { Array($0.utf8) }, body)
        waits.append(wait)
        // They may be there already.
        reactor.after(.zero) { [self] _ in
            if state == .open { subscribersChanged() } else { endWaits(with: closedError()) }
        }
        guard let limit else { return }
        wait.timer = reactor.after(limit) { [self] _ in
            let reason = ZMQError(.timedOut, "\(count) subscribers did not come within \(limit)")
            for late in waits.take(where: { $0 === wait }) { late.body(.failure(reason)) }
        }
    }

    /// To be called when peers have subscribed, and nothing is half done.
    final func subscribersChanged() {
        guard !waits.isEmpty else { return }
        let over = waits.take { wait in
            (wait.topic.map { subscriberCount(to: $0) } ?? subscriberCount) >= wait.count
        }
        for wait in over { wait.body(.success(())) }
    }

    private func endWaits(with error: ZMQError) {
        for wait in waits.take(where: { _ in true }) { wait.body(.failure(error)) }
    }

    override func closingBegins() {
        if subscriptions.topicCount > Self.forgottenAtOnce.lists { scheduleForgetting() }
        guard !waits.isEmpty else { return }
        reactor.after(.zero) { [self] _ in endWaits(with: closedError()) }
    }

    override func pipeDown(_ pipe: Pipe) {
        // What a peer wanted is over with its connection; it says so again when it comes back.
        if !departs(pipe) { subscriptions.removeAll(of: pipe.slot) }
    }

    override func pipeRemoved(_ pipe: Pipe) { if !departs(pipe) { subscriptions.removeAll(of: pipe.slot) } }
}

// A subscriber may have a million topics. What one has that has gone matches nothing from then on, because its number is no pipe's, and
// is forgotten in portions, a turn each.
extension PublishingSocket: NextTurnHandler {
    /// Answers whether a subscriber is being forgotten, or need not be, because the socket is closed.
    final func departs(_ pipe: Pipe) -> Bool {
        guard state == .open else { return true }
        let (count, bytes) = (subscriptionCount(of: pipe.slot), topicBytes(of: pipe.slot))
        guard count > Self.forgottenAtOnce.subscriptions || bytes > Self.forgottenAtOnce.bytes else { return false }
        scheduleForgetting()
        // A pipe that stays may be another peer's before that is done.
        departures.append(Departure(slot: renumber(pipe), pipe: pipe.isPersistent ? pipe.inboundAside() : pipe))
        return true
    }

    private func scheduleForgetting() {
        guard !forgets else { return }
        forgets = true
        reactor.inNextTurn(self)
    }

    /// To be called when subscriptions have been made or have ended.
    final func subscriptionsChanged() { if subscriptions.isUntidy { scheduleForgetting() } }

    package func reactorTurnGoesOn() {
        forgets = false
        guard state == .open else {
            departures.removeAll()
            if subscriptions.releaseSome(Self.forgottenAtOnce.lists) { scheduleForgetting() }
            return
        }
        if subscriptions.isUntidy { subscriptions.tidy() }
        if !departures.isEmpty {
            let departure = departures[0]
            if !forgetSome(of: departure.slot, departure.pipe), state == .open {
                _ = departures.popFirst()
                free(slot: departure.slot)
            }
        }
        if !departures.isEmpty || subscriptions.isUntidy { scheduleForgetting() }
    }
}
