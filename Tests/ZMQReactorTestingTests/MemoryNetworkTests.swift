import Testing
import ZMQReactorTesting

@Suite(.timeLimit(.minutes(5)))
struct MemoryNetworkTests {
    private let road = "memory://road"

    private func withPair(_ body: (TestScene, PushSocket, PullSocket) throws -> Void) throws {
        try withTestScene { scene in
            let pull = try PullSocket(on: scene.reactor, in: scene.context)
            let push = try PushSocket(on: scene.reactor, in: scene.context)
            try body(scene, push, pull)
        }
    }

    @Test("bytes take the time that the network says, and a connection takes it, too")
    func delay() throws {
        try withPair { scene, push, pull in
            scene.network.delay = .milliseconds(100)
            try pull.bind(road)
            try push.connect(road)
            try scene.run(until: { push.peerCount == 1 && pull.peerCount == 1 })
            let start = scene.elapsed
            // A connection, and two words of each side at least.
            #expect(start >= .milliseconds(300))
            #expect(try push.send("x") == .accepted)
            try scene.run(until: { try pull.tryReceive() == "x" })
            #expect(scene.elapsed == start + .milliseconds(100))
        }
    }

    @Test("bytes that are split in any way are the same messages", arguments: [1, 3, 50])
    func split(size: Int) throws {
        for split in [MemoryDirection.Split.atMost(size), .random(upTo: size)] {
            try withPair { scene, push, pull in
                scene.network.split = split
                try pull.bind(road)
                try push.connect(road)
                let messages = (0..<40).map {
                    Message(frames: [Frame("\($0)"), Frame(String(repeating: "x", count: $0 * 20))])
                }
                for message in messages { #expect(try push.send(message) == .accepted) }
                var received: [Message] = []
                try scene.run(until: {
                    while let message = try pull.tryReceive() { received.append(message) }
                    return received.count == messages.count
                })
                #expect(received == messages)
            }
        }
    }

    @Test("what is written to a stalled line arrives when the stall is over")
    func stall() throws {
        try withPair { scene, push, pull in
            try pull.bind(road)
            try push.connect(road)
            try scene.run(until: { push.peerCount == 1 && pull.peerCount == 1 })
            let connection = scene.network.connections[0]
            connection.isStalled = true
            #expect(try push.send("x") == .accepted)
            scene.run(for: .seconds(60))
            #expect(try pull.tryReceive() == nil)
            connection.isStalled = false
            scene.settle()
            #expect(try pull.tryReceive() == "x")
            #expect(connection.forward.bytesWritten == connection.forward.bytesRead)
        }
    }

    @Test("a broken connection is made again, and what was on its way is lost")
    func reset() throws {
        try withPair { scene, push, pull in
            scene.network.delay = .seconds(1)
            try pull.bind(road)
            try push.connect(road)
            try scene.run(until: { push.peerCount == 1 && pull.peerCount == 1 })
            #expect(try push.send("lost") == .accepted)
            scene.run(for: .milliseconds(500))
            scene.network.connections[0].reset()
            #expect(try push.send("next") == .accepted)
            try scene.run(until: { try pull.tryReceive() == "next" })
            #expect(push.statistics.reconnects == 1)
        }
    }

    @Test("attempts are accepted, refused or unanswered, as the test says")
    func answers() throws {
        try withPair { scene, push, pull in
            var answer = MemoryNetwork.Answer.refused
            scene.network.onConnect = { attempt in
                #expect(attempt.endpoint == road && attempt.reactor === scene.reactor)
                return answer
            }
            var failures: [EventReason.Kind] = []
            push.onEvent = { if case .connectDelayed(_, _, let reason) = $1 { failures.append(reason.kind) } }
            try pull.bind(road)
            try push.connect(road)
            try scene.run(until: { failures.count == 2 })
            #expect(failures == [.connectionRefused, .connectionRefused])
            answer = .none
            try scene.run(until: { failures.count == 3 })
            #expect(failures[2] == .connectTimeout)
            let attempts = scene.network.attemptCount
            try scene.run(until: { scene.network.attemptCount > attempts })
            answer = .accepted
            scene.network.answerAgain()
            scene.settle()
            #expect(push.peerCount == 1)
        }
    }

    @Test("a raw peer shakes hands, sends, and gets what is sent; a listener has sockets for raw peers")
    func rawPeers() throws {
        try withTestScene { scene in
            let router = try RouterSocket(on: scene.reactor, in: scene.context)
            try router.bind(road)
            let peer = try scene.rawPeer(to: road)
            peer.shakeHands(as: "DEALER")
            peer.send(message: Array("hello".utf8))
            scene.settle()
            let message = try #require(try router.tryReceive())
            #expect(message[1] == "hello")
            #expect(peer.takeReceived().starts(with: [0xFF]))
            #expect(try router.send([message[0], "world"]) == .accepted)
            scene.settle()
            #expect(peer.takeReceived() == Wire.message("world"))
            peer.hangUp()

            let listener = try scene.rawListener(at: "memory://raw")
            #expect(throws: TestFailure.self) { try scene.rawListener(at: "memory://raw") }
            try router.connect(listener.endpoint)
            scene.settle()
            let other = try #require(listener.accept())
            scene.settle()
            #expect(other.takeReceived().starts(with: [0xFF]))
            other.reset()
            listener.close()
        }
    }

    @Test("an end that closes sends all before its end, and breaks the connection when it has not read everything")
    func closing() throws {
        try withTestScene { scene in
            scene.network.delay = .milliseconds(1)
            let listener = try scene.rawListener(at: road)
            for unread in [false, true] {
                let near = try scene.rawPeer(to: road)
                scene.settle()
                let far = try #require(listener.accept())
                near.send("hello")
                if unread { far.send("unread") }
                scene.run(for: .milliseconds(5))
                near.hangUp()
                scene.run(for: .milliseconds(5))
                #expect(far.takeReceived() == Array("hello".utf8))
                #expect(far.isClosed)
                #expect(far.send([1]) == (unread ? -1 : 1))
                far.hangUp()
            }
            listener.close()
        }
    }

    @Test("the same seed gives the same times, another one others")
    func seeds() throws {
        func pauses(_ seed: UInt64) throws -> [Duration] {
            var pauses: [Duration] = []
            try withTestScene(seed: seed) { scene in
                let push = try PushSocket(on: scene.reactor, in: scene.context)
                push.onEvent = { if case .connectDelayed(_, let pause, _) = $1 { pauses.append(pause) } }
                try push.connect(road)
                try scene.run(until: { pauses.count == 5 })
            }
            return pauses
        }
        #expect(try pauses(1) == pauses(1))
        #expect(try pauses(1) != pauses(2))
    }
}
