/// The behaviour of a `SubscriptionTree`, in the slow and obvious way.
struct NaiveSubscriptions {
    var topics: [[UInt8]: Set<Int>] = [:]

    /// Whether it is new for the subscriber, and the first of all.
    mutating func insert(_ topic: [UInt8], _ subscriber: Int) -> (Bool, Bool) {
        let isFirst = topics[topic] == nil
        return (topics[topic, default: []].insert(subscriber).inserted, isFirst)
    }

    /// Whether it existed, and was the last of all.
    mutating func remove(_ topic: [UInt8], _ subscriber: Int) -> (Bool, Bool) {
        guard topics[topic]?.remove(subscriber) != nil else { return (false, false) }
        guard topics[topic]!.isEmpty else { return (true, false) }
        topics[topic] = nil
        return (true, true)
    }

    /// The topics the subscriber had, and whether no subscriber has them any more.
    mutating func removeAll(of subscriber: Int) -> [[UInt8]: Bool] {
        var removed: [[UInt8]: Bool] = [:]
        for topic in Array(topics.keys) {
            let (existed, wasLast) = remove(topic, subscriber)
            if existed { removed[topic] = wasLast }
        }
        return removed
    }

    func matches(_ frame: [UInt8]) -> [Int] {
        var all: Set<Int> = []
        for (topic, subscribers) in topics where frame.starts(with: topic) { all.formUnion(subscribers) }
        return all.sorted()
    }
}
