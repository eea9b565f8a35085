import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Sending in tasks.
@Suite(.hangLimit)
struct SendTests {
    @Test("a send waits at the high-water mark, and tasks get room in the order in which they began to wait")
    func order() throws {
        try withScene { scene in
            let (push, records) = (try scene.push { $0.sendHighWaterMark = 2 }, Recorder())
            for name in ["a", "b", "c", "d"] {
                scene.task(records) { _ in
                    for number in 0..<3 {
                        try await push.sendWhenReady("\(name)\(number)")
                        records.add("\(name)\(number)")
                    }
                }
            }
            scene.turn()
            #expect(records.texts.isEmpty, "there is no peer")
            let pull = try scene.pull()
            try pull.connect(push.bind(anyPort))
            let received = try scene.receive(12, pull)
            try scene.wait(for: 12, entriesOf: records)
            #expect(received == records.texts)
            #expect(received.prefix(4) == ["a0", "b0", "c0", "d0"] || Set(received.map { $0.first! }).count == 4)
            for name in "abcd" {
                #expect(received.filter { $0.first == name } == (0..<3).map { "\(name)\($0)" })
            }
        }
    }

    @Test("a cancelled send has not been accepted; an accepted one cannot be cancelled")
    func cancelled() throws {
        try withTimedScene { scene in
            let (push, records) = (try scene.push(), Recorder())
            let waiting = scene.task(records) { _ in try await push.sendWhenReady("never") }
            let next = scene.task(records) { _ in
                try await push.sendWhenReady("sent")
                records.add("accepted")
            }
            scene.turn()
            waiting.cancel()
            try scene.wait(for: 1, entriesOf: records)
            #expect(records.texts == ["ECANCELED"])

            // There is room, the task has been granted its turn, and is cancelled before it runs: it sends.
            let pull = try scene.pull()
            try pull.connect(push.bind(scene.anyEndpoint))
            try scene.run(until: { !push.balancer.isBlocked })
            next.cancel()
            try scene.wait(for: 2, entriesOf: records)
            #expect(records.texts.last == "accepted" || records.texts.last == "ECANCELED")
            let isAccepted = records.texts.last == "accepted"
            #expect(try scene.receiveAll(pull) == (isAccepted ? ["sent"] : []))

            scene.task(records) { _ in try await push.sendWhenReady("never") }.cancel()
            try scene.wait(for: 3, entriesOf: records)
            #expect(records.texts.last == "ECANCELED")
            #expect(try scene.receiveAll(pull).isEmpty)
        }
    }

    @Test("a cancellation after the turn is granted does not undo it")
    func cancelledTooLate() throws {
        try withScene { scene in
            let queue = WaiterQueue()
            let records = Recorder()
            let task = scene.task(records) { reactor in
                let waiter = try await queue.wait(on: reactor, atFront: false, until: nil)
                queue.leave(waiter)
                records.add("granted")
            }
            scene.turn()
            queue.grantNext()
            task.cancel()
            try scene.wait(for: 1, entriesOf: records)
            #expect(records.texts == ["granted"])
            #expect(queue.isFree)
        }
    }

    @Test("a mandatory ROUTER waits for room in the peer's queue")
    func router() throws {
        try withTimedScene { scene in
            let router = try scene.router { $0.sendHighWaterMark = 2 }
            router.isMandatory = true
            let dealer = try scene.dealer { $0.receiveHighWaterMark = 2 }
            let records = Recorder()
            try dealer.setRoutingID("D")
            try dealer.connect(router.bind(Unique.inprocEndpoint()))
            try scene.wait("the peer") { router.peer("D") != nil && dealer.peerCount == 1 }
            scene.task(records) { _ in
                for number in 0..<20 { try await router.sendWhenReady(Message("\(number)"), to: "D") }
                records.add("all")
            }
            scene.settle(.milliseconds(5))
            #expect(records.texts.isEmpty)
            #expect(try scene.receive(20, dealer) == (0..<20).map { "\($0)" })
            try scene.wait(for: 1, entriesOf: records)
            scene.task(records) { _ in try await router.sendWhenReady(Message("x"), to: "absent") }
            try scene.wait(for: 2, entriesOf: records)
            #expect(records.texts == ["all", "EHOSTUNREACH"])
        }
    }

    @Test("an echo over STREAM, with queues of two messages")
    func stream() throws {
        try withScene { scene in
            let server = scene.track(
                try StreamSocket(
                    on: scene.reactor,
                    in: scene.context,
                    options: Scene.options { $0.sendHighWaterMark = 2 }
                )
            )
            let client = scene.track(
                try StreamSocket(
                    on: scene.reactor,
                    in: scene.context,
                    options: Scene.options { $0.sendHighWaterMark = 2 }
                )
            )
            let records = Recorder()
            let endpoint = try server.bind(anyPort)
            try client.connect(endpoint)
            let id = try #require(client.routingID(of: endpoint))
            scene.task(records) { _ in
                for try await message in server.messages where message[1].count > 0 {
                    try await server.sendWhenReady(message)
                }
            }
            let body = [UInt8](repeating: 9, count: 50_000)
            scene.task(records) { _ in
                for _ in 0..<50 { try await client.sendWhenReady(Message(frames: [id, Frame(body)])) }
            }
            scene.task(records) { _ in
                var count = 0
                while count < 50 * body.count { count += (try await client.receive())[1].count }
                records.add("\(count)")
            }
            try scene.wait(for: 1, entriesOf: records)
            #expect(records.texts == ["\(50 * body.count)"])
        }
    }
}
