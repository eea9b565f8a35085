import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor
@testable import ZMTP

@Suite(.hangLimit)
struct InboundQueueTests {
    /// A run of messages in its own chunk, behind foreign bytes.
    private func batch(_ messages: [Message], of subscription: Subscription? = nil) -> MessageBatch {
        let size = messages.reduce(0) { $0 + $1.wireSize }
        let chunk = Chunk(capacity: Chunk.Size.shared + size)
        var end = 100
        for message in messages {
            message.write(to: chunk.base + end)
            end += message.wireSize
        }
        return MessageBatch(of: subscription, chunk: chunk, start: 100, end: end, count: messages.count)
    }

    @Test("first in, first out, whatever the sizes of messages and batches", arguments: 1...8)
    func order(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var queue = InboundQueue()
        var model: [Message] = []
        for number in 0..<600 {
            if random.below(2) == 0 {
                let messages = (0..<1 + random.below(4)).map { _ -> Message in
                    let size = random.below(10) == 0 ? random.below(20_000) : random.below(200)
                    return Message(frames: [Frame("\(number)"), Frame(Pattern.bytes(size, seed: number))])
                }
                // A message in several pieces is a run of its own.
                if messages.count == 1 {
                    queue.append(MessageBatch(messages[0]))
                } else {
                    queue.append(batch(messages))
                }
                model += messages
            } else {
                for _ in 0..<random.below(4) {
                    check(queue.next() == (model.isEmpty ? nil : model.removeFirst()))
                }
            }
            check(queue.count == model.count)
            check(queue.isEmpty == model.isEmpty)
        }
        while let message = queue.next() { #expect(message == model.removeFirst()) }
        #expect(model.isEmpty)
    }

    @Test("subscriptions, cancellations and messages are known for what they are, however close they lie")
    func subscriptions() throws {
        let kinds: [Subscription?] = [nil, .subscribe, .subscribe, .cancel, nil, nil, .cancel, .subscribe]
        var queue = InboundQueue()
        // Of the same form: what they are does not depend on their bytes.
        for number in kinds.indices { queue.append(batch([Message([1, UInt8(number)])], of: kinds[number])) }
        let large = Message(frames: [Frame(Pattern.bytes(20_000, seed: 1))])
        queue.append(MessageBatch(PeerCommand(.subscribe, as: large)))
        for (number, kind) in kinds.enumerated() {
            let next = queue.nextBatch()
            var batch = try #require(next)
            #expect(batch.subscription == kind && batch.count == 1)
            #expect(batch.next() == Message([1, UInt8(number)]))
        }
        let next = queue.nextBatch()
        var last = try #require(next)
        #expect(last.subscription == .subscribe)
        #expect(last.next() == large)
        check(queue.isEmpty && queue.byteCount == 0)
        let none = queue.nextBatch()
        #expect(none == nil)
    }

    @Test("a small batch is copied, so that it does not hold the chunk into which it was read")
    func smallRunsAreCopied() {
        var queue = InboundQueue()
        weak var chunk: Chunk?
        do {
            let batch = batch(["small", "messages"])
            chunk = batch.chunk
            queue.append(batch)
        }
        #expect(chunk == nil)
        check(queue.next() == "small")
        check(queue.next() == "messages")
        check(queue.next() == nil)
    }

    @Test("small batches are stored side by side: a thousand messages that arrive one by one take little memory")
    func sideBySide() {
        var queue = InboundQueue()
        for number in 0..<1000 { queue.append(batch([Message("\(number % 10)")])) }
        var chunks: Set<ObjectIdentifier> = []
        var messages: [Message] = []
        while let message = queue.next() {
            chunks.insert(ObjectIdentifier(message.chunk))
            messages.append(message)
        }
        #expect(messages.map(\.string) == (0..<1000).map { "\($0 % 10)" })
        // 3 KiB of messages: arenas of 1, 2 and 4 KiB.
        #expect(chunks.count <= 3)
        #expect(Set(messages.map { $0.chunk.capacity }).max()! <= 4096)
    }

    @Test("a batch that takes most of its chunk is not copied, and is released when its last message has been taken")
    func largeBatches() {
        var queue = InboundQueue()
        weak var chunk: Chunk?
        do {
            let batch = batch((0..<10).map { Message(Pattern.bytes(8000, seed: $0)) })
            chunk = batch.chunk
            queue.append(batch)
        }
        #expect(chunk != nil)
        for number in 0..<10 { check(queue.next() == Message(Pattern.bytes(8000, seed: number))) }
        #expect(chunk == nil)
    }

    @Test(
        "waiting messages take at most about twice their size, whatever the size of the batches",
        arguments: [1, 100, 9000, 33_000, 200_000]
    )
    func memory(size: Int) {
        var queue = InboundQueue()
        for number in 0..<100 { queue.append(batch([Message(Pattern.bytes(size, seed: number))])) }
        let bytes = queue.byteCount
        var chunks: [ObjectIdentifier: Chunk] = [:]
        while let message = queue.next() { chunks[ObjectIdentifier(message.chunk)] = message.chunk }
        #expect(chunks.values.reduce(0) { $0 + $1.capacity } <= 2 * bytes + 2048)
    }

    @Test("a message in pieces is copied as well when they keep far more than they are")
    func pieces() {
        var queue = InboundQueue()
        let prefix: [UInt8] = [1, 2, UInt8(ascii: "i"), UInt8(ascii: "d")]
        for number in 0..<100 {
            var alone = batch([Message(Pattern.bytes(9000, seed: number))])
            let message = prefix.withUnsafeBytes { Message(prefix: $0, frames: 1, alone.next()!) }
            queue.append(MessageBatch(message))
        }
        let bytes = queue.byteCount
        var chunks: [ObjectIdentifier: Chunk] = [:]
        for number in 0..<100 {
            guard let message = queue.next() else { break }
            for chunk in [message.chunk] + message.chunk.pieces.map(\.chunk) { chunks[ObjectIdentifier(chunk)] = chunk }
            #expect(
                message.count == 2 && message.last.withUnsafeBytes { Array($0) } == Pattern.bytes(9000, seed: number)
            )
        }
        check(queue.isEmpty)
        #expect(chunks.values.reduce(0) { $0 + $1.capacity } <= 2 * bytes + 2048)
    }

    @Test("taken messages stay valid while the queue is used further")
    func takenMessagesStay() {
        var queue = InboundQueue()
        var taken: [Message] = []
        for number in 0..<5000 {
            queue.append(batch([Message("\(number)")]))
            taken.append(queue.next()!)
        }
        #expect(taken.map(\.string) == (0..<5000).map(String.init))
    }

    @Test("an empty batch has no effect, and a discarded queue is empty")
    func emptiness() {
        var queue = InboundQueue()
        queue.append(MessageBatch(chunk: Chunk(capacity: 1), start: 0, end: 0, count: 0))
        check(queue.isEmpty)
        queue.append(batch(["a", "b"]))
        queue.removeAll()
        check(queue.isEmpty && queue.count == 0 && queue.next() == nil)
        queue.append(batch(["c"]))
        check(queue.next() == "c")
    }
}
