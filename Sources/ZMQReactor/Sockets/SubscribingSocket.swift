import ZMTP

/// What SUB and XSUB have in common: they tell all publishers what they want (RFC 29).
///
/// Without a subscription nothing arrives; subscribe to `""` for everything. A subscription is a prefix of the first frame's
/// bytes (S-1). Subscriptions are counted here and told to every publisher when the first is made and when the last is taken
/// back (S-2), and again after each reconnect (S-5).
public class SubscribingSocket: Socket {
    @exclusivity(unchecked) final var subscriptions = SubscriptionSet()  // calls nothing unknown

    /// More topics than this are not cancelled one by one when a connection closes: its end says the same.
    private static let cancelledAtClose = 10_000

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
        for case let pipe? in pipes { pipe.link?.send(what, topic: topic) }
    }

    override func pipeUp(_ pipe: Pipe) {
        subscriptions.forEachTopic { pipe.link?.send(.subscribe, topic: $0) }
    }

    override func pipeCloses(_ pipe: Pipe) {
        guard subscriptions.count <= Self.cancelledAtClose else { return }
        subscriptions.forEachTopic { pipe.link?.send(.cancel, topic: $0) }
    }
}
