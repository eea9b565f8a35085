@testable import ZMQReactor

/// The tree with arrays instead of raw buffers.
extension SubscriptionTree {
    @discardableResult
    mutating func insert(_ topic: [UInt8], _ subscriber: Int) -> Insertion {
        topic.withUnsafeBytes { insert($0, subscriber: subscriber) }
    }

    @discardableResult
    mutating func insert(_ topic: String, _ subscriber: Int) -> Insertion {
        insert(Array(topic.utf8), subscriber)
    }

    @discardableResult
    mutating func remove(_ topic: [UInt8], _ subscriber: Int) -> Removal {
        topic.withUnsafeBytes { remove($0, subscriber: subscriber) }
    }

    @discardableResult
    mutating func remove(_ topic: String, _ subscriber: Int) -> Removal {
        remove(Array(topic.utf8), subscriber)
    }

    /// The subscribers of a frame, in ascending order; one that is reported twice is in it twice.
    mutating func matches(_ frame: [UInt8]) -> [Int] {
        var found: [Int] = []
        frame.withUnsafeBytes { frame in forEachMatch(frame) { found.append($0) } }
        return found.sorted()
    }

    mutating func matches(_ frame: String) -> [Int] { matches(Array(frame.utf8)) }

    /// The whole content of the tree.
    mutating func all() -> [[UInt8]: Set<Int>] {
        var all: [[UInt8]: Set<Int>] = [:]
        forEachTopic { topic, subscribers in
            precondition(all[Array(topic)] == nil, "a topic twice")
            all[Array(topic)] = Set(subscribers.map { Int($0) })
        }
        return all
    }

    /// Removes a subscriber, and returns its topics, each with whether no subscriber has it any more.
    mutating func removeAllReported(of subscriber: Int) -> [[UInt8]: Bool] {
        var removed: [[UInt8]: Bool] = [:]
        removeAll(of: subscriber) { topic, wasLast in
            precondition(removed[Array(topic)] == nil, "a topic twice")
            removed[Array(topic)] = wasLast
        }
        return removed
    }
}
