import EventReactor
import Testing
import ZMQReactor
import ZMQReactorTestSupport

/// Real sockets and peers that speak 1.0 and 2.0.
@Suite struct LegacyPeerTests {
    enum Version: CaseIterable { case v1, v2 }

    /// Sends a peer's greeting; returns the socket's, without its first 10 bytes.
    private func greet(_ peer: RawPeer, _ version: Version, type: UInt8, in scene: Scene) throws -> [UInt8] {
        #expect(try peer.receive(10, scene) == Wire.signature())
        switch version {
        case .v1:
            peer.send(Wire.anonymous1)
            return []
        case .v2:
            peer.send(Wire.greeting2(type: type))
            return try peer.receive(4, scene)
        }
    }

    private func wire(_ version: Version, _ text: String) -> [UInt8] {
        version == .v1 ? Wire.message1(text) : Wire.message(text)
    }

    @Test("messages from an older PUSH", arguments: Version.allCases)
    func pull(version: Version) throws {
        try withScene { scene in
            var received: [Message] = []
            let pull = try scene.pull { received.append($1) }
            let peer = try RawPeer(pull.bind("tcp://127.0.0.1:*"))
            #expect(try greet(peer, version, type: 8, in: scene) == (version == .v1 ? [] : [3, 7, 0, 0]))
            peer.send(wire(version, "one") + wire(version, "two"))
            let many: [[UInt8]] = [[], [1, 2], [3]]
            peer.send(
                version == .v1
                    ? Wire.message1(many[0], many[1], many[2]) : Wire.message(many[0], many[1], many[2])
            )
            try scene.run(until: { received.count == 3 })
            #expect(received == ["one", "two", [[], [1, 2], [3]]])
            #expect(pull.statistics.messagesReceived == 3)
            #expect(pull.peerCount == 1)
        }
    }

    @Test("large messages from a 1.0 PUSH, split anywhere") func largeFrames() throws {
        try withScene { scene in
            var received: [Message] = []
            let pull = try scene.pull { received.append($1) }
            let peer = try RawPeer(pull.bind("tcp://127.0.0.1:*"))
            _ = try greet(peer, .v1, type: 8, in: scene)
            let large = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
            let bytes = Wire.message1([1], large, [], Array(large[..<254])) + Wire.message1("end")
            for start in stride(from: 0, to: bytes.count, by: 9_999) {
                peer.send(Array(bytes[start..<min(start + 9_999, bytes.count)]))
                scene.run(for: .milliseconds(1))
            }
            try scene.run(until: { received.count == 2 })
            #expect(received == [Message(frames: [[1], Frame(large), [], Frame(large[..<254])]), "end"])
        }
    }

    @Test("messages to an older PULL", arguments: Version.allCases)
    func push(version: Version) throws {
        try withScene { scene in
            let push = try scene.push()
            let peer = try RawPeer(push.bind("tcp://127.0.0.1:*"))
            #expect(try greet(peer, version, type: 7, in: scene) == (version == .v1 ? [] : [3, 8, 0, 0]))
            try scene.run(until: { push.peerCount == 1 })
            _ = try push.send("one")
            _ = try push.send(["", "two"])
            let expected =
                wire(version, "one")
                + (version == .v1
                    ? Wire.message1([], Array("two".utf8)) : Wire.message([], Array("two".utf8)))
            #expect(try peer.receive(expected.count, scene) == expected)
            #expect(push.statistics.messagesSent == 2)
        }
    }

    @Test("D-4: a 1.0 SUB is sent everything") func publishTo1() throws {
        try withScene { scene in
            let pub = try scene.pub()
            let peer = try RawPeer(pub.bind("tcp://127.0.0.1:*"))
            _ = try greet(peer, .v1, type: 2, in: scene)
            try scene.run(until: { pub.topicCount == 1 })
            try pub.send("a")
            try pub.send("b")
            #expect(try peer.receive(6, scene) == Wire.message1("a") + Wire.message1("b"))
        }
    }

    @Test("a 2.0 SUB subscribes and cancels by messages") func publishTo2() throws {
        try withScene { scene in
            let pub = try scene.pub()
            let peer = try RawPeer(pub.bind("tcp://127.0.0.1:*"))
            #expect(try greet(peer, .v2, type: 2, in: scene) == [3, 1, 0, 0])
            try scene.run(until: { pub.peerCount == 1 })
            try pub.send("a0")
            peer.send(Wire.message([1, UInt8(ascii: "a")]))
            try scene.run(until: { pub.topicCount == 1 })
            try pub.send("b1")
            try pub.send("a1")
            #expect(try peer.receive(4, scene) == Wire.message("a1"))
            peer.send(Wire.message([0, UInt8(ascii: "a")]))
            try scene.run(until: { pub.topicCount == 0 })
            try pub.send("a2")
            try peer.receiveNothing(scene)
        }
    }

    @Test("SUB subscribes to an older PUB by messages", arguments: Version.allCases)
    func subscribe(version: Version) throws {
        try withScene { scene in
            var received: [Message] = []
            let sub = try scene.sub { received.append($1) }
            let listener = try RawListener()
            try sub.subscribe(to: "a")
            try sub.connect(listener.endpoint)
            let peer = try listener.accept(scene.reactor)
            #expect(try greet(peer, version, type: 1, in: scene) == (version == .v1 ? [] : [3, 2, 0, 0]))
            let a = UInt8(ascii: "a")
            let form = version == .v1 ? [3, 0] as [UInt8] : [0, 2]
            #expect(try peer.receive(4, scene) == form + [1, a])
            peer.send(wire(version, "a1") + wire(version, "b1") + wire(version, "a2"))
            try scene.run(until: { received.count == 2 })
            // A 1.0 PUB sends everything; this side drops what it has not subscribed to.
            #expect(received == ["a1", "a2"])
            try sub.unsubscribe(from: "a")
            #expect(try peer.receive(4, scene) == form + [0, a])
        }
    }

    @Test("D-3: older peers are rejected by the option", .nothingMovesByItself, arguments: Version.allCases)
    func refused(version: Version) throws {
        try withScene { scene in
            let pull = try scene.pull({ $0.acceptsLegacyPeers = false }) { _, _ in }
            var failed = false
            pull.onEvent = { _, event in if event.name == "handshake-failed" { failed = true } }
            let endpoint = try pull.bind("tcp://127.0.0.1:*")
            let peer = try RawPeer(endpoint)
            // G-4: the whole greeting, at once.
            #expect(try peer.receive(64, scene) == Wire.greeting())
            peer.send(version == .v1 ? Wire.anonymous1 : Wire.greeting2(type: 8))
            #expect(try peer.receiveAll(scene).isEmpty)
            #expect(failed && pull.peerCount == 0)
        }
    }

    @Test("DEV-6: a 2.0 peer of the wrong type is dropped, and the next one served") func wrongType() throws {
        try withScene { scene in
            var received = 0
            let pull = try scene.pull { _, _ in received += 1 }
            let endpoint = try pull.bind("tcp://127.0.0.1:*")
            let wrong = try RawPeer(endpoint)
            wrong.send(Wire.greeting2(type: 1) + Wire.message("no"))
            #expect(try wrong.receiveAll(scene) == Wire.signature() + [3, 7, 0, 0])
            let right = try RawPeer(endpoint)
            right.send(Wire.greeting2(type: 8) + Wire.message("yes"))
            try scene.run(until: { received == 1 })
        }
    }
}
