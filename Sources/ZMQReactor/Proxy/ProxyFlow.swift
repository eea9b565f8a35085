import ZMTP

/// One direction of a proxy.
///
/// Nothing is stored here: a message stays in the queue of its source until the sink has accepted it, so that stopping
/// loses nothing and every limit is exact. Messages that arrive while there is room are passed on at once, in the batch
/// in which they arrived.
final class ProxyFlow {
    let source: Socket
    let sink: Socket
    var capture: Socket?

    /// Whether the sockets support this direction at all.
    var isUsable: Bool

    /// Whether the sink would block; reset when it has room.
    var isHeld = false

    private(set) var messages = 0
    private(set) var bytes = 0
    private(set) var captured = 0
    private(set) var captureDropped = 0

    /// The most queued messages moved in one turn, so that others get their turns.
    private static let turnBudget = 1000

    /// What the source selects by; nil if it takes everything.
    private let filter: SubscriptionFilter?
    /// Whether this direction carries only subscriptions, for a sink that cannot send them.
    private let discards: Bool

    init(from source: Socket, to sink: Socket, capture: Socket?) {
        self.source = source
        self.sink = sink
        self.capture = capture
        isUsable = source.canForward(to: sink)
        filter = source.type.traits.contains(.selects) ? source.pattern as? SubscriptionFilter : nil
        discards = source.type.traits.contains(.showsSubscriptions) && !sink.isForwardingSink
        if discards { isUsable = true }
    }

    /// Whether there are queued messages that can be moved.
    var hasWork: Bool { isUsable && !isHeld && !source.fairQueue.isEmpty }

    /// Moves messages off the front of the batch, as long as the sink has room.
    func move(_ batch: inout MessageBatch, from pipe: Pipe) {
        guard isUsable, !isHeld else { return }
        if discards {
            source.drop(batch.takeFirst(batch.count).count, .notForwarded)
        } else if let filter, !filter.wantsEverything {
            moveWanted(&batch)
        } else {
            forward(&batch, behind: pipe.routingPrefix)
        }
    }

    private func forward(_ batch: inout MessageBatch, behind prefix: [UInt8]) {
        let before = batch
        sink.forward(&batch, behind: prefix)
        let moved = before.count - batch.count
        if !batch.isEmpty { isHeld = sink.state == .open }
        guard moved > 0 else { return }
        messages += moved
        // The prefix is a frame with a header of two bytes.
        bytes += before.bodyByteCount(ofFirst: moved) + moved * max(prefix.count - 2, 0)
        if let capture { show(before, moved, behind: prefix, to: capture) }
    }

    private func show(_ batch: MessageBatch, _ count: Int, behind prefix: [UInt8], to capture: Socket) {
        var rest = batch
        var shown = rest.takeFirst(count)
        capture.forward(&shown, behind: prefix)
        captured += count - shown.count
        captureDropped += shown.count
    }

    /// Moves the messages that the source has selected; the others were under way when it cancelled.
    private func moveWanted(_ batch: inout MessageBatch) {
        while !batch.isEmpty {
            // Consecutive wanted messages are moved together.
            var (rest, wanted, isLastWanted) = (batch, 0, true)
            while isLastWanted, let message = rest.next() {
                isLastWanted = source.wants(message)
                if isLastWanted { wanted += 1 }
            }
            if wanted > 0 {
                var stretch = batch
                stretch = stretch.takeFirst(wanted)
                forward(&stretch, behind: [])
                if !stretch.isEmpty {
                    _ = batch.takeFirst(wanted - stretch.count)
                    return
                }
            }
            if !isLastWanted { source.drop(1, .notSubscribed) }
            batch = rest
        }
    }

    /// Moves queued messages, from each peer in turn, as long as the sink has room, up to a turn's budget.
    func drain() {
        guard isUsable else { return }
        var budget = Self.turnBudget
        while budget > 0, !isHeld, source.state == .open, let pipe = source.fairQueue.first() {
            guard var batch = pipe.inbound.first(source.fairQueue.firstStays ? budget : 1) else { return }
            let (count, size) = (batch.count, batch.byteCount)
            move(&batch, from: pipe)
            let moved = count - batch.count
            guard moved > 0, source.state == .open else { return }
            budget -= moved
            pipe.inbound.dropFirst(moved, leaving: batch)
            source.fairQueue.rotate()
            pipe.taken(Credit(messages: moved, bytes: size - (moved < count ? batch.byteCount : 0)))
        }
    }
}
