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

    /// Ends what a peer has subscribed to, at most `limit` topics; answers what is to be told of that, and whether there is more.
    func endSubscriptions(of slot: Int, atMost limit: Int) -> (endings: Run?, hasMore: Bool) {
        var (bytes, count) = ([] as [UInt8], 0)
        func tell(_ topic: UnsafeRawBufferPointer) {
            Subscription.cancel.append(topic: topic, for: .v3_0, to: &bytes)
            count += 1
        }
        let isVerboser = verbosity == .verboser
        var hasMore = requests.removeSome(of: slot, atMost: limit) { topic, _ in tell(topic) }
        let isManual = isManual
        hasMore =
            subscriptions.removeSome(of: slot, atMost: limit) { topic, wasLast in
                if !isManual, wasLast || isVerboser { tell(topic) }
            } || hasMore
        guard count > 0 else { return (nil, hasMore) }
        let chunk = Chunk(capacity: bytes.count)
        bytes.withUnsafeBytes { chunk.base.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
        return (Run(chunk: chunk, start: 0, end: bytes.count, count: count), hasMore)
    }
}
