import ZMTP

/// What SUB and XSUB have in common: they tell all publishers what they want (RFC 29).
///
/// Without a subscription nothing arrives; subscribe to `""` for everything. A subscription is a prefix of the first frame's
/// bytes (S-1). Subscriptions are counted here and told to every publisher when the first is made and when the last is taken
/// back (S-2), and again after each reconnect (S-5).
public class SubscribingSocket: Socket {
    @exclusivity(unchecked) final var subscriptions = SubscriptionSet()  // calls nothing unknown

    /// More topics than this, or such that take more memory, are not cancelled one by one when a connection closes: its end says the same.
    private static let cancelledAtClose = (topics: 10_000, bytes: 4 << 20)

    /// Nodes of the topics that one peer is told of in one turn at most, and the bytes of topics after which no further one is told.
    private static let announcedAtOnce = (nodes: 1000, bytes: 64 * 1024)

    /// The peers whose links can be given more subscriptions.
    private var readyForMore: [Pipe] = []

    /// The number of different topics subscribed to.
    public final var topicCount: Int { subscriptions.count }

    /// Asks for the messages whose first frame begins with the text; for all of them when it is empty.
    ///
    /// Subscriptions add up. The same topic may be subscribed to several times, and then has to be unsubscribed from as often.
    ///
    /// - Throws: `closed` when the socket is closed, `terminated` when its context is.
    public final func subscribe(to topic: String) throws(ZMQError) { try subscribe(to: Array(topic.utf8)) }

    /// Asks for the messages whose first frame begins with the bytes.
    ///
    /// - Throws: `closed` when the socket is closed, `terminated` when its context is.
    public final func subscribe(to topic: [UInt8]) throws(ZMQError) {
        guard state == .open else { throw closedError() }
        topic.withUnsafeBytes { _ = add($0) }
    }

    /// Takes a subscription back.
    ///
    /// - Throws: `invalidArgument` when there is no such subscription, `closed`, `terminated`.
    public final func unsubscribe(from topic: String) throws(ZMQError) { try unsubscribe(from: Array(topic.utf8)) }

    /// Takes a subscription back.
    ///
    /// - Throws: `invalidArgument` when there is no such subscription, `closed`, `terminated`.
    public final func unsubscribe(from topic: [UInt8]) throws(ZMQError) {
        guard state == .open else { throw closedError() }
        guard topic.withUnsafeBytes({ remove($0) }) else {
            throw ZMQError(.invalidArgument, "there is no subscription to \(Frame(topic))")
        }
    }

    /// Subscribes; answers whether that was the first time.
    final func add(_ topic: UnsafeRawBufferPointer) -> Bool {
        guard subscriptions.subscribe(topic) else { return false }
        tellAll(.subscribe, topic)
        return true
    }

    /// Unsubscribes; answers whether there was a subscription.
    final func remove(_ topic: UnsafeRawBufferPointer) -> Bool {
        let cancellation = subscriptions.unsubscribe(topic)
        if cancellation == .cancelled { tellAll(.cancel, topic) }
        return cancellation != .unknown
    }

    final func tellAll(_ what: Subscription, _ topic: UnsafeRawBufferPointer) {
        // A peer that is being told of all topics comes to those behind by itself, and never to one that is cancelled before.
        let node = Int(subscriptions.lastNode)
        for case let pipe? in pipes where node < pipe.announcedNodes { pipe.link?.send(what, topic: topic) }
    }

    /// Tells a new peer of all topics: of the next ones whenever those before have left.
    override func pipeUp(_ pipe: Pipe) {
        pipe.announcedNodes = 0
        announceMore(to: pipe)
    }

    private func announceMore(to pipe: Pipe) {
        guard let link = pipe.link, pipe.announcedNodes != .max else { return }
        var isTold = false
        while !isTold, pipe.announcedNodes != .max {
            let next = subscriptions.forEachTopic(
                from: pipe.announcedNodes,
                nodes: Self.announcedAtOnce.nodes,
                bytes: Self.announcedAtOnce.bytes
            ) {
                link.send(.subscribe, topic: $0)
                isTold = true
            }
            pipe.announcedNodes = next ?? .max
        }
    }

    override func pipeToldAll(_ pipe: Pipe) {
        guard pipe.announcedNodes != .max else { return }
        if readyForMore.isEmpty { reactor.inNextTurn(self) }
        readyForMore.append(pipe)
    }

    override func pipeCloses(_ pipe: Pipe) {
        guard subscriptions.count <= Self.cancelledAtClose.topics,
            subscriptions.allocatedBytes <= Self.cancelledAtClose.bytes
        else { return }
        subscriptions.forEachTopic { pipe.link?.send(.cancel, topic: $0) }
    }
}

extension SubscribingSocket: NextTurnHandler {
    package func reactorTurnGoesOn() {
        let pipes = readyForMore
        readyForMore = []
        for pipe in pipes { announceMore(to: pipe) }
    }
}
