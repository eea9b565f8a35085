import ZMTP

/// What SUB and XSUB have in common: they tell all publishers what they want (RFC 29).
///
/// Without a subscription nothing arrives; subscribe to `""` for everything. A subscription is a prefix of the first frame's
/// bytes (S-1). Subscriptions are counted here and told to every publisher when the first is made and when the last is taken
/// back (S-2), and again after each reconnect (S-5).
public class SubscribingSocket: Socket {
    final let filter: SubscriptionFilter

    init(_ type: SocketType, _ place: _SocketPlace, _ options: SocketOptions, isReceiver: Bool) throws(ZMQError) {
        filter = SubscriptionFilter()
        try super.init(type, place, options, by: filter, isReceiver: isReceiver)
    }

    /// The number of different topics subscribed to.
    public final var topicCount: Int { filter.topicCount }

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
        try requireOpen()
        topic.withUnsafeBytes { _ = filter.add($0, at: self) }
    }

    /// Takes a subscription back.
    ///
    /// - Throws: `invalidArgument` when there is no such subscription, `closed`, `terminated`.
    public final func unsubscribe(from topic: String) throws(ZMQError) { try unsubscribe(from: Array(topic.utf8)) }

    /// Takes a subscription back.
    ///
    /// - Throws: `invalidArgument` when there is no such subscription, `closed`, `terminated`.
    public final func unsubscribe(from topic: [UInt8]) throws(ZMQError) {
        try requireOpen()
        guard topic.withUnsafeBytes({ filter.remove($0, at: self) }) else {
            throw ZMQError(.invalidArgument, "there is no subscription to \(Frame(topic))")
        }
    }
}
