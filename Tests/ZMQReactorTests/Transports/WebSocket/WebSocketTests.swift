import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

/// Sockets over `ws://`, both ends ours.
@Suite(.hangLimit) struct WebSocketTests {
    static let anyEndpoint = Road.ws.endpoint

    private func join(_ scene: Scene, _ server: Socket, _ client: Socket) throws {
        try client.connect(server.bind(Self.anyEndpoint))
        try scene.wait("a connection") { server.peerCount == 1 && client.peerCount == 1 }
    }

    @Test("ALL-1, CMB-01: legal pairs exchange messages over ws", arguments: MatrixType.all, MatrixType.all)
    func pairs(bound: MatrixType, connecting: MatrixType) throws {
        guard bound.type.isCompatible(with: connecting.type) else { return }
        try withScene { scene in
            let (server, client) = try (bound.socket(scene), connecting.socket(scene))
            try join(scene, server, client)
            try scene.exchange(client, server)
        }
    }

    @Test("CMB-11: an illegal pair is refused over ws, at both ends") func illegalPair() throws {
        try withScene { scene in
            let (pull, pub) = try (scene.pull(), scene.pub())
            var reasons: [String] = []
            for socket in [pull, pub] as [Socket] {
                socket.onEvent = { _, event in if event.isFailure { reasons.append(event.reason?.message ?? "") } }
            }
            try pub.connect(pull.bind(Self.anyEndpoint))
            try scene.wait("both refusals") { reasons.count >= 2 }
            #expect(reasons.contains { $0.contains("PUB") || $0.contains("PULL") }, "\(reasons)")
        }
    }

    @Test("SND-01: messages of every size, one after another", arguments: [true, false])
    func sizes(serverSends: Bool) throws {
        try withScene { scene in
            let inbox = Recorder()
            let pull = try scene.pull { inbox.add($1) }
            let push = try scene.push()
            try serverSends ? join(scene, push, pull) : join(scene, pull, push)
            var expected: [Message] = []
            for size in Shape.sizes { expected.append(Message(Pattern.bytes(size))) }
            for count in Shape.frameCounts { expected.append(Shape.message(Shape.frames(count))) }
            for message in expected { #expect(try push.send(message) == .accepted) }
            try scene.wait("all to arrive") { inbox.count == expected.count }
            for (found, message) in zip(inbox.messages, expected) { #expect(found.hasSameBytes(as: message)) }
        }
    }

    @Test("ALL-4, ALL-5: 100,000 messages arrive once and in order", arguments: [true, false])
    func inOrder(serverSends: Bool) throws {
        try withScene { scene in
            var next = 0
            let pull = try scene.pull { _, message in
                #expect(NumberedMessage(message[0])?.number == next)
                next += 1
            }
            let push = try scene.push()
            try serverSends ? join(scene, push, pull) : join(scene, pull, push)
            var sent = 0
            try scene.run(
                until: {
                    while sent < 100_000, try push.send(NumberedMessage(number: sent).bytes()) == .accepted {
                        sent += 1
                    }
                    return next == 100_000
                },
                "all to arrive",
                within: .seconds(30)
            )
        }
    }

    @Test("closing sends what is queued, over ws too") func linger() throws {
        try withScene { scene in
            let inbox = Recorder()
            let pull = try scene.pull { inbox.add($1) }
            let push = try scene.push()
            try push.connect(pull.bind(Self.anyEndpoint))
            for number in 0..<500 { #expect(try push.send("\(number)") == .accepted) }
            let report = try scene.close(push)
            #expect(report.unsentMessages == 0)
            try scene.wait("all to arrive") { inbox.count == 500 }
            #expect(inbox.texts == (0..<500).map { "\($0)" })
        }
    }

    @Test("TOP-10: a connection comes up again when the server does") func reconnect() throws {
        try withScene { scene in
            let inbox = Recorder()
            let push = try scene.push()
            var pull = try scene.pull { inbox.add($1) }
            let endpoint = try pull.bind(Self.anyEndpoint)
            try push.connect(endpoint)
            try scene.wait("a connection") { push.peerCount == 1 }
            try scene.close(pull)
            try scene.wait("the end") { push.peerCount == 0 }
            pull = try scene.pull { inbox.add($1) }
            #expect(try pull.bind(endpoint) == endpoint)
            #expect(try push.send("again") == .accepted)
            try scene.wait("the message") { inbox.texts == ["again"] }
        }
    }

    // MARK: Security

    @Test("CU-9, P-1: PLAIN and CURVE run inside of a WebSocket", arguments: AuthenticatorTests.Scheme.allCases)
    func security(scheme: AuthenticatorTests.Scheme) throws {
        try withScene { scene in
            let (server, client) = try scheme.sides(.acceptAll)
            let sub = try scene.sub(to: "", change: { $0.security = client })
            let pub = try scene.pub { $0.security = server }
            try sub.connect(pub.bind(Self.anyEndpoint))
            try scene.wait(for: 1, subscribersOf: pub)
            for message in ["x", ["a", Frame(Pattern.bytes(100_000))]] as [Message] {
                #expect(try pub.send(message) == .accepted)
                #expect(try scene.receive(sub) == message)
            }
        }
    }

    @Test("WS-1, G-7: mechanisms that differ are refused in the upgrade") func mismatch() throws {
        try withScene { scene in
            let pull = try scene.pull { $0.security = .plainServer(authenticator: .acceptAll) }
            let push = try scene.push()
            var reasons: [String] = []
            for socket in [pull, push] as [Socket] {
                socket.onEvent = { _, event in if event.isFailure { reasons.append(event.reason?.message ?? "") } }
            }
            try push.connect(pull.bind(Self.anyEndpoint))
            try scene.wait("both refusals") { reasons.count >= 2 }
            #expect(reasons.contains { $0.contains("ZWS2.0/PLAIN") }, "\(reasons)")
            #expect(reasons.contains { $0.contains("400 Bad Request") }, "\(reasons)")
        }
    }

    // MARK: Endpoints

    @Test(
        "the last endpoint has the port and the path",
        arguments: [
            ("ws://127.0.0.1:*/a/b", "/a/b"), ("ws://127.0.0.1:0", "/"), ("ws://*:0/path", "/path"),
            ("ws://[::1]:*/x", "/x"),
        ]
    )
    func lastEndpoint(endpoint: String, path: String) throws {
        try withScene { scene in
            let (pull, push) = try (scene.pull(), scene.push())
            let bound = try pull.bind(endpoint)
            #expect(bound == pull.lastEndpoint)
            #expect(bound.hasPrefix("ws://") && bound.hasSuffix(path), "\(bound)")
            try push.connect(bound.replacing("0.0.0.0", with: "localhost") + "?token=1")
            try scene.wait("a connection") { pull.peerCount == 1 }
            #expect(pull.connections[0].endpoint == bound)
        }
    }

    @Test(
        "what is wrong with an endpoint is an error",
        arguments: [
            ("ws://127.0.0.1", "port"), ("ws:///path", "port"), ("ws://host:1/a b", "spaces"), ("ws://host:1/#a", "#"),
            ("ws://host:99999/", "65535"), ("ws://*:1/", "wildcard"), ("ws://host:*/", "port 0"),
        ]
    )
    func badEndpoint(endpoint: String, word: String) throws {
        try withScene { scene in
            let push = try scene.push()
            let error = #expect(throws: ZMQError.self) { try push.connect(endpoint) }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.contains(word) == true, "\(error?.message ?? "")")
            #expect(error?.endpoint == endpoint)
        }
    }

    @Test func whatCannotBeBoundIsAnErrorWithTheEndpoint() throws {
        try withScene { scene in
            let (pull, other) = try (scene.pull(), scene.pull())
            let bound = try pull.bind(Self.anyEndpoint)
            let error = #expect(throws: ZMQError.self) { try other.bind(bound) }
            #expect(error?.code == .addressInUse)
            #expect(error?.endpoint == bound)
            #expect(throws: ZMQError.self) { try other.bind("ws://127.0.0.1:*/x?y") }
            let stream = try scene.stream()
            #expect(throws: ZMQError.self) { try stream.bind(Self.anyEndpoint) }
            #expect(throws: ZMQError.self) { try other.configure { $0.webSocketOrigins = ["example.org"] } }
        }
    }

    @Test("WS-5: another path is refused, and both sides name it") func wrongPath() throws {
        try withScene { scene in
            let (pull, push) = try (scene.pull(), scene.push())
            var reasons: [String] = []
            for socket in [pull, push] as [Socket] {
                socket.onEvent = { _, event in if event.isFailure { reasons.append(event.reason?.message ?? "") } }
            }
            try push.connect(pull.bind(Self.anyEndpoint) + "/other")
            try scene.wait("both refusals") { reasons.count >= 2 }
            #expect(
                reasons.contains { $0.contains("404 Not Found") } && reasons.contains { $0.contains("/path/other") }
            )
        }
    }
}
