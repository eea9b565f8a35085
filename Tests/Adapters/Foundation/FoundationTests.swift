import EventReactor
import Foundation
import Testing
import ZMQReactor
import ZMQReactorFoundation
import ZMQReactorTestSupport
import ZMQReactorTesting

/// `Data`, and values as JSON.
@Suite(.hangLimit)
struct FoundationTests {
    private struct Reading: Codable, Equatable {
        var sensor: String
        var value: Double
    }
    private struct Question: Codable { var number: Int }

    @Test("Data becomes a frame and a message, and comes back")
    func data() {
        let data = Data((0..<300).map { UInt8(truncatingIfNeeded: $0) })
        #expect(Frame(data).data == data && Data(Frame(data)) == data && Message(data)[0].data == data)
        #expect(Message(Data())[0].isEmpty && Frame().data.isEmpty)
        // A slice does not begin at 0.
        #expect(Message(data[10..<20])[0].data == data[10..<20])
    }

    @Test("a value comes back; what a stranger sends is an error, and no more")
    func json() throws {
        let reading = Reading(sensor: "a", value: 1.5)
        var message = try Message(encoding: reading)
        #expect(try message.decode(Reading.self) == reading)
        message.prepend("topic")
        #expect(try message.decode() == reading && message.decode(frame: 1) == reading)
        #expect(throws: DecodingError.self) { try message.decode(Reading.self, frame: 0) }
        #expect(throws: ZMQError.self) { try message.decode(Reading.self, frame: 2) }
        #expect(throws: ZMQError.self) { try message.decode(Reading.self, frame: -1) }
        let nested = String(repeating: "[", count: 100_000)
        for text in ["", "{", "{}", "null", "{\"sensor\": 1}", "\u{0}", nested] {
            #expect(throws: DecodingError.self) { try Message(text).decode(Reading.self) }
        }
    }

    @Test("sockets send values, a client makes typed requests, and handlers may throw")
    func sockets() throws {
        try withTestScene { scene in
            var errors = 0
            scene.reactor.onError = { error, _ in errors += error is DecodingError ? 1 : 100 }
            var received: [Reading] = []
            let pull = try PullSocket(on: scene.reactor, in: scene.context) { _, message in
                received.append(try message.decode())
            }
            let push = try PushSocket(on: scene.reactor, in: scene.context)
            try push.connect(pull.bind("inproc://readings"))
            try scene.run(until: { push.peerCount == 1 })
            let reading = Reading(sensor: "b", value: -2)
            #expect(try push.send(encoding: reading) == .accepted)
            #expect(try push.send(Data("nonsense".utf8)) == .accepted)
            scene.reactor.task { _ in try await push.sendWhenReady(encoding: reading) }
            let handle = push.handle
            scene.reactor.task { _ in try await handle.sendWhenReady(encoding: reading) }
            try scene.run(until: { received.count == 3 && errors == 1 })
            #expect(received.allSatisfy { $0 == reading })

            let rep = try RepSocket(on: scene.reactor, in: scene.context) { _, request, reply in
                try reply.send(encoding: request.decode(Question.self).number * 2)
            }
            let dealer = try DealerSocket(on: scene.reactor, in: scene.context)
            try dealer.connect(rep.bind("inproc://double"))
            let client = RequestClient(using: dealer)
            var answer = 0
            scene.reactor.task { _ in answer = try await client.request(encoding: Question(number: 21)) }
            try scene.run(until: { answer == 42 })
        }
    }
}
