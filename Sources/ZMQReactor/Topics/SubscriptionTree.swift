import ZMTP

/// All subscribers and their topics: the publisher's side of pub-sub.
///
/// Subscribers are small numbers that the caller assigns densely and may reuse. A subscription is a binary prefix; a
/// message goes to every subscriber that has a prefix of its first frame, including the empty one. The subscriptions of
/// a subscriber are a set: subscribing twice has no further effect, and one cancellation removes it, which is what
/// publishers have always done.
///
/// Costs: ``insert(_:subscriber:)``, ``remove(_:subscriber:)`` and finding matches grow with the length of the topic
/// and not with the number of topics; a match costs nothing more but its hits. ``removeAll(of:)`` grows with the number
/// of topics of that subscriber. See ``TopicTree`` for how it is stored.
struct SubscriptionTree: ~Copyable {
    /// The result of ``insert(_:subscriber:)``.
    struct Insertion: Equatable {
        /// The subscriber did not have this subscription before.
        var isNew: Bool
        /// No subscriber had it before.
        var isFirst: Bool
    }

    /// The result of ``remove(_:subscriber:)``.
    struct Removal: Equatable {
        /// The subscriber had this subscription.
        var existed: Bool
        /// No subscriber has it any more.
        var wasLast: Bool
    }

    /// The value of a topic encodes its subscribers; see ``TopicSubscribers``.
    var topics: TopicTree
    /// The lists of topics with several subscribers, and the unused ones among them.
    var lists = RawArray<SubscriberList>()
    var freeLists = RawArray<Int32>()
    /// The topics of each subscriber.
    var own = RawArray<NodeSet>()
    /// The total length of those topics.
    private var ownBytes = RawArray<Int>()
    /// Number of subscriptions: pairs of a topic and a subscriber.
    private(set) var subscriptionCount = 0
    /// The total length of the topics of all subscribers.
    private(set) var topicBytes = 0

    /// The results of a search, and which subscribers it has already reached; see `forEachMatch`.
    var matched = RawArray<Int32>()
    var stamps = RawArray<UInt32>()
    var stamp: UInt32 = 0

    /// Creates an empty tree, which owns no memory.
    init() { topics = TopicTree() }

    /// For tests that need the same tree twice.
    init(seed: UInt64) { topics = TopicTree(seed: seed) }

    /// Number of different topics.
    var topicCount: Int { topics.count }

    /// Bytes of memory owned.
    var allocatedBytes: Int {
        var bytes = topics.allocatedBytes + lists.allocatedBytes + freeLists.allocatedBytes
        bytes += own.allocatedBytes + ownBytes.allocatedBytes + matched.allocatedBytes + stamps.allocatedBytes
        for i in 0..<lists.count { bytes += lists.base[i].allocatedBytes }
        for i in 0..<own.count { bytes += own.base[i].allocatedBytes }
        return bytes
    }

    /// The number of subscriptions of one subscriber. Limits on subscription storms use it.
    func subscriptionCount(of subscriber: Int) -> Int {
        subscriber < own.count ? own.base[subscriber].count : 0
    }

    /// The total length of the topics of one subscriber.
    func topicBytes(of subscriber: Int) -> Int {
        subscriber < own.count ? ownBytes.base[subscriber] : 0
    }

    /// Whether there is memory for one more subscription to a topic of this length: peers determine how many there are.
    func hasMemory(forTopicOf length: Int, subscriber: Int) -> Bool {
        let own = subscriber < own.count ? own.base[subscriber].growth : 0
        return Memory.isAvailable(topics.growth(forTopicOf: length) + lists.growth(for: 1) + own)
    }

    /// Subscribes to a topic.
    ///
    /// A topic of more than 2 GiB, and anything beyond two thousand million topics, is rejected and changes nothing.
    @discardableResult
    mutating func insert(_ topic: UnsafeRawBufferPointer, subscriber: Int) -> Insertion {
        precondition(subscriber >= 0 && subscriber <= TopicSubscribers.greatest, "subscribers are small numbers")
        guard topics.hasCapacity(forTopicOf: topic.count) else { return Insertion(isNew: false, isFirst: false) }
        makeRoom(for: subscriber)
        let node = topics.insert(topic)
        let result = add(Int32(subscriber), to: node)
        if result.isNew {
            own.base[subscriber].insert(node)
            ownBytes.base[subscriber] += topic.count
            topicBytes += topic.count
            subscriptionCount += 1
        }
        return result
    }

    /// Cancels the subscription to a topic.
    @discardableResult
    mutating func remove(_ topic: UnsafeRawBufferPointer, subscriber: Int) -> Removal {
        guard subscriber < own.count, let node = topics.find(topic), drop(Int32(subscriber), from: node) else {
            return Removal(existed: false, wasLast: false)
        }
        own.base[subscriber].remove(node)
        ownBytes.base[subscriber] -= topic.count
        topicBytes -= topic.count
        subscriptionCount -= 1
        let wasLast = topics.value(of: node) == TopicSubscribers.absent
        if wasLast { topics.removeValue(of: node) }
        return Removal(existed: true, wasLast: wasLast)
    }

    /// Cancels all subscriptions of a subscriber, and calls `each` with every topic and whether no subscriber has it
    /// any more.
    mutating func removeAll(of subscriber: Int, each: ((UnsafeRawBufferPointer, Bool) -> Void)? = nil) {
        _ = removeSome(of: subscriber, atMost: .max, each: each)
    }

    /// Cancels at most `limit` of the subscriptions of a subscriber that does nothing else any more, as
    /// `removeAll(of:each:)`; returns whether there are more.
    ///
    /// - Parameters:
    ///   - byteLimit: after this many bytes of topics, no further one is reported.
    ///   - untold: called instead of `each` for a topic that there is no memory to spell.
    mutating func removeSome(
        of subscriber: Int,
        atMost limit: Int,
        bytes byteLimit: Int = .max,
        each: ((UnsafeRawBufferPointer, Bool) -> Void)? = nil,
        untold: (() -> Void)? = nil
    ) -> Bool {
        guard subscriber < own.count else { return false }
        var nodes = exchange(&own.base[subscriber], with: NodeSet())
        let before = nodes.count
        var bytes = 0
        nodes.takeSome(limit) { node in
            _ = drop(Int32(subscriber), from: node)
            let wasLast = topics.value(of: node) == TopicSubscribers.absent
            if let each {
                if topics.hasMemoryToSpell(node) {
                    let topic = topics.topic(of: node)
                    bytes += topic.count
                    each(topic, wasLast)
                } else {
                    untold?()
                }
            }
            if wasLast { topics.removeValue(of: node) }
            return bytes < byteLimit
        }
        subscriptionCount -= before - nodes.count
        let left = nodes.count
        _ = exchange(&own.base[subscriber], with: nodes)
        if left > 0 { return true }
        topicBytes -= ownBytes.base[subscriber]
        ownBytes.base[subscriber] = 0
        topics.forgetSpelling()
        if subscriptionCount == 0 { releaseMemory() }
        return false
    }

    /// Whether there is unfinished work that the next changes continue, such as freeing memory.
    var isUntidy: Bool { topics.isUntidy }

    /// Continues it, for about half a millisecond.
    mutating func tidy() { topics.tidy() }

    /// Frees part of a tree that is no longer used, at most `limit` lists; returns whether there is more.
    mutating func releaseSome(_ limit: Int) -> Bool {
        let end = max(lists.count - limit, 0)
        while lists.count > end { _ = lists.removeLast() }
        guard lists.isEmpty else { return true }
        if topics.count > 0 { topics.removeAll() } else { topics.tidy() }
        return topics.isUntidy
    }

    private mutating func makeRoom(for subscriber: Int) {
        while own.count <= subscriber { own.append(NodeSet()) }
        ownBytes.pad(to: own.count, with: 0)
        stamps.pad(to: own.count, with: 0)
    }

    /// Frees what an empty tree does not need.
    private mutating func releaseMemory() {
        lists.removeAll()
        freeLists.removeAll()
        matched.removeAll()
        own.removeAll(keepingUpTo: 64)
        ownBytes.removeAll(keepingUpTo: 64)
        stamps.removeAll(keepingUpTo: 64)
    }
}
