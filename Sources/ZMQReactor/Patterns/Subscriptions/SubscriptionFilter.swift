import EventReactor
import ZMTP

/// The subscriptions are sent to every publisher, and messages that match none of them are discarded (RFC 29).
///
/// Subscriptions are counted here: the first one to a topic is sent, and the last cancellation (S-2). All are sent
/// again after each reconnect (S-5), in portions.
final class SubscriptionFilter: Pattern {
    @exclusivity(unchecked) private var topics = SubscriptionSet()  // calls nothing unknown

    /// Whether messages that match a subscription are *excluded*.
    var invertsMatching = false

    /// How far the topics have been announced to each peer, by the number of its pipe.
    private var announced: [SubscriptionSet.AnnouncedNodes] = []

    /// The peers whose links can accept more subscriptions.
    private var readyForMore: [Pipe] = []

    /// Waits for publishers to confirm that the subscriptions have taken effect.
    let confirmations = SubscriptionConfirmations()

    /// The number of different topics.
    var topicCount: Int { topics.count }

    // MARK: Matching

    @inline(__always)
    func matches(_ message: borrowing Message) -> Bool {
        wantsEverything || message.withUnsafeBytes { topics.matches($0) != invertsMatching }
    }

    /// Whether a group, given as a topic, is among the topics.
    func includes(_ group: UnsafeRawBufferPointer) -> Bool { topics.matches(group) }

    /// Whether a message has the form of one for a group, and the group is among the topics.
    @inline(__always)
    func matchesGroup(of message: borrowing Message) -> Bool {
        message.frameCount == 2 && message.withGroupTopic { topics.matches($0) } ?? false
    }

    /// Whether no message has to be matched.
    @inline(__always)
    var wantsEverything: Bool { topics.includesEverything && !invertsMatching }

    // MARK: Subscriptions

    /// Subscribes. Returns whether that was the first subscription to the topic.
    func add(_ topic: UnsafeRawBufferPointer, at host: some PatternHost) -> Bool {
        guard topics.subscribe(topic) else { return false }
        announce(.subscribe, topic, at: host)
        return true
    }

    /// Unsubscribes. Returns whether there was a subscription.
    func remove(_ topic: UnsafeRawBufferPointer, at host: some PatternHost) -> Bool {
        let cancellation = topics.unsubscribe(topic)
        if cancellation == .cancelled { announce(.cancel, topic, at: host) }
        return cancellation != .unknown
    }

    func announce(_ what: Subscription, _ topic: UnsafeRawBufferPointer, at host: some PatternHost) {
        for case let pipe? in host.pipes { topics.announce(what, topic, to: pipe, behind: announced[pipe.slot]) }
    }

    // MARK: Peers

    /// Nothing is announced before there is a link that accepts it.
    func pipeAdded(_ pipe: Pipe, at host: any PatternHost) {
        while announced.count <= pipe.slot { announced.append(.max) }
        announced[pipe.slot] = 0
    }

    /// Announces all topics to a new peer: the next ones whenever the previous ones have been sent. A session does that
    /// by itself.
    func pipeUp(_ pipe: Pipe, at host: any PatternHost) {
        guard pipe.link?.keepsSubscriptions == false, pipe.slot >= 0 else { return confirmations.ask(pipe) }
        announced[pipe.slot] = 0
        announceMore(to: pipe)
    }

    func pipeDown(_ pipe: Pipe, at host: any PatternHost) { confirmations.forget(pipe) }

    func pipeRemoved(_ pipe: Pipe, at host: any PatternHost) { confirmations.forget(pipe) }

    /// Asks all publishers to confirm to which all topics have been announced.
    func askForConfirmation(at host: any PatternHost) {
        for case let pipe? in host.pipes where announced[pipe.slot] == .max || pipe.link?.keepsSubscriptions == true {
            confirmations.ask(pipe)
        }
    }

    func close(at host: any PatternHost) { confirmations.fail(host.closedError()) }

    private func announceMore(to pipe: Pipe) {
        // The link may report that all has left before this returns.
        guard pipe.slot >= 0 else { return }
        let reached = topics.announceMore(to: pipe, behind: announced[pipe.slot])
        guard pipe.slot >= 0 else { return }
        announced[pipe.slot] = reached
        if reached == .max { confirmations.ask(pipe) }
    }

    func pipeToldAll(_ pipe: Pipe, at host: any PatternHost) {
        guard pipe.slot >= 0, announced[pipe.slot] != .max else { return }
        if readyForMore.isEmpty { host.reactor.inNextTurn(self) }
        readyForMore.append(pipe)
    }

    func pipeCloses(_ pipe: Pipe) { topics.cancelAll(at: pipe) }
}

extension SubscriptionFilter: NextTurnHandler {
    package func reactorTurnGoesOn() {
        let pipes = readyForMore
        readyForMore = []
        for pipe in pipes { announceMore(to: pipe) }
    }
}
