import ZMTP

// Announces a set to peers, through a pipe's link.
extension SubscriptionSet {
    /// With more topics than this, or more memory, topics are not cancelled one by one when a connection closes, which
    /// has the same effect.
    private static var cancelledAtClose: (topics: Int, bytes: Int) { (10_000, 4 << 20) }

    /// The most nodes visited in one turn to announce their topics to a peer, and the most bytes of topics announced in
    /// one.
    private static var announcedAtOnce: (nodes: Int, bytes: Int) { (1000, 64 * 1024) }

    /// The nodes of the topics that have been announced to a peer, from the first on; all when it is `.max`.
    typealias AnnouncedNodes = Int

    /// Announces a topic that has just been subscribed to or cancelled.
    func announce(
        _ what: Subscription,
        _ topic: UnsafeRawBufferPointer,
        to pipe: Pipe,
        behind announced: AnnouncedNodes
    ) {
        // A peer to which all topics are being announced gets the later ones in their turn, and never one that is
        // cancelled before.
        if Int(lastNode) < announced { pipe.link?.announce(what, topic: topic) }
    }

    /// Announces the next topics. Returns how far that goes.
    mutating func announceMore(to pipe: Pipe, behind announced: AnnouncedNodes) -> AnnouncedNodes {
        guard let link = pipe.link else { return announced }
        var (announced, hasSent) = (announced, false)
        while !hasSent, announced != .max {
            let next = forEachTopic(
                from: announced,
                nodes: Self.announcedAtOnce.nodes,
                bytes: Self.announcedAtOnce.bytes
            ) {
                link.announce(.subscribe, topic: $0)
                hasSent = true
            }
            announced = next ?? .max
        }
        return announced
    }

    /// Cancels everything that was announced to a pipe, before its connection closes.
    mutating func cancelAll(at pipe: Pipe) {
        guard count <= Self.cancelledAtClose.topics, allocatedBytes <= Self.cancelledAtClose.bytes else { return }
        forEachTopic { pipe.link?.announce(.cancel, topic: $0) }
    }

    /// Subscribes or cancels, whatever the number of subscriptions before.
    mutating func set(_ what: Subscription, _ topic: UnsafeRawBufferPointer) {
        if what == .cancel || !subscribe(topic) { _ = unsubscribe(topic) }
    }
}
