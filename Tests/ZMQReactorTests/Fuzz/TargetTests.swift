import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor
@testable import ZMTP

/// What the targets of whole connections find.
@Suite struct TargetTests {
    @Test("a message that is torn, comes twice, or before an earlier one")
    func sentMessages() {
        var sent = SentMessages()
        for message in [[[1]], [[2], [3]], [[4]]] as [[[UInt8]]] { sent.add(message, from: 0) }
        sent.add([[9]], from: 1)
        sent.allow([[7]])
        #expect(sent.fault(in: [[[9]], [[1]], [[7]], [[4]]]) == nil)
        #expect(sent.fault(in: [[[2]]]) == "a message that nothing has sent: [[2]]")
        #expect(sent.fault(in: [[[1]], [[1]]]) == "a message came 2 times: [[1]]")
        #expect(sent.fault(in: [[[7]], [[7]]]) == "a message came 2 times: [[7]]")
        #expect(sent.fault(in: [[[4]], [[9]], [[1]]]) == "a message came behind a later one: [[1]]")
    }

    @Test("the messages in the bytes of each version, up to what may be refused")
    func wireReader() {
        let three = Wire.greeting() + Wire.ready("PUSH")
        let two = Wire.message([1], [2, 3]) + Wire.longFrame([4])
        let messages: [[[UInt8]]] = [[[1], [2, 3]], [[4]]]
        #expect(WireReader(three + two).messages == messages)
        #expect(WireReader(Wire.greeting2(type: 8) + two).messages == messages)
        #expect(
            WireReader(Wire.anonymous1 + Wire.message1([1], [2, 3]) + [0] + Wire.message1([4])).messages == messages
        )
        #expect(WireReader(three + Wire.message([1], [2, 3]) + [0, 5, 1]).messages == [messages[0]])
        let refused = WireReader(three + two + Wire.error("x") + two)
        #expect(refused.soundCount == 2 && refused.fault?.hasPrefix("ERROR") == true)
        #expect(WireReader(three + two + [5, 0]).fault?.hasPrefix("flags 5") == true)
        let topics = Wire.command("SUBSCRIBE", [8]) + Wire.message([0, 8], [1])
        #expect(WireReader(three + topics, takesSubscriptions: true).messages == [[[1, 8]], [[0, 8]]])
        #expect(WireReader(three + topics).messages == [[[0, 8], [1]]])
    }

    @Test("a chunk that is kept, a timer, a reactor")
    func leftovers() {
        var chunk: Chunk?
        var reactor: Reactor?
        #expect(TargetScene.run { _ in nil } == nil)
        #expect(TargetScene.run { _ in "a fault" } == "a fault")
        let withChunk = TargetScene.run {
            chunk = ChunkPool.of($0.reactor).take()
            return nil
        }
        #expect(chunk != nil && withChunk == "the scene leaves 1 buffer that messages refer to")
        let withTimer = TargetScene.run {
            $0.reactor.every(.seconds(1)) { _ in }
            return nil
        }
        #expect(withTimer == "the scene leaves 1 timer")
        let withReactor = TargetScene.run {
            reactor = $0.reactor
            return nil
        }
        #expect(reactor != nil && withReactor == "the reactor is left")
    }

    @Test(
        "no input of the corpus leaves a descriptor",
        arguments: ["connection", "connection-life", "websocket-connection"]
    )
    func descriptors(name: String) async {
        await #expect(processExitsWith: .success) { [name] in
            guard let target = FuzzTarget.reactor.first(where: { $0.name == name }) else {
                throw TestFailure("there is no target \(name)")
            }
            let entries = try Corpus.entries(of: name)
            // What is opened once, and stays.
            _ = target.run(entries[0].bytes)
            let before = ProcessResources.openDescriptors()
            for entry in entries {
                _ = target.run(entry.bytes)
                // The runner of the tests opens some for a moment.
                try waitUntil("the descriptors of \(entry) to be closed") {
                    ProcessResources.openDescriptors().allSatisfy { before[$0.key] != nil }
                }
            }
        }
    }
}
