import EventReactor
import Testing
import ZMQReactor
import ZMQReactorTestSupport

/// The wire format of ordinary sockets: they do not carry other protocols (chapter 2.5).
@Suite struct RawTests {
    /// A current PULL after its handshake with a PUSH, as a raw peer.
    private func pull(from push: PushSocket, in scene: Scene) throws -> RawPeer {
        let peer = try RawPeer(push.bind("tcp://127.0.0.1:*"))
        peer.send(Wire.greeting() + Wire.ready("PULL"))
        let ready = Wire.ready("PUSH")
        let greeting = try peer.receive(64, scene)
        #expect(Array(greeting[9...]) == Array(Wire.greeting()[9...]))
        #expect(try peer.receive(ready.count, scene) == ready)
        try scene.run(until: { push.peerCount == 1 })
        return peer
    }

    @Test("RAW-01: a greeting, READY, then a header and the bytes") func framing() throws {
        try withScene { scene in
            let push = try scene.push()
            let peer = try pull(from: push, in: scene)
            _ = try push.send("Hello")
            #expect(try peer.receive(7, scene) == [0, 5] + Array("Hello".utf8))
        }
    }

    @Test("RAW-02: frames end by their length, not by a delimiter") func lengths() throws {
        try withScene { scene in
            let push = try scene.push()
            let peer = try pull(from: push, in: scene)
            _ = try push.send("a\r\n\r\n\0b")
            _ = try push.send([UInt8](repeating: 10, count: 300))
            #expect(try peer.receive(9, scene) == [0, 7] + Array("a\r\n\r\n\0b".utf8))
            #expect(try peer.receive(9, scene) == [2, 0, 0, 0, 0, 0, 0, 1, 44])
            #expect(try peer.receive(300, scene) == [UInt8](repeating: 10, count: 300))
        }
    }

    @Test("RAW-03: an HTTP client is disconnected, and others are still served", arguments: [true, false])
    func http(legacy: Bool) throws {
        try withScene { scene in
            var received: [Message] = []
            var reasons: [String] = []
            let pull = try scene.pull({ $0.acceptsLegacyPeers = legacy }) { received.append($1) }
            pull.onEvent = { if let reason = $1.reason { reasons.append("\(reason)") } }
            let endpoint = try pull.bind("tcp://127.0.0.1:*")
            let push = try scene.push()
            try push.connect(endpoint)
            _ = try push.send("before")
            try scene.run(until: { received.count == 1 })
            let client = try RawPeer(endpoint)
            client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try client.receiveAll(scene).first == 0xFF)
            try scene.run(until: { !reasons.isEmpty })
            #expect(reasons.count == 1 && reasons.first?.contains("not") == true)
            _ = try push.send("after")
            try scene.run(until: { received.count == 2 })
            #expect(pull.peerCount == 1)
        }
    }
}
