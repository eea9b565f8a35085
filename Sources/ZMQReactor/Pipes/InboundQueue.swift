import ZMTP

/// Messages that have arrived and that the application has not taken yet, as the batches they arrived in.
///
/// What takes little of the chunk it was read into is copied out of it: queued messages would otherwise hold 64 KiB
/// each when they arrive one by one.
struct InboundQueue: ~Copyable {
    private var batches = RingBuffer<MessageBatch>()

    /// The number of messages.
    private(set) var count = 0

    /// The number of messages that were ever appended.
    private(set) var appended = Credit.zero

    /// The number of bytes they take on the wire.
    private(set) var byteCount = 0

    private var arena = BatchArena()

    var isEmpty: Bool { count == 0 }

    /// All that is in the queue.
    var held: Credit { Credit(messages: count, bytes: byteCount) }

    mutating func append(_ batch: MessageBatch) {
        guard !batch.isEmpty else { return }
        count += batch.count
        let size = batch.byteCount
        appended += Credit(messages: batch.count, bytes: size)
        byteCount += size
        if !batches.isEmpty, batches[batches.count - 1].extend(with: batch) { return }
        let batch = arena.compact(batch)
        if batches.isEmpty || !batches[batches.count - 1].extend(with: batch) { batches.append(batch) }
    }

    /// Takes the oldest message out.
    mutating func next() -> Message? {
        guard count > 0 else { return nil }
        count -= 1
        let message = batches[0].next()!
        byteCount -= message.wireSize
        if batches[0].isEmpty { _ = batches.popFirst() }
        if count == 0 { arena.removeAll() }
        return message
    }

    /// As `next`, as a batch, which knows whether it is a subscription.
    mutating func nextBatch() -> MessageBatch? {
        guard count > 0 else { return nil }
        count -= 1
        let batch = batches[0].takeFirst(1)
        byteCount -= batch.byteCount
        if batches[0].isEmpty { _ = batches.popFirst() }
        if count == 0 { arena.removeAll() }
        return batch
    }

    /// Whether there is a message that satisfies the condition. Looks at all of them.
    func contains(where condition: (borrowing Message) -> Bool) -> Bool {
        for index in 0..<batches.count {
            var batch = batches[index]
            while let message = batch.next() { if condition(message) { return true } }
        }
        return false
    }

    /// The oldest messages, at most `limit`, that lie in one piece. They stay in the queue.
    func first(_ limit: Int) -> MessageBatch? {
        guard count > 0 else { return nil }
        var batch = batches[0]
        return batch.takeFirst(limit)
    }

    /// Lets go of the oldest messages: those that are missing in what is left of a batch that `first` has returned.
    mutating func dropFirst(_ number: Int, leaving rest: MessageBatch) {
        count -= number
        if batches[0].count == number {
            byteCount -= batches[0].byteCount
            _ = batches.popFirst()
        } else {
            byteCount -= rest.start - batches[0].start
            batches[0].start = rest.start
            batches[0].count -= number
        }
        if count == 0 { arena.removeAll() }
    }

    /// Moves all messages to a queue that is empty.
    mutating func move(to other: inout InboundQueue) {
        swap(&batches, &other.batches)
        swap(&count, &other.count)
        swap(&byteCount, &other.byteCount)
        swap(&arena, &other.arena)
    }

    mutating func removeAll() {
        batches.removeAll()
        arena.removeAll()
        count = 0
        byteCount = 0
    }
}
