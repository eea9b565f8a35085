import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// A peer is lost, and another one is found at the endpoint: what is for the endpoint, and what for the connection.
@Suite(.hangLimit)
struct StrangerTests {
    @Test("Q-1, F-6: a partly sent message is sent again from its first frame", arguments: [0, 1])
    func halfSent(ioThreads: Int) throws {
        try withChangingPeer(ioThreads) { scene, place in
            let push = try scene.push()
            try push.connect(place.endpoint)
            let first = try place.peer("PULL", of: push)
            let parts = (0..<3).map { Pattern.bytes(4 << 20, seed: $0) }
            #expect(try push.send(Message(frames: parts.map { Frame($0) })) == .accepted)
            try scene.wait("a part") { push.connections[0].bytesSent > 50_000 }
            try place.lose(first, of: push)
            #expect(push.statistics.messagesSent == 0 && push.messagesQueued == 1)
            let second = try place.peer("PULL", of: push)
            let expected = parts.enumerated().flatMap { Wire.longFrame($1, isLast: $0 == 2) }
            #expect(try second.receive(expected.count, scene) == expected)
            try second.receiveNothing(scene)
        }
    }

    @Test("F-6: a partly received message is dropped with its connection", arguments: [0, 1])
    func halfReceived(ioThreads: Int) throws {
        try withChangingPeer(ioThreads) { scene, place in
            let inbox = Recorder()
            let pull = try scene.pull { inbox.add($1) }
            try pull.connect(place.endpoint)
            let first = try place.peer("PUSH", of: pull)
            first.send([1, 4] + bytes("part") + [1, 20] + bytes("of it"))
            scene.settle()
            try place.lose(first, of: pull)
            let second = try place.peer("PUSH", of: pull)
            second.send(Wire.message(bytes("a"), bytes("whole")))
            try scene.wait("a message") { inbox.count == 1 }
            #expect(inbox.texts == ["a|whole"])
        }
    }

    @Test("Q-1: a queue of PUSH, DEALER or PAIR is for the endpoint, whatever the peer", arguments: [0, 1])
    func endpointQueue(ioThreads: Int) throws {
        func check(_ type: String, _ make: (Scene) throws -> any SendingSocket) throws {
            try withChangingPeer(ioThreads) { scene, place in
                let socket = try make(scene)
                try socket.connect(place.endpoint)
                let first = try place.peer(type, "A", of: socket)
                try place.lose(first, of: socket)
                #expect(try socket.send(Message("x")) == .accepted)
                let second = try place.peer(type, "B", of: socket)
                #expect(try second.receive(3, scene) == Wire.message("x"))
            }
        }
        try check("PULL") { try $0.push() }
        try check("DEALER") { try $0.dealer() }
        try check("PAIR") { try $0.pair() }
    }

    @Test("the next peer of a conflating socket gets only the newest message", arguments: [0, 1])
    func conflated(ioThreads: Int) throws {
        try withChangingPeer(ioThreads) { scene, place in
            let push = try scene.push { $0.isConflating = true }
            try push.connect(place.endpoint)
            let first = try place.peer("PULL", of: push)
            try place.lose(first, of: push)
            for text in ["1", "2", "3"] { #expect(try push.send(text) == .accepted) }
            let second = try place.peer("PULL", of: push)
            #expect(try second.receive(3, scene) == Wire.message("3"))
            try second.receiveNothing(scene)
            #expect(push.statistics.dropped[.conflated] == 2)
        }
    }

    @Test("S-5, HB-2: version, time to live and subscriptions are those of the connection", arguments: [0, 1])
    func connectionState(ioThreads: Int) throws {
        try withChangingPeer(ioThreads) { scene, place in
            let sub = try scene.sub(to: "a")
            try sub.connect(place.endpoint)
            let first = try place.peer("PUB", of: sub, minor: 0)
            #expect(try first.receive(4, scene) == [0, 2, 1] + bytes("a"))
            // Its time to live is 0.1 s.
            first.send(command: "PING", [0, 1])
            try place.lose(first, of: sub)
            let second = try place.peer("PUB", of: sub)
            #expect(try second.receive(13, scene) == Wire.command("SUBSCRIBE", bytes("a")))
            scene.settle(.milliseconds(300))
            try second.receiveNothing(scene)
            #expect(sub.peerCount == 1)
        }
    }
}
