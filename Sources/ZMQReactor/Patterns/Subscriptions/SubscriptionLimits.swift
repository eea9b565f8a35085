/// The most that one subscriber, and all of a socket together, may subscribe to; a subscriber that exceeds it is
/// disconnected.
///
/// The limits bound the memory that a storm of subscriptions can take: a topic costs about a hundred bytes plus its
/// length. Reasons of events and ``SocketStatistics/limits`` name them; see <doc:Limits>.
public struct SubscriptionLimits: Sendable, Equatable {
    /// The number of different topics of one subscriber. Default one million.
    public var topics = 1_000_000

    /// The bytes of all topics of one subscriber together. Default 64 MiB.
    public var bytes = 64 << 20

    /// The subscriptions of all subscribers of the socket: each of them counts with its topics. Default four million.
    public var totalTopics = 4_000_000

    /// The bytes of the topics of all subscribers of the socket: each of them counts with its topics. Default 256 MiB.
    public var totalBytes = 256 << 20

    /// The default limits, or others.
    public init(
        topics: Int = 1_000_000,
        bytes: Int = 64 << 20,
        totalTopics: Int = 4_000_000,
        totalBytes: Int = 256 << 20
    ) {
        self.topics = topics
        self.bytes = bytes
        self.totalTopics = totalTopics
        self.totalBytes = totalBytes
    }

    /// Why a subscriber cannot add a topic of this length; nil if it can.
    func refusal(of subscriber: Int, topicOf length: Int, in tree: borrowing SubscriptionTree) -> EventReason? {
        tree.hasMemory(forTopicOf: length, subscriber: subscriber) ? nil : .noMemory(for: "its subscriptions")
    }

    /// The limit exceeded by what a subscriber has added; nil if there is none.
    func excess(of subscriber: Int, in tree: borrowing SubscriptionTree) -> EventReason? {
        if tree.subscriptionCount(of: subscriber) > topics {
            return .limitExceeded(.subscriptions, "more than \(topics) subscriptions")
        }
        if tree.topicBytes(of: subscriber) > bytes {
            return .limitExceeded(.subscriptionBytes, "subscriptions of more than \(bytes) bytes")
        }
        if tree.subscriptionCount > totalTopics {
            return .limitExceeded(.totalSubscriptions, "more than \(totalTopics) subscriptions of all peers")
        }
        if tree.topicBytes > totalBytes {
            return .limitExceeded(
                .totalSubscriptionBytes,
                "subscriptions of all peers of more than \(totalBytes) bytes"
            )
        }
        return nil
    }
}
