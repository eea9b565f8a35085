/// The topics to which a subscriber has subscribed: the subscriber's side of pub-sub.
///
/// Subscriptions are counted here and sent only when a count leaves or reaches zero: that is right for publishers that
/// count and for those that keep a set. After a reconnect every topic is sent once; see ``forEachTopic(_:)``.
struct SubscriptionSet: ~Copyable {
    /// The result of ``unsubscribe(_:)``.
    enum Cancellation {
        /// There was no such subscription: nothing to send.
        case unknown
        /// The topic has further subscriptions: nothing to send.
        case stillSubscribed
        /// It was the last one: CANCEL must be sent.
        case cancelled
    }

    /// The value of a topic is the number of its subscriptions.
    private var topics = TopicTree()

    /// The node of the topic that was subscribed to or cancelled last.
    private(set) var lastNode: Int32 = 0

    /// Number of different topics.
    var count: Int { topics.count }

    var isEmpty: Bool { topics.count == 0 }

    /// Bytes of memory owned.
    var allocatedBytes: Int { topics.allocatedBytes }

    /// Subscribes to a topic; true if it is the first subscription and SUBSCRIBE must be sent.
    mutating func subscribe(_ topic: UnsafeRawBufferPointer) -> Bool {
        precondition(topics.hasCapacity(forTopicOf: topic.count), "topics have at most 2 GiB")
        let node = topics.insert(topic)
        lastNode = node
        let times = topics.value(of: node)
        if times < 0 {
            topics.add(value: 1, to: node)
            return true
        }
        // The end of the range is out of reach in practice; the count stays there all the same.
        if times < .max { topics.setValue(times + 1, of: node) }
        return false
    }

    /// Removes one subscription to a topic.
    mutating func unsubscribe(_ topic: UnsafeRawBufferPointer) -> Cancellation {
        guard let node = topics.find(topic) else { return .unknown }
        lastNode = node
        let times = topics.value(of: node)
        if times > 1 {
            topics.setValue(times - 1, of: node)
            return .stillSubscribed
        }
        topics.removeValue(of: node)
        return .cancelled
    }

    /// Whether the empty topic is among them, so that no message has to be matched.
    @inline(__always)
    var includesEverything: Bool { topics.rootHasValue }

    /// Whether one of the topics is a prefix of `frame`, the first frame of a message.
    @inline(__always)
    func matches(_ frame: UnsafeRawBufferPointer) -> Bool {
        var walk = PrefixWalk(topics, frame: frame)
        return walk.next() >= 0
    }

    /// Calls `body` with every topic once, in no particular order. The set must not be used by `body`.
    mutating func forEachTopic(_ body: (UnsafeRawBufferPointer) -> Void) {
        topics.forEachTopic { topic, _ in body(topic) }
    }

    /// Calls `body` with topics in portions; see ``TopicTree/forEachTopic(from:nodes:bytes:_:)``.
    mutating func forEachTopic(
        from node: Int,
        nodes limit: Int,
        bytes byteLimit: Int,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) -> Int? {
        topics.forEachTopic(from: node, nodes: limit, bytes: byteLimit, body)
    }

    /// Removes everything.
    mutating func removeAll() { topics.removeAll() }
}
