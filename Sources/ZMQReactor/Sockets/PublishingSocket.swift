import EventReactor
import ZMTP

/// The common part of PUB and XPUB: each message goes to all of its subscribers (RFC 29).
///
/// A subscription is a prefix of the first frame, and is matched here: a message without subscribers is not sent. The
/// subscriptions of a subscriber are a set: subscribing twice to a topic has no further effect, and one cancellation
/// removes it. A subscriber whose queue is full misses the message; the others do not.
public class PublishingSocket: Socket {
    final let distributor = Distributor()

    init(_ type: SocketType, _ place: _SocketPlace, _ options: SocketOptions, isReceiver: Bool) throws(ZMQError) {
        try super.init(type, place, options, by: distributor, isReceiver: isReceiver)
    }

    /// The most that one subscriber, and all together, may subscribe to; a subscriber that exceeds it is disconnected.
    public final var subscriptionLimits: SubscriptionLimits {
        get { distributor.limits }
        set { distributor.limits = newValue }
    }

    /// Whether messages go to the peers that have *not* subscribed to them: subscriptions then exclude messages. The
    /// subscribers must do the same; see ``SubSocket/invertsMatching``. Default false.
    public final var invertsMatching: Bool {
        get { distributor.invertsMatching }
        set { distributor.invertsMatching = newValue }
    }

    // MARK: Subscribers

    /// The number of different topics with subscribers.
    public final var topicCount: Int { distributor.subscriptions.topicCount }

    /// The number of peers with at least one subscription.
    public final var subscriberCount: Int { distributor.subscriberCount(at: self) }

    /// The number of peers that are subscribed to a message whose first frame is `topic`: to it, or to one of its
    /// prefixes.
    public final func subscriberCount(to topic: String) -> Int { subscriberCount(to: Array(topic.utf8)) }

    /// The number of peers that are subscribed to a message whose first frame is `topic`.
    public final func subscriberCount(to topic: [UInt8]) -> Int { distributor.subscriberCount(to: topic, at: self) }

    /// Calls back when enough peers have subscribed: messages sent after that reach all of them.
    ///
    /// This replaces sleeping until slow joiners are there.
    ///
    /// ```swift
    /// publisher.waitForSubscribers(10, within: .seconds(5)) { _ in start() }
    /// ```
    ///
    /// - Parameters:
    ///   - count: the number of subscribed peers to wait for.
    ///   - topic: the first frame of a message that they must be subscribed to; nil if any subscription will do.
    ///   - limit: how long to wait; nil for no limit.
    ///   - body: called once, on the reactor, never before this returns; with `timedOut` after the limit, with `closed`
    ///     or `terminated` when the socket is closed.
    public final func waitForSubscribers(
        _ count: Int = 1,
        to topic: String? = nil,
        within limit: Duration? = nil,
        then body: @escaping (Result<Void, ZMQError>) -> Void
    ) {
        distributor.wait(for: count, to: topic.map { Array($0.utf8) }, within: limit, at: self, then: body)
    }
}
