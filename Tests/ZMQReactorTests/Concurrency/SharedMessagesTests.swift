import EventReactor
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Messages of a socket in tasks of other executors.
@Suite(.hangLimit)
struct SharedMessagesTests {
    @Test(
        "tasks of the pool get every message once; a slow one holds the sender back",
        arguments: [Road.tcp, .inproc],
        [0, 1]
    )
    func backpressure(road: Road, ioThreads: Int) async throws {
        let (count, context) = (5000, Context(ioThreads: ioThreads))
        let (source, sink) = (try Reactor.start(), try Reactor.start())
        let (messages, endpoint) = try await sink.handle.run { reactor in
            var options = SocketOptions()
            options.receiveHighWaterMark = 10
            let pull = try PullSocket(on: reactor, in: context, options: options)
            let endpoint = try pull.bind(road.endpoint)
            return (pull.sharedMessages(bufferingUpTo: 20), endpoint)
        }
        let sender = try await source.handle.run { reactor in
            var options = SocketOptions()
            options.sendHighWaterMark = 10
            let push = try PushSocket(on: reactor, in: context, options: options)
            try push.connect(endpoint)
            return push.handle
        }
        let sending = Task { for number in 0..<count { try await sender.sendWhenReady(Message("\(number)")) } }
        // The buffer fills, and no further.
        while messages.count < 20 { try await Task.sleep(for: .milliseconds(1)) }
        let received = try await withThrowingTaskGroup(of: [Int].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    var numbers: [Int] = []
                    while let message = try? await messages.receive() {
                        #expect(messages.count <= 20)
                        guard let number = message[0].decimal else { break }
                        numbers.append(number)
                    }
                    return numbers
                }
            }
            try await sending.value
            for _ in 0..<4 { try await sender.sendWhenReady("end") }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(received.sorted() == Array(0..<count))
        for thread in [source, sink] {
            thread.stop()
            await thread.join()
        }
        await #expect(throws: ZMQError.self) { try await messages.receive() }
    }

    @Test("the loop is woken when half of the buffer has been taken; order is kept")
    func order() throws {
        try withVirtualScene { scene in
            let (push, pull) = (try scene.push(), try scene.pull { $0.receiveHighWaterMark = 3 })
            let messages = pull.sharedMessages(bufferingUpTo: 4)
            try scene.connect(push, to: pull)
            for number in 0..<20 { try #expect(push.send("\(number)") == .accepted) }
            scene.settle()
            #expect(messages.count == 4)
            var received: [String] = []
            while let message = try messages.tryReceive() {
                received.append(message.string)
                if received.count == 1 {
                    scene.settle()
                    #expect(messages.count == 3)
                }
                if received.count == 2 {
                    scene.settle()
                    #expect(messages.count == 4)
                }
                scene.settle(.milliseconds(1))
            }
            #expect(received == (0..<20).map { "\($0)" })
        }
    }

    @Test("a cancelled task takes no message; those that wait are served in order")
    func cancelling() throws {
        try withVirtualScene { scene in
            let (push, pull, records) = (try scene.push(), try scene.pull(), Recorder())
            let messages = pull.sharedMessages()
            try scene.connect(push, to: pull)
            let tasks = (0..<3).map { number in
                scene.task(records) { _ in records.add("\(number):\(try await messages.receive().string)") }
            }
            scene.turn()
            tasks[1].cancel()
            try scene.wait(for: 1, entriesOf: records)
            for text in ["a", "b", "c"] { try #expect(push.send(text) == .accepted) }
            try scene.wait(for: 3, entriesOf: records)
            #expect(records.texts == ["ECANCELED", "0:a", "2:b"])
            let late = scene.task(records) { _ in records.add(try await messages.receive()) }
            late.cancel()
            scene.turn()
            try scene.wait("the third") { messages.count == 1 }
            #expect(try messages.tryReceive()?.string == "c")
        }
    }

    @Test("what is in the buffer when the socket closes is delivered, then the error")
    func closing() throws {
        try withVirtualScene { scene in
            let (push, pull, records) = (try scene.push(), try scene.pull(), Recorder())
            let messages = pull.sharedMessages()
            try scene.connect(push, to: pull)
            try #expect(push.send("last") == .accepted)
            try scene.wait("it") { messages.count == 1 }
            try scene.close(pull)
            scene.task(records) { _ in for try await message in messages { records.add(message) } }
            try scene.wait(for: 2, entriesOf: records)
            #expect(records.texts == ["last", "ENOTSOCK"])
            #expect(throws: ZMQError.self) { try pull.sharedMessages().tryReceive() }
        }
    }

    @Test("a ROUTER's messages carry the routing id")
    func router() throws {
        try withVirtualScene { scene in
            let router = try scene.router()
            let messages = router.sharedMessages()
            let dealer = try scene.dealer(named: "me", to: router)
            try #expect(dealer.send("x") == .accepted)
            try scene.wait("it") { messages.count == 1 }
            #expect(try messages.tryReceive() == ["me", "x"])
        }
    }
}
