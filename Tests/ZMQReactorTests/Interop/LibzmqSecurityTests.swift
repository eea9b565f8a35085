import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Sockets with a mechanism against libzmq's, whose servers ask pyzmq's `ThreadAuthenticator`: each mechanism, each side
/// of it, each side binding, heartbeats on.
@Suite(.hangLimit, .serialized)
struct LibzmqSecurityTests {
    typealias Scheme = AuthenticatorTests.Scheme

    /// Which side of the mechanism we are, and whether we bind.
    private static let roles = [(true, true), (true, false), (false, true), (false, false)].map {
        (isServer: $0, binds: $1)
    }

    /// A libzmq process with its authenticator, and the credentials of both sides.
    private final class Setting {
        let scheme: Scheme
        let process: PeerProcess
        #if Curve
            private let serverKeys: CurveKeyPair
            private let clientKeys: CurveKeyPair
        #endif

        init(_ scheme: Scheme, denied: [String] = []) throws {
            self.scheme = scheme
            process = try PeerProcess()
            var keys: [String] = []
            #if Curve
                (serverKeys, clientKeys) = (try CurveKeyPair(), try CurveKeyPair())
                keys.append(clientKeys.publicKey.z85)
            #endif
            try process.authenticate(denied: denied, passwords: ["admin": "secret"], keys: keys)
        }

        /// Our side. A client's credentials may be wrong.
        func ours(_ isServer: Bool, right: Bool = true) throws -> SocketSecurity {
            switch (scheme, isServer) {
            case (.null, true):
                return .null(authenticator: Authenticator { $0.address == "127.0.0.1" ? .accept : .refuse() })
            case (.null, false): return .none
            case (.plain, true):
                let expected = Credentials.plain(username: "admin", Password("secret"))
                return .plainServer(
                    authenticator: Authenticator {
                        $0.credentials == expected ? .accept(userID: "admin") : .refuse()
                    }
                )
            case (.plain, false):
                return try .plainClient(username: "admin", password: Password(right ? "secret" : "guess"))
            #if Curve
                case (.curve, true):
                    let expected = Credentials.curve(clientKeys.publicKey)
                    let authenticator = Authenticator { $0.credentials == expected ? .accept(userID: "c") : .refuse() }
                    return try .curveServer(serverKeys, authenticator: authenticator)
                case (.curve, false):
                    return try .curveClient(right ? clientKeys : nil, serverKey: serverKeys.publicKey)
            #endif
            }
        }

        /// The options of libzmq's side.
        func theirs(_ isServer: Bool, right: Bool = true) throws -> [PeerOption] {
            switch (scheme, isServer) {
            case (.null, true): return [.bytes("ZAP_DOMAIN", "global".utf8)]
            case (.null, false): return []
            case (.plain, true): return [.flag("PLAIN_SERVER")]
            case (.plain, false):
                let password = right ? "secret" : "guess"
                return [.bytes("PLAIN_USERNAME", "admin".utf8), .bytes("PLAIN_PASSWORD", password.utf8)]
            #if Curve
                case (.curve, true):
                    return [.flag("CURVE_SERVER"), Self.secret(serverKeys)]
                case (.curve, false):
                    let keys = right ? clientKeys : try CurveKeyPair()
                    return [
                        .bytes("CURVE_SERVERKEY", serverKeys.publicKey.bytes),
                        .bytes("CURVE_PUBLICKEY", keys.publicKey.bytes), Self.secret(keys),
                    ]
            #endif
            }
        }

        #if Curve
            private static func secret(_ keys: CurveKeyPair) -> PeerOption {
                .bytes("CURVE_SECRETKEY", keys.secretKey.withUnsafeBytes { Array($0) })
            }
        #endif

        /// A socket of libzmq for the other side of the mechanism.
        func peer(
            _ type: PeerSocketType,
            against isServer: Bool,
            right: Bool = true,
            _ options: [PeerOption] = [],
            monitored: Bool = false
        ) throws -> LibzmqPeer {
            let heartbeats = [PeerOption.integer("HEARTBEAT_IVL", 20), .integer("HEARTBEAT_TIMEOUT", 10_000)]
            let all = try theirs(!isServer, right: right) + heartbeats + options
            return try LibzmqPeer(type, all, in: process, monitored: monitored)
        }
    }

    private static func beating(_ security: SocketSecurity) -> Scene.Change {
        {
            $0.security = security
            ($0.heartbeatInterval, $0.heartbeatTimeout) = (.milliseconds(20), .seconds(10))
        }
    }

    private func join(
        _ scene: Scene,
        _ socket: Socket,
        _ peer: LibzmqPeer,
        weBind: Bool,
        at endpoint: String = anyPort
    ) throws {
        let events = Recorder()
        socket.onEvent = { events.add("\($1)") }
        if weBind { try peer.connect(socket.bind(endpoint)) } else { try socket.connect(peer.bind(endpoint)) }
        do {
            try scene.run(until: { socket.peerCount == 1 }, "the handshake with libzmq")
        } catch {
            throw TestFailure("\(error); we \(weBind ? "bind" : "connect"): \(events.texts)")
        }
    }

    /// Lets heartbeats pass, and checks that they do no harm.
    private func beat(_ scene: Scene, _ socket: Socket) {
        scene.run(for: .milliseconds(60))
        #expect(socket.peerCount == 1 && socket.statistics.reconnects == 0)
    }

    @Test("requests and replies, both ways", arguments: Scheme.allCases, [0, 1])
    func requests(scheme: Scheme, ioThreads: Int) throws {
        let setting = try Setting(scheme)
        for (isServer, binds) in Self.roles {
            try withScene(in: Context(ioThreads: ioThreads)) { scene in
                let req = try scene.req(Self.beating(setting.ours(isServer)))
                let echo = try setting.peer(.rep, against: isServer)
                try join(scene, req, echo, weBind: binds)
                let echoing = try echo.echoing(3)
                for text in ["one", "two", "three"] {
                    #expect(try req.send(text) == .accepted)
                    #expect(try scene.receive(req).string == text)
                    beat(scene, req)
                }
                #expect(try scene.reactor.run(until: echoing) == 3)

                let rep = try scene.rep(Self.beating(setting.ours(isServer))) { $2.send($1) }
                // A REQ of libzmq that asks an authenticator disconnects at the first reply, also of libzmq's own REP.
                let asking = try setting.peer(isServer ? .req : .dealer, against: isServer)
                let delimiter: [PeerFrame] = isServer ? [] : [""]
                try join(scene, rep, asking, weBind: binds)
                for size in [0, 300, 100_000] {
                    let request = delimiter + [.pattern(size: size, seed: size), "more"]
                    _ = try asking.sending(request)
                    try scene.reactor.run(until: asking.expecting(request))
                }
                beat(scene, rep)
            }
        }
    }

    @Test("WS-1: the same mechanisms inside of WebSockets", arguments: Scheme.allCases)
    func webSockets(scheme: Scheme) throws {
        let setting = try Setting(scheme)
        for (isServer, binds) in Self.roles {
            try withScene { scene in
                let dealer = try scene.dealer(Self.beating(setting.ours(isServer)))
                let router = try setting.peer(.router, against: isServer)
                try join(scene, dealer, router, weBind: binds, at: WebSocketTests.anyEndpoint)
                for size in [0, 300, 100_000] {
                    #expect(try dealer.send(["x", Frame(Pattern.bytes(size))]) == .accepted)
                    let request = try scene.reactor.run(until: router.receiving())
                    #expect(request.count == 3 && request.last == Pattern.bytes(size))
                    let answer: [PeerFrame] = [.bytes(request[0]), .pattern(size: size), "more"]
                    _ = try router.sending(answer)
                    #expect(try scene.receive(dealer) == [Frame(Pattern.bytes(size)), "more"])
                    beat(scene, dealer)
                }
                let pub = try scene.pub(Self.beating(setting.ours(isServer)))
                let reader = try setting.peer(.sub, against: isServer, [.subscribe("A")])
                try join(scene, pub, reader, weBind: binds, at: WebSocketTests.anyEndpoint)
                try scene.run(
                    until: {
                        _ = try reader.get("EVENTS")
                        return pub.topicCount == 1
                    },
                    "a subscription"
                )
                let reading = try reader.expecting(["A"])
                for topic in ["B", "A"] { try pub.send(topic) }
                try scene.reactor.run(until: reading)
            }
        }
    }

    @Test("subscriptions and what is published, both ways", arguments: Scheme.allCases, [0, 1])
    func publishing(scheme: Scheme, ioThreads: Int) throws {
        let setting = try Setting(scheme)
        for (isServer, binds) in Self.roles {
            try withScene(in: Context(ioThreads: ioThreads)) { scene in
                let pub = try scene.pub(Self.beating(setting.ours(isServer)))
                let reader = try setting.peer(.sub, against: isServer, [.subscribe("A"), .subscribe("B")])
                try join(scene, pub, reader, weBind: binds)
                // A bound SUB of libzmq subscribes when it is next called.
                try scene.run(
                    until: {
                        _ = try reader.get("EVENTS")
                        return pub.topicCount == 2
                    },
                    "two subscriptions"
                )
                try reader.set(.unsubscribe("B"))
                try scene.run(until: { pub.topicCount == 1 }, "one subscription")
                let reading = try reader.expecting(["A", .pattern(size: 20_000)], count: 20)
                for _ in 0..<20 {
                    try pub.send("B")
                    try pub.send(Message(frames: ["A", Frame(Pattern.bytes(20_000))]))
                }
                try scene.reactor.run(until: reading)
                beat(scene, pub)

                let sub = try scene.sub(to: "A", change: Self.beating(setting.ours(isServer)))
                let writer = try setting.peer(.xpub, against: isServer)
                try join(scene, sub, writer, weBind: binds)
                #expect(try scene.reactor.run(until: writer.receiving()) == [[1, 0x41]])
                try sub.subscribe(to: "C")
                #expect(try scene.reactor.run(until: writer.receiving()) == [[1, 0x43]])
                _ = try writer.sending(["B"])
                _ = try writer.sending(["A", "1"])
                _ = try writer.sending(["C", .pattern(size: 300, seed: 1)])
                #expect(try scene.receive(sub) == ["A", "1"])
                #expect(try scene.receive(sub) == Message(frames: ["C", Frame(Pattern.bytes(300, seed: 1))]))
                beat(scene, sub)
            }
        }
    }

    @Test("large messages of several frames, both ways", arguments: Scheme.allCases, [0, 1])
    func largeMessages(scheme: Scheme, ioThreads: Int) throws {
        let setting = try Setting(scheme)
        let frames: [PeerFrame] = [
            .pattern(size: 65_536, seed: 1), "", .pattern(size: 2_000_000, seed: 2), .pattern(size: 255, seed: 3),
            "end",
        ]
        for (isServer, binds) in Self.roles {
            try withScene(in: Context(ioThreads: ioThreads)) { scene in
                let push = try scene.push(Self.beating(setting.ours(isServer)))
                let reader = try setting.peer(.pull, against: isServer)
                try join(scene, push, reader, weBind: binds)
                let reading = try reader.expecting(frames, count: 3)
                for _ in 0..<3 { #expect(try push.send(Shape.message(frames)) == .accepted) }
                try scene.reactor.run(until: reading)
                beat(scene, push)

                let pull = try scene.pull(Self.beating(setting.ours(isServer)))
                let writer = try setting.peer(.push, against: isServer)
                try join(scene, pull, writer, weBind: binds)
                let writing = try writer.sending(frames, count: 3)
                for _ in 0..<3 {
                    let message = try scene.receive(pull)
                    #expect(message.hasSameBytes(as: Shape.message(frames)))
                }
                try scene.reactor.run(until: writing)
                beat(scene, pull)
                if isServer, scheme != .null { #expect(pull.connections.first?.peer.userID?.isEmpty == false) }
            }
        }
    }

    @Test("wrong credentials: our server refuses libzmq's client", arguments: Scheme.allCases.dropFirst(), [0, 1])
    func weRefuse(scheme: Scheme, ioThreads: Int) throws {
        let setting = try Setting(scheme)
        for binds in [true, false] {
            try withScene(in: Context(ioThreads: ioThreads)) { scene in
                let pull = try scene.pull(Self.beating(setting.ours(true)))
                var reasons: [EventReason] = []
                pull.onEvent = { if $1.isFailure, let reason = $1.reason { reasons.append(reason) } }
                let wrong = try setting.peer(.push, against: true, right: false)
                if binds { try wrong.connect(pull.bind(anyPort)) } else { try pull.connect(wrong.bind()) }
                _ = try wrong.sending(["intruder"])
                try scene.run(until: { !reasons.isEmpty }, "the refusal")
                #expect(reasons[0].kind == .notAuthenticated)
                #expect(pull.peerCount == 0)
                let right = try setting.peer(.push, against: true)
                if binds { try right.connect(pull.lastEndpoint!) } else { try pull.connect(right.bind()) }
                _ = try right.sending(["friend"])
                #expect(try scene.receive(pull) == "friend")
                #expect(pull.statistics.messagesReceived == 1)
            }
        }
    }

    @Test("wrong credentials: libzmq's server refuses our client", arguments: Scheme.allCases, [0, 1])
    func theyRefuse(scheme: Scheme, ioThreads: Int) throws {
        // With NULL only the address can be wrong.
        let setting = try Setting(scheme, denied: scheme == .null ? ["127.0.0.1"] : [])
        for binds in [true, false] {
            try withScene(in: Context(ioThreads: ioThreads)) { scene in
                let push = try scene.push(Self.beating(setting.ours(false, right: false)))
                var reasons: [EventReason] = []
                push.onEvent = { if $1.isFailure, let reason = $1.reason { reasons.append(reason) } }
                let server = try setting.peer(.pull, against: false, monitored: true)
                if binds { try server.connect(push.bind(anyPort)) } else { try push.connect(server.bind()) }
                #expect(try push.send("intruder") == (binds ? .wouldBlock : .accepted))
                try scene.run(until: { !reasons.isEmpty }, "the refusal")
                #expect(reasons[0].kind == .refusedByPeer && reasons[0].message.contains("400"))
                #expect(push.peerCount == 0 && push.statistics.messagesSent == 0)
                try scene.reactor.run(until: server.expectingNothing(for: .milliseconds(50)))
                push.close()
            }
        }
    }
}
