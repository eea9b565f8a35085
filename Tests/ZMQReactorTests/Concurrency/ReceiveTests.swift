import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Receiving in tasks.
@Suite(.hangLimit)
struct ReceiveTests {
    @Test("messages arrive in a loop, and stay on the thread of the reactor", arguments: [Road.tcp, .inproc])
    func loop(road: Road) throws {
        try withScene { scene in
            let (pull, push, records) = (try scene.pull(), try scene.push { $0.sendHighWaterMark = 0 }, Recorder())
            try push.connect(pull.bind(road.endpoint))
            scene.task(records) { reactor in
                var expected = 0
                for try await message in pull.messages {
                    #expect(message.string == "\(expected)")
                    #expect(reactor.handle.isIsolatingCurrentContext() == true)
                    expected += 1
                    if expected == 3000 { break }
                }
                records.add("end")
            }
            for number in 0..<3000 { _ = try push.send("\(number)") }
            try scene.wait(for: 1, entriesOf: records)
            #expect(records.texts == ["end"])
            if road == .tcp, ioThreadsOfTests == 0 { #expect(scene.reactor.handle.wakeUps == 0) }
        }
    }

    @Test("several tasks are served in the order in which they began to wait")
    func order() throws {
        try withScene { scene in
            let (pull, push, records) = (try scene.pull(), try scene.push(), Recorder())
            try scene.connect(push, to: pull)
            for name in ["a", "b", "c"] {
                scene.task(records) { _ in
                    for _ in 0..<2 { records.add(name + (try await pull.receive()).string) }
                }
            }
            scene.turn()
            for number in 0..<6 { _ = try push.send("\(number)") }
            try scene.wait(for: 6, entriesOf: records)
            #expect(records.texts == ["a0", "b1", "c2", "a3", "b4", "c5"])
        }
    }

    @Test("a cancelled receive leaves the message in the queue")
    func cancelled() throws {
        try withScene { scene in
            let (pull, push, records) = (try scene.pull(), try scene.push(), Recorder())
            try scene.connect(push, to: pull)
            let first = scene.task(records) { _ in records.add((try await pull.receive()).string) }
            scene.task(records) { _ in records.add((try await pull.receive()).string) }
            scene.turn()
            first.cancel()
            _ = try push.send("x")
            try scene.wait(for: 2, entriesOf: records)
            #expect(records.texts == ["ECANCELED", "x"])

            // A task that is cancelled before it begins takes no message either.
            _ = try push.send("y")
            try scene.run(until: { pull.messagesWaiting == 1 })
            scene.task(records) { _ in records.add((try await pull.receive()).string) }.cancel()
            try scene.wait(for: 3, entriesOf: records)
            #expect(records.texts.last == "ECANCELED")
            #expect(try scene.receive(pull).text == "y")
        }
    }

    @Test("batches receive the available messages")
    func batches() throws {
        try withScene { scene in
            let (pull, push, records) = (try scene.pull(), try scene.push(), Recorder())
            try scene.connect(push, to: pull)
            scene.task(records) { _ in
                for _ in 0..<3 { records.add((try await pull.receive(upTo: 4)).map(\.string).joined()) }
            }
            scene.turn()
            for number in 0..<6 { _ = try push.send("\(number)") }
            try scene.wait(for: 2, entriesOf: records)
            #expect(records.texts == ["0123", "45"])
            _ = try push.send("6")
            try scene.wait(for: 3, entriesOf: records)
            #expect(records.texts.last == "6")
        }
    }

    @Test("a time limit ends a receive, and not too early")
    func limit() throws {
        try withScene { scene in
            let (pull, records) = (try scene.pull(), Recorder())
            let start = ContinuousClock.now
            scene.task(records) { _ in _ = try await pull.receive(within: .milliseconds(20)) }
            scene.task(records) { _ in _ = try await pull.receive(within: .zero) }
            try scene.wait(for: 2, entriesOf: records)
            #expect(records.texts == ["ETIMEDOUT", "ETIMEDOUT"])
            #expect(ContinuousClock.now - start >= .milliseconds(20))
        }
    }

    @Test("SND-01: a slow task holds the sender back, at the sum of the high-water marks", arguments: [1, 10])
    func backpressure(mark: Int) throws {
        try withTimedScene { scene in
            let pull = try scene.pull { $0.receiveHighWaterMark = mark }
            let push = try scene.push { $0.sendHighWaterMark = mark }
            let records = Recorder()
            try push.connect(pull.bind(Unique.inprocEndpoint()))
            let slow = scene.task(records) { reactor in
                for try await _ in pull.messages {
                    records.add("one")
                    try await reactor.sleep(for: .seconds(1000))
                }
            }
            _ = try push.send("taken")
            try scene.wait(for: 1, entriesOf: records)
            var accepted = 0
            for _ in 0..<5 {
                accepted += try push.fill(with: Message("x"))
                scene.settle(.milliseconds(2))
            }
            #expect((mark...2 * mark).contains(accepted))
            #expect(records.texts == ["one"])
            slow.cancel()
            scene.turn()
        }
    }

    @Test("a slow task stops the reading of the descriptor")
    func readingStops() throws {
        try withTimedScene { scene in
            let pull = try scene.pull { $0.receiveHighWaterMark = 10 }
            let push = try scene.push { $0.sendHighWaterMark = 10 }
            let records = Recorder()
            try scene.connect(push, to: pull)
            let body = [UInt8](repeating: 1, count: 100_000)
            scene.task(records) { _ in records.add("\((try await pull.receive()).byteCount)") }
            _ = try push.send(body)
            try scene.wait(for: 1, entriesOf: records)
            // The system's buffers accept some, and then nothing moves.
            var (sent, idle) = (0, 0)
            while idle < 20 {
                let now = try push.fill(with: Message(body))
                (sent, idle) = (sent + now, now == 0 ? idle + 1 : 0)
                scene.settle(.milliseconds(5))
            }
            #expect(pull.messagesWaiting == 10)
            #expect(push.messagesQueued > 0)
            #expect(sent < 1000)
            // All messages are available to a later receive.
            let count = sent
            scene.task(records) { _ in
                for _ in 0..<count { _ = try await pull.receive() }
                records.add("all")
            }
            try scene.wait(for: 2, entriesOf: records)
        }
    }

    @Test("a socket with a handler cannot be received from by a task")
    func handlerTraps() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let (reactor, context) = (try Reactor(), Context())
            let pull = try PullSocket(on: reactor, in: context) { _, _ in }
            reactor.task { _ in _ = try await pull.receive() }
            reactor.run(.nowait)
            reactor.run(.nowait)
        }
        let advice = text(result?.standardErrorContent)
        #expect(advice.contains("Make it without one"))
    }
}

/// The bytes that a process has written.
func text(_ bytes: [UInt8]?) -> String { String(decoding: bytes ?? [], as: UTF8.self) }
