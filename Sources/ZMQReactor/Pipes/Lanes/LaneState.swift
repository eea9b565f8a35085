import Synchronization
import ZMTP

/// The hand-off itself, without the lock, so that all of its orders can be tried out.
///
/// Rules:
/// * A consumer that has found nothing is woken by what comes next, once. One that found something is awake: it has to take again.
/// * A producer that has found nothing used and waits is woken by the report that reaches what it waits for, once.
/// * What is in the followed chunk comes behind all parcels: before the next one is put in, the chunk is sealed.
struct LaneState {
    private(set) var parcels: [Parcel] = []
    private(set) var isConsumerDue = false
    private(set) var used = Credit.zero
    private(set) var producerWaitsFor = Credit.zero
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

    mutating func report(_ credit: Credit) -> Bool {
        used += credit
        guard producerWaitsFor != .zero, used.covers(producerWaitsFor) else { return false }
        producerWaitsFor = .zero
        return true
    }

    mutating func collect(waitsFor: Credit) -> Credit {
        defer { used = .zero }
        producerWaitsFor = used == .zero ? waitsFor : .zero
        return used
    }
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
