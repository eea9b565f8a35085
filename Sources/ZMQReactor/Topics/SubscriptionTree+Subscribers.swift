/// The value of a topic in a ``SubscriptionTree``: its only subscriber, or the number of a list of them.
enum TopicSubscribers {
    case one(Int32)
    case list(Int)

    /// The greatest number of a subscriber.
    static let greatest = Int(Int32.max >> 1)

    /// The value of a topic whose last subscriber is gone, until it is removed. It looks like a subscriber because a
    /// node without a value cannot be found.
    static let absent = Int32.max

    init(value: Int32) {
        self = value & 1 == 0 ? .one(value >> 1) : .list(Int(value >> 1))
    }

    var value: Int32 {
        switch self {
        case .one(let subscriber): subscriber << 1
        case .list(let number): Int32(number) << 1 | 1
        }
    }
}

extension SubscriptionTree {
    /// Adds a subscriber to the topic of a node.
    mutating func add(_ subscriber: Int32, to node: Int32) -> Insertion {
        let value = topics.value(of: node)
        guard value >= 0 else {
            topics.add(value: TopicSubscribers.one(subscriber).value, to: node)
            return Insertion(isNew: true, isFirst: true)
        }
        switch TopicSubscribers(value: value) {
        case .one(let other):
            if other == subscriber { return Insertion(isNew: false, isFirst: false) }
            let number = newList()
            _ = lists.base[number].insert(other)
            _ = lists.base[number].insert(subscriber)
            topics.setValue(TopicSubscribers.list(number).value, of: node)
            return Insertion(isNew: true, isFirst: false)
        case .list(let number):
            return Insertion(isNew: lists.base[number].insert(subscriber), isFirst: false)
        }
    }

    /// Removes a subscriber from the topic of a node; false if it was not there. The value of a topic without
    /// subscribers is ``TopicSubscribers/absent``.
    mutating func drop(_ subscriber: Int32, from node: Int32) -> Bool {
        switch TopicSubscribers(value: topics.value(of: node)) {
        case .one(let other):
            guard other == subscriber else { return false }
            topics.setValue(TopicSubscribers.absent, of: node)
        case .list(let number):
            guard lists.base[number].remove(subscriber) else { return false }
            if lists.base[number].count == 1 {
                topics.setValue(TopicSubscribers.one(lists.base[number].first).value, of: node)
                lists.base[number] = SubscriberList()
                freeLists.append(Int32(number))
            }
        }
        return true
    }

    private mutating func newList() -> Int {
        if !freeLists.isEmpty { return Int(freeLists.removeLast()) }
        lists.append(SubscriberList())
        return lists.count - 1
    }
}
