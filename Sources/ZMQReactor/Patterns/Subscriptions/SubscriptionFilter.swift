import EventReactor
import ZMTP

/// Every publisher is sent the subscriptions, and messages that match none of them are discarded (RFC 29).
///
/// Subscriptions are counted here: the first one to a topic is sent, and the cancellation of the last (S-2). All are sent again after each
/// reconnect (S-5), in portions.
final class SubscriptionFilter: Pattern {
    @exclusivity(unchecked) private var topics = SubscriptionSet()  // calls nothing unknown

    /// Whether messages that match a subscription are *not* wanted.
    @exclusivity(unchecked) var invertsMatching = false  // read and assigned

    /// The peers whose links can be given more subscriptions.
    private var readyForMore: [Pipe] = []

    /// More topics than this, or such that take more memory, are not cancelled one by one when a connection closes: its end says the same.
    private static let cancelledAtClose = (topics: 10_000, bytes: 4 << 20)

    /// The most nodes of the topic tree that are walked for one peer in one turn, and the bytes of topics after which no further one is sent.
    private static let announcedAtOnce = (nodes: 1000, bytes: 64 * 1024)

    /// The number of different topics.
    var topicCount: Int { topics.count }

    // MARK: Matching

    @inline(__always)
    func matches(_ message: borrowing Message) -> Bool {
        wantsEverything || message.withUnsafeBytes { topics.matches($0) != invertsMatching }
    }

    /// Whether no message has to be looked at.
    @inline(__always)
    var wantsEverything: Bool { topics.includesEverything && !invertsMatching }

    // MARK: Subscribing

    /// Subscribes. Returns whether that was the first subscription to the topic.
    func add(_ topic: UnsafeRawBufferPointer, at host: some PatternHost) -> Bool {
        guard topics.subscribe(topic) else { return false }
        tellAll(.subscribe, topic, at: host)
        return true
    }

    /// Unsubscribes. Returns whether there was a subscription.
    func remove(_ topic: UnsafeRawBufferPointer, at host: some PatternHost) -> Bool {
        let cancellation = topics.unsubscribe(topic)
        if cancellation == .cancelled { tellAll(.cancel, topic, at: host) }
        return cancellation != .unknown
    }

    func tellAll(_ what: Subscription, _ topic: UnsafeRawBufferPointer, at host: some PatternHost) {
        // A peer that is being told of all topics comes to those behind by itself, and never to one that is cancelled before.
        let node = Int(topics.lastNode)
        for case let pipe? in host.pipes where node < pipe.announcedNodes { pipe.link?.send(what, topic: topic) }
    }

    // MARK: Peers

    /// Sends a new peer all topics: the next ones whenever those before have left.
    func pipeUp(_ pipe: Pipe, at host: any PatternHost) {
        pipe.announcedNodes = 0
        announceMore(to: pipe)
    }

    private func announceMore(to pipe: Pipe) {
        guard let link = pipe.link, pipe.announcedNodes != .max else { return }
        var isTold = false
        while !isTold, pipe.announcedNodes != .max {
            let next = topics.forEachTopic(
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

    func pipeToldAll(_ pipe: Pipe, at host: any PatternHost) {
        guard pipe.announcedNodes != .max else { return }
        if readyForMore.isEmpty { host.reactor.inNextTurn(self) }
        readyForMore.append(pipe)
    }

    func pipeCloses(_ pipe: Pipe) {
        guard topics.count <= Self.cancelledAtClose.topics, topics.allocatedBytes <= Self.cancelledAtClose.bytes else {
            return
        }
        topics.forEachTopic { pipe.link?.send(.cancel, topic: $0) }
    }
}

extension SubscriptionFilter: NextTurnHandler {
    package func reactorTurnGoesOn() {
        let pipes = readyForMore
        readyForMore = []
        for pipe in pipes { announceMore(to: pipe) }
    }
}
