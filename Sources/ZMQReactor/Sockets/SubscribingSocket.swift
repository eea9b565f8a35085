import ZMTP

/// The common part of SUB and XSUB: they send their subscriptions to all publishers (RFC 29).
///
/// Without a subscription no message arrives; subscribe to `""` for everything. A subscription is a prefix of the first
/// frame. Subscriptions are counted here; each publisher receives a topic's first subscription and its last
/// cancellation, and all current topics again after a reconnect.
public class SubscribingSocket: Socket {
    final let filter: SubscriptionFilter

    init(_ type: SocketType, _ place: _SocketPlace, _ options: SocketOptions, isReceiver: Bool) throws(ZMQError) {
        filter = SubscriptionFilter()
        try super.init(type, place, options, by: filter, isReceiver: isReceiver)
    }

    /// The number of different topics subscribed to.
    public final var topicCount: Int { filter.topicCount }

    /// Subscribes to the messages whose first frame begins with the text; to all messages if it is empty.
    ///
    /// Subscriptions are counted: a topic that is subscribed to several times must be unsubscribed from as often.
    ///
    /// - Throws: `closed` when the socket is closed, `terminated` when its context is.
    public final func subscribe(to topic: String) throws(ZMQError) { try subscribe(to: Array(topic.utf8)) }

    /// Subscribes to the messages whose first frame begins with the bytes.
    ///
    /// - Throws: `closed` when the socket is closed, `terminated` when its context is.
    public final func subscribe(to topic: [UInt8]) throws(ZMQError) {
        try requireOpen()
        topic.withUnsafeBytes { _ = filter.add($0, at: self) }
    }

    /// Removes a subscription.
    ///
    /// - Throws: `invalidArgument` when there is no such subscription, `closed`, `terminated`.
    public final func unsubscribe(from topic: String) throws(ZMQError) { try unsubscribe(from: Array(topic.utf8)) }

    /// Removes a subscription.
    ///
    /// - Throws: `invalidArgument` when there is no such subscription, `closed`, `terminated`.
    public final func unsubscribe(from topic: [UInt8]) throws(ZMQError) {
        try requireOpen()
        guard topic.withUnsafeBytes({ filter.remove($0, at: self) }) else {
            throw ZMQError(.invalidArgument, "there is no subscription to \(Frame(topic))")
        }
    }
}
