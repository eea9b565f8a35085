import EventReactor
import ZMTP

/// What PUB and XPUB have in common: each message goes to all subscribers that have subscribed to it (RFC 29).
///
/// A subscription is a prefix of the first frame's bytes, and matching happens here: a message that nobody wants does not travel
/// (PUB-8, PUB-9). Per subscriber, subscriptions are a set: subscribing twice to a topic is as good as once, and one
/// cancellation ends it (S-2). A subscriber whose queue is full misses the message, the others do not (PUB-10).
public class PublishingSocket: Socket {
    final let distributor = Distributor()

    init(_ type: SocketType, _ place: _SocketPlace, _ options: SocketOptions, isReceiver: Bool) throws(ZMQError) {
        try super.init(type, place, options, by: distributor, isReceiver: isReceiver)
    }

    override func receive(_ command: PeerCommand, from pipe: Pipe) { distributor.take(command, from: pipe, at: self) }

    /// What one subscriber, and all together, may subscribe to at most; one that goes further is disconnected.
    public final var subscriptionLimits: SubscriptionLimits {
        get { distributor.limits }
        set { distributor.limits = newValue }
    }

    /// Whether messages go to those peers that have *not* subscribed to them: subscriptions then say what a peer does not
    /// want. The subscribers must do the same, see ``SubSocket/invertsMatching``. Default false.
    public final var invertsMatching: Bool {
        get { distributor.invertsMatching }
        set { distributor.invertsMatching = newValue }
    }

    // MARK: Subscribers

    /// The number of different topics that are subscribed to.
    public final var topicCount: Int { distributor.subscriptions.topicCount }

    /// The number of peers that have subscribed to anything.
    public final var subscriberCount: Int { distributor.subscriberCount(at: self) }

    /// The number of peers that have subscribed to a message whose first frame is `topic`: to it, or to anything it begins
    /// with.
    public final func subscriberCount(to topic: String) -> Int { subscriberCount(to: Array(topic.utf8)) }

    /// The number of peers that have subscribed to a message whose first frame is `topic`.
    public final func subscriberCount(to topic: [UInt8]) -> Int { distributor.subscriberCount(to: topic, at: self) }

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
        distributor.wait(for: count, to: topic, within: limit, at: self, then: body)
    }
}
