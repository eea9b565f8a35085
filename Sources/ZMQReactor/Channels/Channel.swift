import Synchronization
import ZMTP

/// A hand-off in one direction: a single producer puts items in, and a single consumer takes them out.
///
/// Between two threads, a lock covers the moving of a few references; messages are written and read without it. A chunk
/// may be shared: the producer goes on filling it, and publishes how far it has got in one word, without a lock. On one
/// reactor there is no lock at all.
final class Channel: Sendable {
    private let storage: ChannelStorage

    /// How far the shared chunk is filled. Written by the producer.
    private let filled = Atomic(Cursor.empty)

    /// Whether the consumer has found nothing and has not been woken since; changed under the lock.
    private let isConsumerAsleep = Atomic(true)

    /// - Parameter isShared: whether the producer and the consumer are on two threads.
    init(isShared: Bool) { storage = ChannelStorage(isShared: isShared) }

    /// Whether the producer and the consumer are on two threads.
    var isShared: Bool { storage.isShared }

    private func change<Result: Sendable>(_ body: (inout ChannelState) -> Result) -> Result {
        storage.withState { state in
            defer { if isShared { isConsumerAsleep.store(!state.isConsumerDue, ordering: .sequentiallyConsistent) } }
            return body(&state)
        }
    }

    // MARK: The producer's calls

    /// Puts in the items that `fill` passes on, and takes the credit that has been acknowledged since the last call.
    ///
    /// - Parameters:
    ///   - awaited: as with ``takeAcknowledged(awaiting:)``.
    ///   - fill: returns the chunk that is shared from now on, and from where.
    /// - Returns: whether the consumer has to be woken, and the credit.
    func put(
        awaiting awaited: Credit = .zero,
        _ fill: ((ChannelItem) -> Void) -> (chunk: Chunk, start: Int)?
    ) -> (wakes: Bool, credit: Credit) {
        change { state in
            let result = state.put(sealing: filled.load(ordering: .relaxed), awaiting: awaited, fill)
            if let start = state.shared?.taken { filled.store(start, ordering: .relaxed) }
            return result
        }
    }

    /// Publishes how far the shared chunk is filled. Returns whether the consumer has to be woken.
    @inline(__always)
    func publish(_ cursor: Cursor) -> Bool {
        filled.store(cursor, ordering: .sequentiallyConsistent)
        return isConsumerAsleep.load(ordering: .sequentiallyConsistent) && wakeConsumer()
    }

    @inline(never)
    private func wakeConsumer() -> Bool { change { $0.wakeConsumer() } }

    /// The shared chunk is filled no further.
    func seal() { change { $0.seal(filled.load(ordering: .relaxed)) } }

    /// Takes the credit that has been acknowledged since the last call.
    ///
    /// - Parameter awaited: how much more the producer waits for when there is none: the acknowledgement that makes so
    ///   much, in messages and in bytes, wakes it. Nothing when it does not wait.
    func takeAcknowledged(awaiting awaited: Credit) -> Credit { change { $0.takeAcknowledged(awaiting: awaited) } }

    /// No more items follow. Returns whether the consumer has to be woken.
    func close() -> Bool { change { $0.close() } }

    // MARK: The consumer's calls

    /// Takes everything out. A consumer that finds nothing is woken by what comes next; one that finds something has to
    /// come back.
    func take() -> (items: [ChannelItem], isClosed: Bool) {
        change { state in
            let taken = state.take(filled.load(ordering: .acquiring))
            guard taken.items.isEmpty, isShared else { return taken }
            isConsumerAsleep.store(true, ordering: .sequentiallyConsistent)
            // A producer that published before this store has not woken this side.
            return state.take(filled.load(ordering: .sequentiallyConsistent))
        }
    }

    /// Whether no more items follow those that have been put in.
    var isClosed: Bool { change { $0.isClosed } }

    /// Acknowledges messages that have been used. Returns whether the producer awaits them and has to be woken.
    func acknowledge(_ credit: Credit) -> Bool { change { $0.acknowledge(credit) } }
}
