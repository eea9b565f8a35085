import EventReactor
import Synchronization
import ZMTP

/// One direction between two ends in one program: what one thread puts in, another takes out.
///
/// The lock is held for the moving of a few references only; the messages themselves are filled in and read without it. The
/// producer may let the consumer follow the chunk that it goes on filling: then it takes no lock for a message at all.
final class Lane: Sendable {
    private let state = Locked(LaneState())

    /// How far the followed chunk has been filled. Written by the producer.
    private let filled = Atomic(Extent.empty)

    /// Whether the consumer has found nothing and has not been woken since; changed under the lock.
    private let isConsumerAsleep = Atomic(true)

    private func change<Result: Sendable>(_ body: (inout LaneState) -> Result) -> Result {
        state.withLock { state in
            defer { isConsumerAsleep.store(!state.isConsumerDue, ordering: .sequentiallyConsistent) }
            return body(&state)
        }
    }

    // MARK: What the producer calls

    /// Puts in what `fill` hands over, and learns what has been used since the last call.
    ///
    /// - Parameters:
    ///   - waitsFor: as with ``collect(waitsFor:)``.
    ///   - fill: answers the chunk that the consumer is to follow from now on, and from where.
    /// - Returns: whether the consumer has to be woken, and what it has used.
    func put(
        waitsFor: Credit = .zero,
        _ fill: ((Parcel) -> Void) -> (chunk: Chunk, start: Int)?
    ) -> (wakes: Bool, used: Credit) {
        change { state in
            state.seal(filled.load(ordering: .relaxed))
            var wakes = false
            if let (chunk, start) = fill({ wakes = state.put($0) || wakes }) {
                let extent = Extent(count: 0, end: start)
                state.follow(chunk, from: extent)
                filled.store(extent, ordering: .relaxed)
            }
            return (wakes, state.collect(waitsFor: waitsFor))
        }
    }

    /// The followed chunk has been filled so far; answers whether the consumer has to be woken.
    @inline(__always)
    func grew(to extent: Extent) -> Bool {
        filled.store(extent, ordering: .sequentiallyConsistent)
        return isConsumerAsleep.load(ordering: .sequentiallyConsistent) && wakeConsumer()
    }

    @inline(never)
    private func wakeConsumer() -> Bool { change { $0.wakeConsumer() } }

    /// The followed chunk grows no more.
    func seal() { change { $0.seal(filled.load(ordering: .relaxed)) } }

    /// What has been used since the last call.
    ///
    /// - Parameter waitsFor: how much the producer waits for when there was nothing: a report that makes so much, in messages and in
    ///   bytes, wakes it. Nothing when it does not wait.
    func collect(waitsFor: Credit) -> Credit { change { $0.collect(waitsFor: waitsFor) } }

    /// No more parcels follow; answers whether the consumer has to be woken.
    func close() -> Bool { change { $0.close() } }

    // MARK: What the consumer calls

    /// Takes everything out. A consumer that finds nothing is woken by what comes next; until then it has to come back.
    func take() -> (parcels: [Parcel], isClosed: Bool) {
        change { state in
            let taken = state.take(filled.load(ordering: .acquiring))
            guard taken.parcels.isEmpty else { return taken }
            isConsumerAsleep.store(true, ordering: .sequentiallyConsistent)
            // The producer wakes nobody who was not seen to sleep.
            return state.take(filled.load(ordering: .sequentiallyConsistent))
        }
    }

    /// The consumer has used messages; answers whether the producer waits to hear of it and has to be woken.
    func report(_ credit: Credit) -> Bool { change { $0.report(credit) } }
}
