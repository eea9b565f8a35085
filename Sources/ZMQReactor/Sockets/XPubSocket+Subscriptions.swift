public import ZMTP

extension XPubSocket {
    /// Lets a subscriber have the messages that begin with a topic; meant for ``isManual``.
    public func subscribe(_ subscriber: Subscriber, to topic: Frame) {
        guard state == .open, subscriber.pipe.socket === self, subscriber.isConnected else { return }
        topic.withUnsafeBytes { _ = subscriptions.insert($0, subscriber: subscriber.pipe.slot) }
        reactor.after(.zero) { [self] _ in subscribersChanged() }
    }

    /// Takes back what ``subscribe(_:to:)`` has granted.
    public func unsubscribe(_ subscriber: Subscriber, from topic: Frame) {
        guard state == .open, subscriber.pipe.socket === self, subscriber.isConnected else { return }
        topic.withUnsafeBytes { _ = subscriptions.remove($0, subscriber: subscriber.pipe.slot) }
        pipeHasRoom(subscriber.pipe)
    }
}

// What peers ask for (XPB-4 to XPB-6).
//
// A message is one that subscribes or cancels when its first byte is 01 or 00, on every version of the protocol (S-4).

extension XPubSocket {
    /// What a message from a peer is.
    enum Effect {
        /// One of the peer's own, for the application.
        case message
        /// A subscription or cancellation that the application is told of.
        case told
        /// One that it is not told of.
        case nothingNew
        /// One too many.
        case excess(EventReason)
    }

    /// Does what a peer asks for.
    func take(_ message: borrowing Message, from pipe: Pipe) -> Effect {
        message.withUnsafeBytes { bytes in
            guard let first = bytes.first, let subscription = Subscription(rawValue: first) else { return .message }
            let topic = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
            return subscription == .subscribe ? subscribe(pipe, to: topic) : cancel(pipe, topic)
        }
    }

    private func subscribe(_ pipe: Pipe, to topic: UnsafeRawBufferPointer) -> Effect {
        guard !isManual else {
            if let refusal = subscriptionLimits.refusal(of: pipe.slot, topicOf: topic.count, in: requests) {
                return .excess(refusal)
            }
            requests.insert(topic, subscriber: pipe.slot)
            return subscriptionLimits.excess(of: pipe.slot, in: requests).map { .excess($0) } ?? .told
        }
        if let refusal = subscriptionLimits.refusal(of: pipe.slot, topicOf: topic.count, in: subscriptions) {
            return .excess(refusal)
        }
        let isFirst = subscriptions.insert(topic, subscriber: pipe.slot).isFirst
        if let excess = subscriptionLimits.excess(of: pipe.slot, in: subscriptions) { return .excess(excess) }
        return isFirst || verbosity != .merged ? .told : .nothingNew
    }

    private func cancel(_ pipe: Pipe, _ topic: UnsafeRawBufferPointer) -> Effect {
        guard !isManual else {
            requests.remove(topic, subscriber: pipe.slot)
            return .told
        }
        let wasLast = subscriptions.remove(topic, subscriber: pipe.slot).wasLast
        // A send may have waited for this very peer.
        if fullPipe === pipe { reactor.after(.zero) { [self] _ in pipeHasRoom(pipe) } }
        return wasLast || verbosity == .verboser ? .told : .nothingNew
    }

    /// Ends what a peer has subscribed to, at most `limit` topics, and no more than it takes to reach some bytes of them; answers what is to
    /// be told of that, and whether there is more. What there is no memory to tell is counted as dropped.
    func endSubscriptions(of slot: Int, atMost limit: Int) -> (endings: [Run], hasMore: Bool) {
        var endings = Endings()
        var untold = 0
        func tell(_ topic: UnsafeRawBufferPointer) { if !endings.append(topic) { untold += 1 } }
        let isVerboser = verbosity == .verboser
        let bytes = Self.forgottenAtOnce.bytes
        var hasMore = requests.removeSome(
            of: slot,
            atMost: limit,
            bytes: bytes,
            each: { topic, _ in tell(topic) },
            untold: { untold += 1 }
        )
        let isManual = isManual
        hasMore =
            subscriptions.removeSome(
                of: slot,
                atMost: limit,
                bytes: bytes,
                each: isManual ? nil : { topic, wasLast in if wasLast || isVerboser { tell(topic) } },
                untold: { untold += 1 }
            ) || hasMore
        if untold > 0 { drop(untold, .noMemory) }
        return (endings.takeRuns(), hasMore)
    }
}

/// Messages that say which topics a peer is not subscribed to any more, side by side.
private struct Endings {
    private var runs: [Run] = []
    private var open: Run?

    /// What several share; one that is larger has memory of its own.
    private static let capacity = Chunk.Size.copied

    /// Answers whether there was memory for it: peers decide how long topics are.
    mutating func append(_ topic: UnsafeRawBufferPointer) -> Bool {
        let size = Subscription.cancel.encodedSize(topicSize: topic.count, for: .v3_0)
        if let run = open, run.chunk.capacity - run.end < size { close() }
        if open == nil {
            guard let chunk = Chunk(ifPossible: max(size, Self.capacity)) else { return false }
            open = Run(chunk: chunk, start: 0, end: 0, count: 0)
        }
        Subscription.cancel.write(topic: topic, for: .v3_0, to: open!.chunk.base + open!.end)
        open!.end += size
        open!.count += 1
        return true
    }

    private mutating func close() { if let run = open.take() { runs.append(run) } }

    mutating func takeRuns() -> [Run] {
        close()
        return runs
    }
}
