import ZMTP

@testable import ZMQReactor

/// A consumer that follows the chunk which the producer fills, between any two of the steps that other threads can see.
///
/// As a `Lane` does it: `filled` and `isAsleep` are read and written without the lock, which is what this is about.
struct FollowingWorld: LaneWorld {
    private var toFill: Int
    private var toPut: Int

    private var lane = LaneState()
    private var filled = Extent.empty
    private var isAsleep = true
    private let chunk = Chunk(capacity: 100)
    private var isFollowed = false

    /// Where each side is within a call.
    private enum ProducerPlace: Int { case outside, hasFilled }
    private enum ConsumerPlace: Int { case asleep, woken, taking, hasFallenAsleep }
    private var producer = ProducerPlace.outside
    private var consumer = ConsumerPlace.asleep

    private var position = 0
    private var sent = 0
    private var received = 0
    private var isInOrder = true
    private var hasClosed = false
    private var hasSeenEnd = false

    init(messages: Int, parcels: Int) { (toFill, toPut) = (messages, parcels) }

    var key: [Int] {
        lane.key + [lane.followed?.taken.count ?? -1, filled.count, filled.end, position, sent, received]
            + [toFill, toPut, producer.rawValue, consumer.rawValue]
            + [isAsleep, isFollowed, isInOrder, hasClosed, hasSeenEnd].map { $0 ? 1 : 0 }
    }

    var isDone: Bool { toFill == 0 && toPut == 0 && received == sent && isInOrder && hasSeenEnd }

    /// Whether the consumer holds the lock.
    private var isLocked: Bool { consumer == .hasFallenAsleep }

    private mutating func change(_ body: (inout LaneState) -> Bool) {
        if body(&lane) { consumer = .woken }
        isAsleep = !lane.isConsumerDue
    }

    /// A message at the end of the chunk; each takes one byte.
    private mutating func append() -> Run {
        position += 1
        sent += 1
        return Run(chunk: chunk, start: position - 1, end: position, count: 1)
    }

    /// Puts a message in, and may have the consumer follow behind it.
    private mutating func put(thenFollow: Bool) {
        let run = append()
        let (chunk, filled, position) = (chunk, filled, position)
        change { lane in
            lane.seal(filled)
            let wakes = lane.put(.messages(run))
            if thenFollow { lane.follow(chunk, from: Extent(count: 0, end: position)) }
            return wakes
        }
        if thenFollow { self.filled = Extent(count: 0, end: position) }
        isFollowed = thenFollow
    }

    private mutating func fill() {
        _ = append()
        filled = Extent(count: filled.count + 1, end: position)
        producer = .hasFilled
    }

    private mutating func take() -> Bool {
        let (parcels, isClosed) = lane.take(filled)
        for case .messages(let run) in parcels {
            isInOrder = isInOrder && run.start == received && run.count == run.end - run.start
            received = run.end
        }
        if isClosed { hasSeenEnd = true }
        return !parcels.isEmpty
    }

    var next: [FollowingWorld] {
        var worlds: [FollowingWorld] = []
        func add(_ change: (inout FollowingWorld) -> Void) {
            var world = self
            change(&world)
            worlds.append(world)
        }
        switch producer {
        case .hasFilled where isAsleep:
            if !isLocked {
                add {
                    $0.producer = .outside
                    $0.change { $0.wakeConsumer() }
                }
            }
        case .hasFilled: add { $0.producer = .outside }
        case .outside:
            if isFollowed, toFill > 0 {
                add {
                    $0.toFill -= 1
                    $0.fill()
                }
            }
            guard !isLocked else { break }
            if toFill > 0, !isFollowed || toPut > 0 {
                add {
                    if $0.isFollowed { $0.toPut -= 1 } else { $0.toFill -= 1 }
                    $0.put(thenFollow: true)
                }
            }
            if toPut > 0 {
                add {
                    $0.toPut -= 1
                    $0.put(thenFollow: false)
                }
            }
            if toFill == 0, toPut == 0, !hasClosed {
                add {
                    $0.hasClosed = true
                    $0.change { $0.close() }
                }
            }
        }
        switch consumer {
        case .asleep: break
        case .woken: add { $0.consumer = .taking }
        case .taking:
            add {
                let hasTaken = $0.take()
                $0.isAsleep = !hasTaken
                if !hasTaken { $0.consumer = .hasFallenAsleep }
            }
        case .hasFallenAsleep:
            add {
                let hasTaken = $0.take()
                $0.isAsleep = !hasTaken
                $0.consumer = hasTaken ? .taking : .asleep
            }
        }
        return worlds
    }
}
