import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor
@testable import ZMTP

/// The model of an `OutboundQueue`: a list of messages' bytes.
private struct QueueModel {
    var messages: [[UInt8]] = []
    var sent = 0

    var bytes: [UInt8] { Array(messages.joined().dropFirst(sent)) }
    var byteCount: Int { messages.reduce(0) { $0 + $1.count } - sent }

    mutating func release(_ count: Int) -> Int {
        sent += count
        var left = 0
        while let first = messages.first, sent >= first.count {
            sent -= first.count
            messages.removeFirst()
            left += 1
        }
        return left
    }
}

private func wire(_ message: Message) -> [UInt8] { message.slices.flatMap { Array($0.bytes) } }

extension OutboundQueue {
    fileprivate var bytes: [UInt8] {
        var all: [UInt8] = []
        forEachPiece {
            all += $0
            return true
        }
        return all
    }
}

/// One message of every shape: one and many frames, short and long headers, copied and shared, in one piece and many.
private let shapes: [Message] = {
    func frame(_ size: Int) -> Frame { Frame(Pattern.bytes(size, seed: size)) }
    let copied = Chunk.Size.copied
    return [
        Message(), "a", Message(frames: [frame(255)]), Message(frames: [frame(256)]),
        Message(frames: [frame(3), frame(0), frame(300)]), Message(frames: [frame(copied - 9)]),
        Message(frames: [frame(copied)]),
        Message(frames: [frame(copied + 1)]), Message(frames: [frame(copied + 5), frame(2)]),
        Message(frames: [frame(1), frame(copied + 2), frame(1), frame(copied + 3), frame(copied + 4), frame(0)]),
        Message(lending: UnsafeRawBufferPointer(start: nil, count: 0), release: {}),
        Message(frames: (0..<200).map { frame($0 % 5) }),
    ]
}()

@Suite(.hangLimit)
struct OutboundQueueTests {
    private func queue(_ messages: some Sequence<Message>) -> OutboundQueue {
        var queue = OutboundQueue(pool: ChunkPool())
        for message in messages { queue.append(message) }
        return queue
    }

    @Test("an empty queue has nothing to offer")
    func empty() {
        var queue = queue([])
        check(
            queue.isEmpty && queue.count == 0 && queue.byteCount == 0 && queue.isAtBoundary && queue.restOfMessage == 0
        )
        check(queue.bytes.isEmpty)
        check(queue.release(0) == 0)
        check(queue.takeBatches().isEmpty)
    }

    @Test("the queue's bytes are the messages' bytes, in order")
    func bytes() {
        let queue = queue(shapes + shapes.reversed())
        check(queue.count == shapes.count * 2)
        check(queue.bytes == (shapes + shapes.reversed()).flatMap(wire))
        check(queue.byteCount == queue.bytes.count)
    }

    @Test(
        "appending one frame's bytes is appending a message of one frame",
        arguments: [0, 1, 255, 256, 8191, 8192, 8193, 100_000]
    )
    func frames(size: Int) {
        let bytes = Pattern.bytes(size)
        var queue = queue([])
        for _ in 0..<20 { bytes.withUnsafeBytes { queue.append($0) } }
        check(queue.count == 20)
        check(queue.bytes == (0..<20).flatMap { _ in wire(Message(bytes)) })
    }

    @Test(
        "messages are counted exactly however many bytes leave at once, for each shape between two others",
        arguments: shapes.indices
    )
    func everyReleaseSize(shape: Int) {
        let messages: [Message] = ["before", shapes[shape], "after", shapes[shape], ["x", "y"]]
        let all = messages.flatMap(wire)
        let ends = messages.reduce(into: [0]) { $0.append($0.last! + $1.wireSize) }
        // Critical sizes: everything near a boundary of messages or frames, and some in between.
        let sizes = all.count < 1500 ? Array(0...all.count) : interesting(messages, all.count)
        for size in sizes {
            var queue = queue(messages)
            let gone = ends.count { $0 <= size } - 1
            check(queue.release(size) == gone)
            check(queue.count == messages.count - gone)
            check(queue.byteCount == all.count - size)
            check(queue.isAtBoundary == ends.contains(size))
            check(queue.restOfMessage == (ends.contains(size) ? 0 : ends.first { $0 > size }! - size))
            check(queue.bytes.elementsEqual(all[size...]))
            queue.rewind()
            check(queue.isAtBoundary)
            check(queue.bytes.elementsEqual(all[ends[gone]...]))
            var rest: [Message] = []
            for batch in queue.takeBatches() {
                var batch = batch
                while let message = batch.next() { rest.append(message) }
            }
            #expect(rest == Array(messages[gone...]))
            check(queue.isEmpty && queue.count == 0)
        }
    }

    private func interesting(_ messages: [Message], _ total: Int) -> [Int] {
        var places: Set<Int> = [0, total]
        var position = 0
        for message in messages {
            for frame in message {
                for near in -2...11 { places.insert(position + near) }
                position += FrameHeader.size(forBody: frame.count) + frame.count
                places.insert(position - frame.count / 2)
            }
        }
        return places.filter { (0...total).contains($0) }.sorted()
    }

    @Test("the queue does what a list does, for random appends and releases", arguments: 1...12)
    func model(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var queue = queue([])
        var model = QueueModel()
        let small = shapes.filter { $0.wireSize < 2000 }
        for _ in 0..<1500 {
            switch random.below(12) {
            case 0...4:
                let message = small[random.below(small.count)]
                queue.append(message)
                model.messages.append(wire(message))
            case 5:
                let bytes = Pattern.bytes(random.below(600), seed: random.below(100))
                bytes.withUnsafeBytes { queue.append($0) }
                model.messages.append(wire(Message(bytes)))
            case 6:
                let message = shapes[random.below(shapes.count)]
                queue.append(message)
                model.messages.append(wire(message))
            case 7:
                queue.rewind()
                model.sent = 0
            case 8 where random.below(20) == 0:
                let rest = queue.takeBatches().flatMap { batch in
                    var batch = batch
                    var messages: [[UInt8]] = []
                    while let message = batch.next() { messages.append(wire(message)) }
                    return messages
                }
                #expect(rest == model.messages)
                model = QueueModel()
            default:
                let size = min(model.byteCount, random.below(4) == 0 ? random.below(20_000) : random.below(700))
                check(queue.release(size) == model.release(size))
            }
            check(queue.count == model.messages.count)
            check(queue.byteCount == model.byteCount)
            check(queue.isAtBoundary == (model.sent == 0))
            check(queue.restOfMessage == (model.sent == 0 ? 0 : model.messages[0].count - model.sent))
        }
        check(queue.bytes == model.bytes)
    }

    #if DEBUG
        @Test(
            "however little is sent at once, each frame of a message is walked once",
            arguments: [100, 20_000, 200_000]
        )
        func work(frames: Int) {
            let message = Message(frames: (0..<frames).map { _ in Frame([7]) })
            var queue = queue(["before", message, "after"])
            while !queue.isEmpty { _ = queue.release(min(50, queue.byteCount)) }
            check(queue.framesWalked <= frames + 2)
            check(queue.count == 0)
        }
    #endif

    @Test("large messages are shared, and released when their last byte has been sent")
    func byReference() {
        let bytes = Pattern.bytes(100_000)
        bytes.withUnsafeBytes { bytes in
            nonisolated(unsafe) var released = 0
            var queue = queue([Message(lending: bytes, release: { released += 1 })])
            var pieces: [UnsafeRawBufferPointer] = []
            queue.forEachPiece {
                pieces.append($0)
                return true
            }
            #expect(pieces.count == 2 && pieces[1].baseAddress == bytes.baseAddress)
            check(queue.release(100_000) == 0)
            #expect(released == 0)
            check(queue.release(9) == 1)
            #expect(released == 1)
        }
    }

    /// A message that was read alone: in a chunk of 64 KiB, with bytes of others.
    private func readAlone(_ body: [UInt8]) -> Message {
        let message = Message(body)
        let chunk = Chunk(capacity: Chunk.Size.shared)
        message.write(to: chunk.base + 100)
        var batch = MessageBatch(chunk: chunk, start: 100, end: 100 + message.wireSize, count: 1)
        return batch.next()!
    }

    @Test(
        "forwarded messages that wait take at most about twice their size, in one piece or behind a routing id",
        arguments: [9000, 20_000, 40_000],
        [false, true]
    )
    func memory(size: Int, isRouted: Bool) {
        var queue = OutboundQueue(pool: ChunkPool())
        let prefix: [UInt8] = [1, 2, UInt8(ascii: "i"), UInt8(ascii: "d"), 1, 0]
        for number in 0..<100 {
            let message = readAlone(Pattern.bytes(size, seed: number))
            if isRouted {
                prefix.withUnsafeBytes { queue.append(prefix: $0, frames: 2, message) }
            } else {
                queue.append(message)
            }
        }
        let bytes = queue.byteCount
        let batches = queue.takeBatches()
        #expect(batches.reduce(0) { $0 + $1.byteCount } == bytes)
        // Up to 64 KiB wait as they are, in chunks of 64 KiB each.
        let kept = batches.reduce(0) { $0 + $1.chunk.capacity + $1.chunk.pieces.reduce(0) { $0 + $1.chunk.capacity } }
        #expect(kept <= 2 * bytes + (1 + Chunk.Size.shared / size) * Chunk.Size.shared)
        for (number, batch) in batches.enumerated() {
            var batch = batch
            #expect(batch.next()?.last.withUnsafeBytes { Array($0) } == Pattern.bytes(size, seed: number))
        }
    }

    @Test("discarding everything releases lent bytes, once")
    func removeAll() {
        let bytes = Pattern.bytes(50_000)
        bytes.withUnsafeBytes { bytes in
            nonisolated(unsafe) var released = 0
            var queue = queue([])
            queue.append(Message(frames: ["a", Frame(lending: bytes, release: { released += 1 }), "b"]))
            _ = queue.release(100)
            queue.removeAll()
            #expect(released == 1)
            check(queue.isEmpty && queue.isAtBoundary)
            queue.append("again" as Message)
            check(queue.bytes == wire("again"))
        }
    }

    @Test("a chunk whose messages have all been sent is refilled, unless one is still held", arguments: [false, true])
    func fullChunks(areHeld: Bool) {
        let pool = ChunkPool()
        var queue = OutboundQueue(pool: pool)
        while queue.byteCount < 3 * Chunk.Size.shared { queue.append(shapes[5]) }
        var filled: Set<UnsafeRawPointer> = []
        queue.forEachPiece {
            filled.insert($0.baseAddress!)
            return true
        }
        let held = areHeld ? queue.takeBatches() : []
        for batch in held { queue.append(batch) }
        _ = queue.release(queue.byteCount - 1)
        _ = queue.release(1)
        let taken = filled.map { _ in pool.take() }
        let again = taken.count { filled.contains($0.base) }
        withExtendedLifetime(held) { #expect(again == (areHeld ? 0 : filled.count)) }
    }

    @Test("pieces are offered until the recipient has enough")
    func someOfThePieces() {
        let queue = queue(shapes)
        var count = 0
        queue.forEachPiece { _ in
            count += 1
            return count < 3
        }
        #expect(count == 3)
    }
}
