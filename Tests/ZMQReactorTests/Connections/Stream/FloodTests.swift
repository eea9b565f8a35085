import Testing
import ZMQReactorTestSupport

@testable import EventReactor
@testable import ZMQReactor

/// Peers that send as fast as they can, and one with a single message.
///
/// Everything is there before the reactor runs, so that the messages ahead of that one can be counted. A Unix domain
/// socket has its data as soon as it is written.
@Suite(.hangLimit)
struct FloodTests {
    /// Counts the messages of the flood before the single message, and after it.
    private final class Counter {
        var flood = 0
        var ahead: Int?
        func take(_ isFlood: Bool) { if isFlood { flood += 1 } else { ahead = flood } }
    }

    private func flooders(_ count: Int, of socket: Socket, as type: String, _ scene: Scene) throws -> [RawPeer] {
        try (0..<count).map { _ in try scene.rawPeer(type, of: socket) }
    }

    @Test("tiny messages of four peers: a fifth peer waits for no more than the budget of each")
    func tinyMessages() throws {
        try withScene(in: Context()) { scene in
            let counter = Counter()
            let pull = try scene.pull { counter.take($1.byteCount == 0) }
            try pull.bind(Road.ipc.endpoint)
            let flooders = try flooders(4, of: pull, as: "PUSH", scene)
            let good = try scene.rawPeer("PUSH", of: pull)
            // As many as one read takes.
            for flooder in flooders { #expect(flooder.send(Wire.zeros(60_000)) == 60_000) }
            good.send(message: [1])
            try scene.wait("the message") { counter.ahead != nil }
            #expect(counter.ahead! <= 4 * WorkBudget.pieces)
            try scene.wait("all messages") { counter.flood == 4 * 30_000 }
            #expect(pull.statistics.messagesReceived == 4 * 30_000 + 1)
        }
    }

    @Test("each turn first finishes the input already read")
    func restFirst() throws {
        try withScene(in: Context()) { scene in
            var numbers: [UInt8] = []
            let pull = try scene.pull { numbers += Array($1[0]) }
            try pull.bind(Road.ipc.endpoint)
            let flooder = try scene.rawPeer("PUSH", of: pull)
            let bytes = (0..<100_000).flatMap { number -> [UInt8] in [0, 1, UInt8(number % 256)] }
            var sent = 0
            var most = 0
            while numbers.count < 100_000 {
                // More arrives all the time.
                if sent < bytes.count { sent += max(flooder.send(Array(bytes[sent...].prefix(20_000))), 0) }
                let before = numbers.count
                scene.reactor.run(.nowait)
                most = max(most, numbers.count - before)
            }
            #expect(most <= WorkBudget.pieces)
            #expect(numbers.enumerated().allSatisfy { Int($1) == $0 % 256 })
        }
    }

    @Test("handlers that take a millisecond: a peer with a thousand messages delays the others by a few of them")
    func slowHandler() throws {
        let clock = ManualClock()
        try withScene(in: Context(), clock: clock) { scene in
            let counter = Counter()
            let pull = try scene.pull {
                clock.advance(by: .milliseconds(1))
                counter.take($1.byteCount == 0)
            }
            try pull.bind(Road.ipc.endpoint)
            let flooder = try scene.rawPeer("PUSH", of: pull)
            let good = try scene.rawPeer("PUSH", of: pull)
            flooder.send(Wire.zeros(2000))
            good.send(message: [1])
            try scene.wait("the message") { counter.ahead != nil }
            // The size of its first portion, and a second one to measure.
            #expect(counter.ahead! <= 32)
            for _ in 0..<3 {
                let before = counter.flood
                good.send(message: [1])
                counter.ahead = nil
                try scene.wait("the message") { counter.ahead != nil }
                #expect(counter.ahead! - before <= 4)
            }
            try scene.wait("all messages") { counter.flood == 1000 }
        }
    }

    @Test("PINGs are answered in portions")
    func pings() throws {
        try withScene(in: Context()) { scene in
            let pull = try scene.pull()
            try pull.bind(Road.ipc.endpoint)
            let flooder = try scene.rawPeer("PUSH", of: pull)
            let (ping, pong) = (Wire.command("PING", [0, 0]), Wire.command("PONG", []))
            flooder.send((0..<6000).flatMap { _ in ping })
            var pongs = 0
            while pongs < 6000 {
                scene.reactor.run(.nowait)
                flooder.poll()
                #expect(flooder.received.count <= 2 * WorkBudget.pieces * pong.count)
                pongs += flooder.received.count / pong.count
                flooder.received = []
            }
        }
    }

    @Test("subscriptions of one peer are handled in portions, so that another's is not late", arguments: [0, 1])
    func subscriptions(minor: UInt8) throws {
        try withScene(in: Context()) { scene in
            let counter = Counter()
            let recorder = Recorder()
            recorder.onSubscribe = { _, _, topic in counter.take(topic.count > 0) }
            let xpub = try scene.xpub(handler: recorder)
            try xpub.bind(Road.ipc.endpoint)
            let flooder = try scene.rawPeer("SUB", of: xpub, minor: minor)
            let good = try scene.rawPeer("SUB", of: xpub, minor: minor)
            let flood = (0..<4000).flatMap { number -> [UInt8] in
                let topic = [UInt8(number >> 8), UInt8(number & 255)]
                return minor == 0 ? Wire.message([1] + topic) : Wire.command("SUBSCRIBE", topic)
            }
            flooder.send(flood)
            good.send(message: [1])
            try scene.wait("the subscription") { counter.ahead != nil }
            #expect(counter.ahead! <= WorkBudget.pieces)
            try scene.wait("all subscriptions") { xpub.topicCount == 4001 }
        }
    }

    @Test("a flood from a peer in the program leaves others their turns, too", .nothingMovesByItself)
    func inproc() throws {
        try withScene { scene in
            let counter = Counter()
            let pull = try scene.pull { counter.take($1.byteCount == 0) }
            let pushes = try (0..<5).map { _ in try scene.push { $0.sendHighWaterMark = 0 } }
            for push in pushes { try scene.join(push, to: pull) }
            for push in pushes.dropLast() { for _ in 0..<20_000 { #expect(try push.send("") == .accepted) } }
            #expect(try pushes.last!.send("x") == .accepted)
            try scene.wait("the message") { counter.ahead != nil }
            #expect(counter.ahead! <= 2 * 4 * WorkBudget.pieces)
            try scene.wait("all messages") { counter.flood == 80_000 }
        }
    }

    @Test(
        "queued messages are delivered to a slow handler in portions",
        .nothingMovesByItself,
        arguments: [Road.ipc, .inproc]
    )
    func drain(over road: Road) throws {
        let clock = ManualClock()
        try withScene(in: Context(), clock: clock) { scene in
            var count = 0
            let pull = try scene.pull { _, _ in
                clock.advance(by: .milliseconds(1))
                count += 1
            }
            let push = try scene.push()
            try pull.bind(road.endpoint)
            try push.connect(pull.lastEndpoint!)
            for _ in 0..<10 { scene.reactor.run(.nowait) }
            pull.pause()
            for _ in 0..<500 { _ = try push.send("") }
            for _ in 0..<100 { scene.reactor.run(.nowait) }
            pull.resume()
            while count < 500 {
                let before = count
                scene.reactor.run(.nowait)
                #expect(count - before <= 32)
            }
        }
    }

    @Test("a task that always finds a message still lets the loop run", .nothingMovesByItself)
    func task() throws {
        let clock = ManualClock()
        try withScene(in: Context(), clock: clock) { scene in
            let pull = try scene.pull()
            try pull.bind(Road.ipc.endpoint)
            let flooder = try scene.rawPeer("PUSH", of: pull)
            let records = Recorder()
            var count = 0
            scene.task(records) { _ in
                while count < 900 {
                    _ = try await pull.receive()
                    clock.advance(by: .milliseconds(1))
                    count += 1
                }
            }
            scene.turn()
            flooder.send(Wire.zeros(1800))
            for _ in 0..<1000 where count < 900 {
                let before = count
                scene.reactor.run(.nowait)
                #expect(count - before <= 40)
            }
            #expect(count == 900)
            #expect(records.texts == [])
        }
    }
}
