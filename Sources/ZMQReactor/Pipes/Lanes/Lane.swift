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
    /// - Returns: whether the consumer has to be woken, and how many messages it has used.
    func put(waitsFor: Int = 0, _ fill: ((Parcel) -> Void) -> (chunk: Chunk, start: Int)?) -> (wakes: Bool, used: Int) {
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

    /// The messages that have been used since the last call.
    ///
    /// - Parameter waitsFor: how many the producer waits for when there were none: a report that makes so many wakes it. 0 when
    ///   it does not wait.
    func collect(waitsFor: Int) -> Int { change { $0.collect(waitsFor: waitsFor) } }

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
    func report(_ count: Int) -> Bool { change { $0.report(count) } }
}

/// How far a chunk has been filled: the messages in it, and where they end. It is one word, so that it can be told without a lock.
struct Extent: RawRepresentable, AtomicRepresentable, Equatable, Sendable {
    let rawValue: UInt64

    init(rawValue: UInt64) { self.rawValue = rawValue }

    /// - Parameter end: an offset in a chunk of at most `Chunk.Size.shared` bytes.
    @inline(__always)
    init(count: Int, end: Int) { rawValue = UInt64(UInt32(count)) << 32 | UInt64(UInt32(end)) }

    static let empty = Extent(rawValue: 0)

    var count: Int { Int(rawValue >> 32) }
    var end: Int { Int(UInt32(truncatingIfNeeded: rawValue)) }
}

/// What travels in a lane.
enum Parcel: Sendable {
    /// Messages, counted against the high-water mark.
    case messages(Run)
    /// A subscription in message form, which is not.
    case subscription(Run)
    /// To an outpost: the peer is not welcome, for this reason.
    case turnAway(String)
    /// To an outpost: the connection is to end at once.
    case abort
    /// From an outpost: messages that could not be sent, because the connection is gone.
    case returned(Run)
    /// From an outpost: why the connection is gone.
    case ended(EventReason)
}

/// The hand-off itself, without the lock, so that all of its orders can be tried out.
///
/// Rules:
/// * A consumer that has found nothing is woken by what comes next, once. One that found something is awake: it has to take again.
/// * A producer that has found nothing used and waits is woken by the report that reaches what it waits for, once.
/// * What is in the followed chunk comes behind all parcels: before the next one is put in, the chunk is sealed.
struct LaneState {
    private(set) var parcels: [Parcel] = []
    private(set) var isConsumerDue = false
    private(set) var used = 0
    private(set) var producerWaitsFor = 0
    private(set) var isClosed = false

    /// The chunk that grows without the lock being held, and how far the consumer has got in it.
    private(set) var followed: (chunk: Chunk, taken: Extent)?

    mutating func put(_ parcel: Parcel) -> Bool {
        append(parcel)
        return wakeConsumer()
    }

    private mutating func append(_ parcel: Parcel) {
        if case .messages(let run) = parcel, case .messages(var last)? = parcels.last, last.extend(with: run) {
            parcels[parcels.count - 1] = .messages(last)
        } else {
            parcels.append(parcel)
        }
    }

    mutating func close() -> Bool {
        isClosed = true
        return wakeConsumer()
    }

    mutating func wakeConsumer() -> Bool {
        defer { isConsumerDue = true }
        return !isConsumerDue
    }

    // MARK: The followed chunk

    mutating func follow(_ chunk: Chunk, from start: Extent) {
        assert(followed == nil, "the chunk before it has been sealed")
        followed = (chunk, start)
    }

    /// The chunk is followed no more; what has not been taken of it is a parcel.
    mutating func seal(_ filled: Extent) {
        takeGrowth(filled)
        followed = nil
    }

    private mutating func takeGrowth(_ filled: Extent) {
        guard let (chunk, taken) = followed, taken.count < filled.count else { return }
        append(.messages(Run(chunk: chunk, start: taken.end, end: filled.end, count: filled.count - taken.count)))
        followed?.taken = filled
    }

    // MARK: Taking

    mutating func take(_ filled: Extent) -> (parcels: [Parcel], isClosed: Bool) {
        takeGrowth(filled)
        isConsumerDue = !parcels.isEmpty
        defer { parcels = [] }
        return (parcels, isClosed)
    }

    mutating func report(_ count: Int) -> Bool {
        used += count
        guard producerWaitsFor > 0, used >= producerWaitsFor else { return false }
        producerWaitsFor = 0
        return true
    }

    mutating func collect(waitsFor: Int) -> Int {
        defer { used = 0 }
        producerWaitsFor = used == 0 ? waitsFor : 0
        return used
    }
}
