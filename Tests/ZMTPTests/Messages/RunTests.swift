import Testing
import ZMQReactorTestSupport

@testable import ZMTP

struct RunTests {
    @Test("messages are removed from the front of a run, one by one")
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
        var run = Run(chunk: chunk, start: 5, end: end, count: messages.count)
        #expect(run.byteCount == size)
        for message in messages {
            #expect(!run.isEmpty)
            let next = run.next()
            #expect(next == message)
            #expect(next?.chunk === chunk, "nothing is copied")
        }
        #expect(run.isEmpty && run.byteCount == 0 && run.next() == nil)
    }

    @Test("a message of several pieces is a run of its own")
    func pieces() {
        let message: Message = ["a", Frame(Pattern.bytes(20_000)), "b", Frame(Pattern.bytes(9000))]
        var run = Run(message)
        #expect(run.count == 1)
        #expect(run.byteCount == message.wireSize)
        #expect(run.next() == message)
        #expect(run.next() == nil)
    }
}
