import ZMTP

@testable import ZMQReactor

/// A consumer that reads a shared chunk while the producer fills it, between any two of the steps that are visible to
/// the other thread.
///
/// As a `Channel` does, it reads and writes `filled` and `isAsleep` without the lock.
struct SharedChunkWorld: ChannelWorld {
    private var toFill: Int
    private var toPut: Int

    private var channel = ChannelState()
    private var filled = Cursor.empty
    private var isAsleep = true
    private let chunk = Chunk(capacity: 100)
    private var isShared = false

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

    init(messages: Int, items: Int) { (toFill, toPut) = (messages, items) }

    var key: [Int] {
        channel.key + [channel.shared?.taken.count ?? -1, filled.count, filled.end, position, sent, received]
            + [toFill, toPut, producer.rawValue, consumer.rawValue]
            + [isAsleep, isShared, isInOrder, hasClosed, hasSeenEnd].map { $0 ? 1 : 0 }
    }

    var isDone: Bool { toFill == 0 && toPut == 0 && received == sent && isInOrder && hasSeenEnd }

    /// Whether the consumer holds the lock.
    private var isLocked: Bool { consumer == .hasFallenAsleep }

    private mutating func change(_ body: (inout ChannelState) -> Bool) {
        if body(&channel) { consumer = .woken }
        isAsleep = !channel.isConsumerDue
    }

    /// A message at the end of the chunk; each takes one byte.
    private mutating func append() -> MessageBatch {
        position += 1
        sent += 1
        return MessageBatch(chunk: chunk, start: position - 1, end: position, count: 1)
    }

    /// Puts a message in, and may share the chunk behind it.
    private mutating func put(thenShare: Bool) {
        let batch = append()
        let (chunk, filled, position) = (chunk, filled, position)
        change { channel in
            channel.put(sealing: filled, awaiting: .zero) { put in
                put(.messages(batch))
                return thenShare ? (chunk, position) : nil
            }.wakes
        }
        if thenShare { self.filled = Cursor(count: 0, end: position) }
        isShared = thenShare
    }

    private mutating func fill() {
        _ = append()
        filled = Cursor(count: filled.count + 1, end: position)
        producer = .hasFilled
    }

    private mutating func take() -> Bool {
        let (items, isClosed) = channel.take(filled)
        for case .messages(let batch) in items {
            isInOrder = isInOrder && batch.start == received && batch.count == batch.end - batch.start
            received = batch.end
        }
        if isClosed { hasSeenEnd = true }
        return !items.isEmpty
    }

    var next: [SharedChunkWorld] {
        var worlds: [SharedChunkWorld] = []
        func add(_ change: (inout SharedChunkWorld) -> Void) {
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
            if isShared, toFill > 0 {
                add {
                    $0.toFill -= 1
                    $0.fill()
                }
            }
            guard !isLocked else { break }
            if toFill > 0, !isShared || toPut > 0 {
                add {
                    if $0.isShared { $0.toPut -= 1 } else { $0.toFill -= 1 }
                    $0.put(thenShare: true)
                }
            }
            if toPut > 0 {
                add {
                    $0.toPut -= 1
                    $0.put(thenShare: false)
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
