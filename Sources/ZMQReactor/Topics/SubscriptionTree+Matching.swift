extension SubscriptionTree {
    /// Calls `body` once with every subscriber to a prefix of `frame`, the first frame of a message.
    ///
    /// The tree must not be used by `body`.
    @inline(__always)
    mutating func forEachMatch(_ frame: UnsafeRawBufferPointer, _ body: (Int) -> Void) {
        switch findMatches(frame) {
        case 0:
            return
        case 1:
            // A single topic contains each subscriber once.
            withSubscribers(matched.base[0]) { for subscriber in $0 { body(Int(subscriber)) } }
        default:
            let stamp = nextStamp()
            let stamps = stamps.base
            for i in 0..<matched.count {
                withSubscribers(matched.base[i]) {
                    for subscriber in $0 where stamps[Int(subscriber)] != stamp {
                        stamps[Int(subscriber)] = stamp
                        body(Int(subscriber))
                    }
                }
            }
        }
    }

    /// Calls `body` with every topic and its subscribers, in no particular order. The tree must not be used by `body`.
    mutating func forEachTopic(_ body: (UnsafeRawBufferPointer, UnsafeBufferPointer<Int32>) -> Void) {
        for node in 0..<Int32(topics.nodes.count) {
            let value = topics.value(of: node)
            guard value >= 0 else { continue }
            let topic = topics.topic(of: node)
            withSubscribers(value) { body(topic, $0) }
        }
        topics.forgetSpelling()
    }

    /// Collects the values of all topics that are a prefix of the frame in `matched`, and returns their number.
    private mutating func findMatches(_ frame: UnsafeRawBufferPointer) -> Int {
        var walk = PrefixWalk(topics, frame: frame)
        matched.removeAll(keepingUpTo: .max)
        while true {
            let value = walk.next()
            if value < 0 { return matched.count }
            matched.append(value)
        }
    }

    /// A stamp that no subscriber has.
    private mutating func nextStamp() -> UInt32 {
        stamp &+= 1
        if stamp == 0 {
            for i in 0..<stamps.count { stamps.base[i] = 0 }
            stamp = 1
        }
        return stamp
    }

    /// Calls `body` with the subscribers of a topic that has this value.
    @inline(__always)
    private func withSubscribers(_ value: Int32, _ body: (UnsafeBufferPointer<Int32>) -> Void) {
        switch TopicSubscribers(value: value) {
        case .one(let subscriber):
            withUnsafePointer(to: subscriber) { body(UnsafeBufferPointer(start: $0, count: 1)) }
        case .list(let number):
            body(lists.base[number].all)
        }
    }
}
