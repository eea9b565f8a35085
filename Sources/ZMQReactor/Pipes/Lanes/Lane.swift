import EventReactor
import ZMTP

/// One direction between two ends in one program: what one thread puts in, another takes out.
///
/// The lock is held for the moving of a few references only; the messages themselves are filled in and read without it.
final class Lane: Sendable {
    private let state = Locked(LaneState())

    /// Puts in what `fill` hands over, and learns what has been used since the last call.
    ///
    /// - Parameter waitsFor: as with ``collect(waitsFor:)``.
    /// - Returns: whether the consumer has to be woken, and how many messages it has used.
    func put(waitsFor: Int = 0, _ fill: ((Parcel) -> Void) -> Void) -> (wakes: Bool, used: Int) {
        state.withLock { state in
            var wakes = false
            fill { wakes = state.put($0) || wakes }
            return (wakes, state.collect(waitsFor: waitsFor))
        }
    }

    /// Takes everything out. A consumer that finds nothing is woken by the next parcel; until then it has to come back.
    func take() -> (parcels: [Parcel], isClosed: Bool) { state.withLock { $0.take() } }

    /// The consumer has used messages; answers whether the producer waits to hear of it and has to be woken.
    func report(_ count: Int) -> Bool { state.withLock { $0.report(count) } }

    /// The messages that have been used since the last call.
    ///
    /// - Parameter waitsFor: how many the producer waits for when there were none: a report that makes so many wakes it. 0 when
    ///   it does not wait.
    func collect(waitsFor: Int) -> Int { state.withLock { $0.collect(waitsFor: waitsFor) } }

    /// No more parcels follow; answers whether the consumer has to be woken.
    func close() -> Bool { state.withLock { $0.close() } }
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
/// * A consumer that has found nothing is woken by the next parcel, once. One that found some is awake: it has to take again.
/// * A producer that has found nothing used and waits is woken by the report that reaches what it waits for, once.
struct LaneState {
    private(set) var parcels: [Parcel] = []
    private(set) var isConsumerDue = false
    private(set) var used = 0
    private(set) var producerWaitsFor = 0
    private(set) var isClosed = false

    mutating func put(_ parcel: Parcel) -> Bool {
        if case .messages(let run) = parcel, case .messages(var last)? = parcels.last, last.extend(with: run) {
            parcels[parcels.count - 1] = .messages(last)
        } else {
            parcels.append(parcel)
        }
        return wakeConsumer()
    }

    mutating func close() -> Bool {
        isClosed = true
        return wakeConsumer()
    }

    private mutating func wakeConsumer() -> Bool {
        defer { isConsumerDue = true }
        return !isConsumerDue
    }

    mutating func take() -> (parcels: [Parcel], isClosed: Bool) {
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
