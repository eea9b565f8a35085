import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

/// Clients of other kinds, byte by byte: without a subprotocol, and with `ZWS2.0` alone.
@Suite(.hangLimit) struct WebSocketClientsTests {
    /// A raw client behind its upgrade.
    private func upgraded(_ scene: Scene, _ endpoint: String, protocols: String?, others: [String] = []) throws
        -> RawPeer
    {
        let tcp = endpoint.replacing("ws://", with: "tcp://").replacing("/path", with: "")
        let peer = try RawPeer(tcp)
        peer.send(WebSocketBytes.request("/path", protocols: protocols, others: others))
        try scene.wait("an answer") {
            peer.poll()
            return peer.received.firstRange(of: Array("\r\n\r\n".utf8)) != nil
        }
        let end = peer.received.firstRange(of: Array("\r\n\r\n".utf8))!.upperBound
        let head = String(decoding: peer.received[..<end], as: UTF8.self)
        guard head.hasPrefix("HTTP/1.1 101 ") else { throw TestFailure("refused: \(head)") }
        peer.received.removeFirst(end)
        return peer
    }

    private func frames(_ count: Int, _ peer: RawPeer, _ scene: Scene) throws -> [[UInt8]] {
        try scene.wait("\(count) frames") {
            peer.poll()
            return WebSocketBytes.frames(in: peer.received).frames.count >= count
        }
        defer { peer.received = [] }
        return WebSocketBytes.frames(in: peer.received).frames.map(\.payload)
    }

    @Test("WS-3: a bare client asks and is answered, in binary and in text") func bare() throws {
        try withScene { scene in
            let rep = try scene.rep {
                $0.webSocketClients = .binaryAndText
            } received: { _, request, reply in
                reply.send(request)
            }
            let peer = try upgraded(scene, rep.bind(WebSocketTests.anyEndpoint), protocols: nil)
            peer.send(WebSocketBytes.message(1, []) + WebSocketBytes.message(0, [0x61]))
            #expect(try frames(2, peer, scene) == [[1], [0, 0x61]])
            // A REQ's empty delimiter is the client's to send: without it this is no request.
            peer.send(
                WebSocketBytes.frame(1, [0x78]) + WebSocketBytes.message(1, []) + WebSocketBytes.message(0, [0x62])
            )
            #expect(try frames(2, peer, scene) == [[1], [0, 0x62]])
        }
    }

    @Test("WS-3: a bare client subscribes, and receives what it has subscribed to") func bareSubscriber() throws {
        try withScene { scene in
            let pub = try scene.pub { $0.webSocketClients = .binary }
            let peer = try upgraded(scene, pub.bind(WebSocketTests.anyEndpoint), protocols: nil)
            peer.send(WebSocketBytes.message(0, [1] + Array("to".utf8)))
            try scene.wait(for: 1, subscribersOf: pub)
            try pub.send(["other", "x"] as Message)
            try pub.send(["topic", "x"] as Message)
            #expect(try frames(2, peer, scene) == [[1] + Array("topic".utf8), [0, 0x78]])
        }
    }

    @Test("WS-3: without the option a bare client is refused, as is one with a mechanism") func refused() throws {
        try withScene { scene in
            let pull = try scene.pull()
            let endpoint = try pull.bind(WebSocketTests.anyEndpoint)
            #expect(throws: TestFailure.self) { try upgraded(scene, endpoint, protocols: nil) }
            let other = try scene.pull {
                $0.webSocketClients = .binary
                $0.security = .plainServer(authenticator: .acceptAll)
            }
            let another = try other.bind(WebSocketTests.anyEndpoint)
            #expect(throws: TestFailure.self) { try upgraded(scene, another, protocols: nil) }
        }
    }

    @Test(
        "WS-3, Z-7: an authenticator decides about clients of every kind, and its reason is not theirs to know",
        arguments: [true, false],
        [nil, "ZWS2.0", "ZWS2.0/NULL"]
    )
    func authenticated(accepts: Bool, protocols: String?) throws {
        try withScene { scene in
            let inbox = Recorder()
            let pull = try scene.pull {
                $0.webSocketClients = .binary
                $0.security = .null(
                    authenticator: Authenticator { _ in accepts ? .accept() : .refuse("a stolen badge") }
                )
            } received: {
                inbox.add($1)
            }
            var reason: EventReason?
            pull.onEvent = { if $1.isFailure { reason = $1.reason } }
            let peer = try upgraded(scene, pull.bind(WebSocketTests.anyEndpoint), protocols: protocols)
            let greeting =
                switch protocols {
                case nil: [] as [UInt8]
                case "ZWS2.0": WebSocketBytes.message(0, [])
                default: WebSocketBytes.message(2, Array(Wire.ready("PUSH").dropFirst(2)))
                }
            peer.send(greeting + WebSocketBytes.message(0, [0x61]))
            if accepts {
                try scene.wait("the message") { inbox.texts == ["a"] }
            } else {
                try scene.waitForEnd(of: peer)
                try scene.wait("the event") { reason != nil }
                #expect(inbox.count == 0)
                #expect(reason?.message.contains("a stolen badge") == true)
                #expect(!String(decoding: peer.received, as: UTF8.self).contains("badge"))
                #expect(WebSocketBytes.frames(in: peer.received).frames.last?.payload == [3, 0xF0])
            }
        }
    }

    @Test("WS-2: with ZWS2.0 alone, a ROUTER knows the peer by its identity") func identities() throws {
        try withScene { scene in
            var received: Message?
            let router = try scene.router()
            let peer = try upgraded(scene, router.bind(WebSocketTests.anyEndpoint), protocols: "ZWS2.0")
            peer.send(WebSocketBytes.message(0, Array("me".utf8)) + WebSocketBytes.message(0, [0x61]))
            try scene.wait("a message") {
                received = try router.tryReceive()
                return received != nil
            }
            #expect(received?.text == "me|a")
            #expect(try router.send("back", to: "me") == .accepted)
            #expect(try frames(2, peer, scene) == [[0], [0] + Array("back".utf8)])
        }
    }

    @Test("WS-6: scripts of other pages are refused") func origins() throws {
        try withScene { scene in
            let pull = try scene.pull { $0.webSocketOrigins = ["https://good.example"] }
            let endpoint = try pull.bind(WebSocketTests.anyEndpoint)
            let names = "ZWS2.0/NULL"
            _ = try upgraded(scene, endpoint, protocols: names)
            _ = try upgraded(scene, endpoint, protocols: names, others: ["Origin: https://good.example"])
            #expect(throws: TestFailure.self) {
                try upgraded(scene, endpoint, protocols: names, others: ["Origin: https://evil.example"])
            }
        }
    }
}
