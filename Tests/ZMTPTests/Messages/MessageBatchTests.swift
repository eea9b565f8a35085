import Testing
import ZMQReactorTestSupport

@testable import ZMTP

struct MessageBatchTests {
    @Test("messages are removed from the front of a batch, one by one")
    func messages() {
        let messages: [Message] = [
            "a", Message(), ["x", "", Frame(Pattern.bytes(300))], Message(frames: (0..<200).map { Frame("\($0)") }),
            "end",
        ]
        let size = messages.reduce(0) { $0 + $1.wireSize }
        let chunk = Chunk(capacity: size + 10)
        var end = 5
        for message in messages {
            message.write(to: chunk.base + end)
            end += message.wireSize
        }
        var batch = MessageBatch(chunk: chunk, start: 5, end: end, count: messages.count)
        #expect(batch.byteCount == size)
        for message in messages {
            #expect(!batch.isEmpty)
            let next = batch.next()
            #expect(next == message)
            #expect(next?.chunk === chunk, "nothing is copied")
        }
        #expect(batch.isEmpty && batch.byteCount == 0 && batch.next() == nil)
    }

    @Test("a message of several pieces is a batch of its own")
    func pieces() {
        let message: Message = ["a", Frame(Pattern.bytes(20_000)), "b", Frame(Pattern.bytes(9000))]
        var batch = MessageBatch(message)
        #expect(batch.count == 1)
        #expect(batch.byteCount == message.wireSize)
        #expect(batch.takeFirst(0).isEmpty && batch.count == 1)
        #expect(batch.next() == message)
        #expect(batch.next() == nil)
    }
}
