import EventReactor
import ZMTP

// Requests of peers (XPB-4 to XPB-6).

extension Distributor {
    /// The effect of a subscription or cancellation.
    private enum Effect {
        /// It is reported to the application.
        case reported
        /// It is not reported to the application.
        case nothingNew
        /// It exceeds a limit.
        case excess(EventReason)
    }

    /// Carries out a peer's request.
    func receive(_ command: PeerCommand, from pipe: Pipe, at host: any PatternHost) {
        if command.withTopic({ SubscriptionToken.isToken($0) }) {
            // A subscriber that does not read cannot fill the memory: it asks again.
            if command.subscription == .subscribe, pipe.canSend { pipe.send(Message(frames: [command.topic])) }
            return
        }
        let effect = command.withTopic { topic in
            switch command.subscription {
            case .subscribe: isManual ? request(topic, for: pipe) : subscribe(pipe, to: topic)
            case .cancel: cancel(topic, of: pipe, at: host)
            }
        }
        switch effect {
        case .reported: host.hand(MessageBatch(command), from: pipe)
        case .nothingNew: break
        case .excess(let reason): pipe.link?.reject(reason)
        }
        settle(at: host)
    }

    private func request(_ topic: UnsafeRawBufferPointer, for pipe: Pipe) -> Effect {
        if let refusal = limits.refusal(of: pipe.slot, topicOf: topic.count, in: requests) { return .excess(refusal) }
        requests.insert(topic, subscriber: pipe.slot)
        return limits.excess(of: pipe.slot, in: requests).map { .excess($0) } ?? .reported
    }

    private func subscribe(_ pipe: Pipe, to topic: UnsafeRawBufferPointer) -> Effect {
        if let refusal = limits.refusal(of: pipe.slot, topicOf: topic.count, in: subscriptions) {
            return .excess(refusal)
        }
        let isFirst = subscriptions.insert(topic, subscriber: pipe.slot).isFirst
        if let excess = limits.excess(of: pipe.slot, in: subscriptions) { return .excess(excess) }
        return shown.contains(isFirst ? .changes : .repetitions) ? .reported : .nothingNew
    }

    private func cancel(_ topic: UnsafeRawBufferPointer, of pipe: Pipe, at host: any PatternHost) -> Effect {
        guard !isManual else {
            requests.remove(topic, subscriber: pipe.slot)
            return .reported
        }
        let wasLast = subscriptions.remove(topic, subscriber: pipe.slot).wasLast
        // A send may have waited for this peer.
        if awaitsWritability(of: pipe) { host.reactor.after(.zero) { [self] _ in pipeBecameWritable(pipe, at: host) } }
        return shown.contains(wasLast ? .changes : .cancellations) ? .reported : .nothingNew
    }

    /// Call when peers have changed their subscriptions: the awaited subscribers may be complete, and memory may be
    /// freed.
    private func settle(at host: any PatternHost) {
        subscribersChanged(at: host)
        if subscriptions.isUntidy { scheduleForgetting(for: host) }
    }

    // MARK: Requests of the application

    func grant(_ topic: Frame, to pipe: Pipe, at host: any PatternHost) {
        topic.withUnsafeBytes { _ = subscriptions.insert($0, subscriber: pipe.slot) }
        host.reactor.after(.zero) { [self] _ in subscribersChanged(at: host) }
    }

    func revoke(_ topic: Frame, from pipe: Pipe, at host: any PatternHost) {
        topic.withUnsafeBytes { _ = subscriptions.remove($0, subscriber: pipe.slot) }
        pipeBecameWritable(pipe, at: host)
    }

    // MARK: The end of a subscriber

    /// Ends the subscriptions of a peer: at most `limit` topics, and fewer if they are long. Returns the messages that
    /// report it to the application, and whether there are more. Messages without memory are counted as dropped.
    func end(
        of slot: Int,
        atMost limit: Int,
        at host: any PatternHost,
        telling: Bool = true
    ) -> (endings: [MessageBatch], hasMore: Bool) {
        guard telling, !shown.isEmpty else {
            let hasMore = requests.removeSome(of: slot, atMost: limit)
            return ([], subscriptions.removeSome(of: slot, atMost: limit) || hasMore)
        }
        var endings = Endings()
        var untold = 0
        func tell(_ topic: UnsafeRawBufferPointer) { if !endings.append(topic) { untold += 1 } }
        let (shown, isManual, bytes) = (shown, isManual, Self.forgottenAtOnce.bytes)
        var hasMore = requests.removeSome(
            of: slot,
            atMost: limit,
            bytes: bytes,
            each: { topic, _ in tell(topic) },
            untold: { untold += 1 }
        )
        hasMore =
            subscriptions.removeSome(
                of: slot,
                atMost: limit,
                bytes: bytes,
                each: isManual
                    ? nil
                    : { topic, wasLast in
                        if shown.contains(wasLast ? .changes : .cancellations) { tell(topic) }
                    },
                untold: { untold += 1 }
            ) || hasMore
        host.drop(untold, .noMemory)
        return (endings.takeBatches(), hasMore)
    }

    /// Delivers the cancellations of ended subscriptions to the application.
    func hand(_ endings: [MessageBatch], from pipe: Pipe, to host: any PatternHost) {
        for batch in endings { host.hand(batch, from: pipe) }
        if !endings.isEmpty { pipe.tellBudgetOfRest() }
    }
}

/// Messages that report cancelled topics of a peer, side by side.
private struct Endings {
    private var batches: [MessageBatch] = []
    private var open: MessageBatch?

    /// The size of a shared block; a larger message has its own.
    private static let capacity = Chunk.Size.copied

    /// Returns whether there was memory for it: peers determine the length of topics.
    mutating func append(_ topic: UnsafeRawBufferPointer) -> Bool {
        let size = Subscription.cancel.encodedSize(topicSize: topic.count, for: .v3_0)
        if let batch = open, batch.chunk.capacity - batch.end < size { close() }
        if open == nil {
            guard let chunk = Chunk(ifPossible: max(size, Self.capacity)) else { return false }
            open = MessageBatch(of: .cancel, chunk: chunk, start: 0, end: 0, count: 0)
        }
        Subscription.cancel.write(topic: topic, for: .v3_0, to: open!.chunk.base + open!.end)
        open!.end += size
        open!.count += 1
        return true
    }

    private mutating func close() { if let batch = open.take() { batches.append(batch) } }

    mutating func takeBatches() -> [MessageBatch] {
        close()
        return batches
    }
}

// A subscriber may have a million topics. Those of a subscriber that is gone no longer match, because its number
// belongs to no pipe, and are removed in portions, one per turn.
extension Distributor: NextTurnHandler {
    struct Departure {
        let slot: Int
        let pipe: Pipe
    }

    /// The most subscriptions removed in one turn, the most bytes of topics reported in one, and the most topics whose
    /// memory is freed in one.
    static let forgottenAtOnce = (subscriptions: 500, bytes: 64 * 1024, lists: 10_000)

    /// Returns whether a subscriber is being removed, or need not be because the socket is closed.
    func departs(_ pipe: Pipe, from host: any PatternHost) -> Bool {
        guard host.state == .open else { return true }
        let count = subscriptions.subscriptionCount(of: pipe.slot) + requests.subscriptionCount(of: pipe.slot)
        let bytes = subscriptions.topicBytes(of: pipe.slot) + requests.topicBytes(of: pipe.slot)
        guard count > Self.forgottenAtOnce.subscriptions || bytes > Self.forgottenAtOnce.bytes else { return false }
        scheduleForgetting(for: host)
        // A pipe that stays may have another peer before that is done.
        departures.append(
            Departure(slot: host.renumber(pipe), pipe: pipe.isPersistent ? pipe.inboundAside() : pipe)
        )
        return true
    }

    func scheduleForgetting(for host: any PatternHost) {
        guard forgettingReactor == nil else { return }
        self.host = host
        scheduleForgetting(on: host.reactor)
    }

    private func scheduleForgetting(on reactor: Reactor) {
        forgettingReactor = reactor
        reactor.inNextTurn(self)
    }

    package func reactorTurnGoesOn() {
        guard let reactor = forgettingReactor.take() else { return }
        guard let host = host.take(), host.state == .open else {
            departures.removeAll()
            if subscriptions.releaseSome(Self.forgottenAtOnce.lists) { scheduleForgetting(on: reactor) }
            return
        }
        if subscriptions.isUntidy { subscriptions.tidy() }
        if !departures.isEmpty {
            let departure = departures[0]
            let (endings, hasMore) = end(of: departure.slot, atMost: Self.forgottenAtOnce.subscriptions, at: host)
            hand(endings, from: departure.pipe, to: host)
            if !hasMore, host.state == .open {
                _ = departures.popFirst()
                host.free(slot: departure.slot)
            }
        }
        if !departures.isEmpty || subscriptions.isUntidy { scheduleForgetting(for: host) }
    }
}
