/// What one subscriber may have at most; one that wants more is disconnected.
///
/// The limits bound the memory that a storm of subscriptions can take: a topic costs about a hundred bytes and its length.
public struct SubscriptionLimits: Sendable, Equatable {
    /// The number of different topics. Default one million.
    public var topics = 1_000_000

    /// The bytes of all topics together. Default 64 MiB.
    public var bytes = 64 << 20

    /// The default limits, or others.
    public init(topics: Int = 1_000_000, bytes: Int = 64 << 20) {
        self.topics = topics
        self.bytes = bytes
    }

    /// Why a subscriber cannot have one more topic of this length; nil when it can.
    func refusal(of subscriber: Int, topicOf length: Int, in tree: borrowing SubscriptionTree) -> String? {
        tree.hasMemory(forTopicOf: length, subscriber: subscriber) ? nil : "there is no memory for its subscriptions"
    }

    /// What a subscriber has too much of; nil when everything is in order.
    func excess(of subscriber: Int, in tree: borrowing SubscriptionTree) -> String? {
        if tree.subscriptionCount(of: subscriber) > topics { return "more than \(topics) subscriptions" }
        if tree.topicBytes(of: subscriber) > bytes { return "subscriptions of more than \(bytes) bytes" }
        return nil
    }
}
