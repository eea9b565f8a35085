import ZMTP

// What peers are told of a set, by a pipe's link.
extension SubscriptionSet {
    /// More topics than this, or such that take more memory, are not cancelled one by one when a connection closes: its end says the same.
    private static var cancelledAtClose: (topics: Int, bytes: Int) { (10_000, 4 << 20) }

    /// Nodes of the topics that one peer is told of in one turn at most, and the bytes of topics after which no further one is told.
    private static var announcedAtOnce: (nodes: Int, bytes: Int) { (1000, 64 * 1024) }

    /// Tells a pipe of a topic that has just been subscribed to or cancelled.
    func tell(_ what: Subscription, _ topic: UnsafeRawBufferPointer, to pipe: Pipe) {
        // A peer that is being told of all topics comes to those behind by itself, and never to one that is cancelled before.
        if Int(lastNode) < pipe.announcedNodes { pipe.link?.send(what, topic: topic) }
    }

    /// Tells a pipe of the next topics that it has not been told of.
    mutating func announceMore(to pipe: Pipe) {
        guard let link = pipe.link else { return }
        var isTold = false
        while !isTold, pipe.announcedNodes != .max {
            let next = forEachTopic(
                from: pipe.announcedNodes,
                nodes: Self.announcedAtOnce.nodes,
                bytes: Self.announcedAtOnce.bytes
            ) {
                link.send(.subscribe, topic: $0)
                isTold = true
            }
            pipe.announcedNodes = next ?? .max
        }
    }

    /// Takes back everything that a pipe has been told of, before its connection closes.
    mutating func cancelAll(at pipe: Pipe) {
        guard count <= Self.cancelledAtClose.topics, allocatedBytes <= Self.cancelledAtClose.bytes else { return }
        forEachTopic { pipe.link?.send(.cancel, topic: $0) }
    }

    /// Subscribes or cancels, whatever the number of subscriptions before.
    mutating func set(_ what: Subscription, _ topic: UnsafeRawBufferPointer) {
        if what == .cancel || !subscribe(topic) { _ = unsubscribe(topic) }
    }
}
