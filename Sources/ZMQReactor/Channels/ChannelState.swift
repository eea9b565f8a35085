import ZMTP

/// The state of a channel, without the lock, so that every order of its changes can be explored.
///
/// Rules:
/// * A consumer that has found nothing is woken by the next item, once. One that has found something is awake: it has
///   to take again.
/// * A producer that has found no credit and awaits some is woken by the acknowledgement that reaches what it awaits,
///   once.
/// * The messages in the shared chunk come behind all items: the chunk is sealed before the next item is put in.
struct ChannelState {
    private(set) var items: [ChannelItem] = []
    private(set) var isConsumerDue = false
    private(set) var acknowledged = Credit.zero
    private(set) var awaited = Credit.zero
    private(set) var isClosed = false

    /// The chunk that is filled without the lock being held, and how far the consumer has taken it.
    private(set) var shared: (chunk: Chunk, taken: Cursor)?

    /// Puts in the items that `fill` passes on, shares the chunk that it returns, and takes credit.
    ///
    /// - Parameter filled: how far the chunk that is shared so far is filled.
    /// - Returns: whether the consumer has to be woken, and the credit.
    mutating func put(
        sealing filled: Cursor = .empty,
        awaiting awaited: Credit,
        _ fill: ((ChannelItem) -> Void) -> (chunk: Chunk, start: Int)?
    ) -> (wakes: Bool, credit: Credit) {
        seal(filled)
        var wakes = false
        if let (chunk, start) = fill({ wakes = put($0) || wakes }) {
            shared = (chunk, Cursor(count: 0, end: start))
        }
        return (wakes, takeAcknowledged(awaiting: awaited))
    }

    private mutating func put(_ item: ChannelItem) -> Bool {
        append(item)
        return wakeConsumer()
    }

    private mutating func append(_ item: ChannelItem) {
        if case .messages(let batch) = item, case .messages(var last)? = items.last, last.extend(with: batch) {
            items[items.count - 1] = .messages(last)
        } else {
            items.append(item)
        }
    }

    /// Returns whether the consumer has to be woken.
    mutating func close() -> Bool {
        isClosed = true
        return wakeConsumer()
    }

    /// Returns whether the consumer has to be woken.
    mutating func wakeConsumer() -> Bool {
        defer { isConsumerDue = true }
        return !isConsumerDue
    }

    // MARK: The shared chunk

    /// The chunk is shared no longer; what has not been taken of it becomes an item.
    mutating func seal(_ filled: Cursor) {
        takeGrowth(filled)
        shared = nil
    }

    private mutating func takeGrowth(_ filled: Cursor) {
        guard let (chunk, taken) = shared, taken.count < filled.count else { return }
        append(
            .messages(MessageBatch(chunk: chunk, start: taken.end, end: filled.end, count: filled.count - taken.count))
        )
        shared?.taken = filled
    }

    // MARK: Taking and acknowledging

    mutating func take(_ filled: Cursor) -> (items: [ChannelItem], isClosed: Bool) {
        takeGrowth(filled)
        isConsumerDue = !items.isEmpty
        defer { items = [] }
        return (items, isClosed)
    }

    /// Returns whether the producer has to be woken.
    mutating func acknowledge(_ credit: Credit) -> Bool {
        acknowledged += credit
        guard awaited != .zero, acknowledged.covers(awaited) else { return false }
        awaited = .zero
        return true
    }

    mutating func takeAcknowledged(awaiting: Credit) -> Credit {
        defer { acknowledged = .zero }
        awaited = acknowledged == .zero ? awaiting : .zero
        return acknowledged
    }
}
