#if Curve
    import Testing
    import ZMQReactorTestSupport

    @testable import ZMQReactor

    /// The public advisories of libzmq that concern CURVE.
    @Suite(.hangLimit) struct CurveAdvisoryTests {
        /// A peer with the right keys that does what it wants.
        private final class Attacker {
            let stream: RawPeer
            var peer: CurvePeer
            private let scene: Scene

            init(_ stream: RawPeer, _ scene: Scene, own: CurveKeyPair, peerKey: CurvePublicKey) throws {
                (self.stream, self.scene) = (stream, scene)
                peer = CurvePeer(own: own, transient: try CurveKeyPair(), peerKey: peerKey.bytes)
            }

            /// The data of the next command.
            private func command(_ name: String) throws -> [UInt8] {
                // Flags, and a size of one or eight bytes.
                func header() -> Int { stream.received[0] & 2 == 0 ? 2 : 9 }
                func end() -> Int? {
                    guard let flags = stream.received.first, stream.received.count >= header() else { return nil }
                    return flags & 2 == 0
                        ? 2 + Int(stream.received[1]) : stream.received[1..<9].reduce(0) { $0 << 8 | Int($1) } + 9
                }
                try scene.run(
                    until: {
                        stream.poll()
                        return end().map { stream.received.count >= $0 } ?? false
                    },
                    name
                )
                let body = stream.received[header()..<end()!]
                stream.received.removeFirst(end()!)
                guard body.starts(with: [UInt8(name.utf8.count)] + Array(name.utf8)) else {
                    throw TestFailure("\(Array(body)) instead of \(name)")
                }
                return Array(body.dropFirst(name.utf8.count + 1))
            }

            private func greet() throws {
                stream.send(Wire.greeting(mechanism: "CURVE"))
                try scene.run(
                    until: {
                        stream.poll()
                        return stream.received.count >= 64
                    },
                    "the greeting"
                )
                stream.received.removeFirst(64)
            }

            /// A client's handshake up to INITIATE, which it has not sent.
            func begin() throws {
                try greet()
                stream.send(Wire.command("HELLO", peer.hello()))
                try #require(try peer.read(welcome: command("WELCOME")))
            }

            /// A whole handshake of a client.
            func connect() throws {
                try begin()
                stream.send(Wire.command("INITIATE", peer.initiate()))
                _ = try command("READY")
            }

            /// A whole handshake of a server.
            func serve() throws {
                try greet()
                try #require(try peer.read(hello: command("HELLO")))
                stream.send(Wire.command("WELCOME", peer.welcome()))
                _ = try command("INITIATE")
                stream.send(Wire.command("READY", peer.ready(metadata: Wire.property("Socket-Type", "PUSH"))))
            }
        }

        private let serverKeys: CurveKeyPair
        private let clientKeys: CurveKeyPair

        init() throws {
            serverKeys = try CurveKeyPair()
            clientKeys = try CurveKeyPair()
        }

        private func withServer(ioThreads: Int, _ body: (AttackedServer) throws -> Void) throws {
            let sides = (
                server: try SocketSecurity.curveServer(serverKeys, authenticator: .acceptAll),
                client: try SocketSecurity.curveClient(serverKey: serverKeys.publicKey)
            )
            try withAttackedServer(ioThreads: ioThreads, sides: sides) { try body($0) }
        }

        private func attacker(_ server: AttackedServer) throws -> Attacker {
            try Attacker(server.attacker(), server.scene, own: clientKeys, peerKey: serverKeys.publicKey)
        }

        /// Around the sizes of the buffers that libzmq had for INITIATE: 144 bytes of keys, and 256 of metadata.
        private static let sizes = [0, 1, 111, 112, 113, 128, 255, 256, 257, 384, 400, 511, 512, 513, 2000, 8000]

        @Test("CVE-2019-13132: an INITIATE larger than expected, whose box is not authentic", arguments: [0, 1])
        func oversizedInitiate(ioThreads: Int) throws {
            try withServer(ioThreads: ioThreads) { server in
                for size in Self.sizes {
                    let attacker = try attacker(server)
                    try attacker.begin()
                    let data = attacker.peer.initiate(metadata: []) + [UInt8](repeating: 0x41, count: size)
                    // A good box is spoilt by what follows; the shortest is spoilt in its last byte.
                    let spoilt = size == 0 ? data.dropLast() + [data.last! ^ 1] : data
                    attacker.stream.send(Wire.command("INITIATE", spoilt))
                    try server.isRid(of: attacker.stream, .notAuthenticated)
                    #expect(attacker.stream.takeReceived() == [])
                }
            }
        }

        @Test("CVE-2019-13132: an authentic INITIATE with much metadata", arguments: [0, 1])
        func muchMetadata(ioThreads: Int) throws {
            try withServer(ioThreads: ioThreads) { server in
                for size in Self.sizes + [15_000, 60_000] {
                    let attacker = try attacker(server)
                    try attacker.begin()
                    let metadata =
                        Wire.property("Socket-Type", "PUSH")
                        + Wire.property("X-Filler", [UInt8](repeating: 0x41, count: size))
                    attacker.stream.send(Wire.command("INITIATE", attacker.peer.initiate(metadata: metadata)))
                    guard size <= 8000 else {
                        let limit = size < 16 * 1024 ? SocketLimit.metadataBytes : .handshakeBytes
                        try server.isRid(of: attacker.stream, .limitExceeded(limit))
                        continue
                    }
                    attacker.stream.send(attacker.peer.frame([7], number: 3))
                    try server.scene.run(until: { server.foreign == [Message([7])] }, "the message")
                    attacker.stream.hangUp()
                    try server.scene.run(until: { server.pull.peerCount == 1 && server.ends.count == 1 })
                    server.forget()
                    try server.isServing()
                }
            }
        }

        @Test(
            "CVE-2014-7203: a message that is repeated, or whose nonce does not rise, is not delivered",
            arguments: [0, 1]
        )
        func replay(ioThreads: Int) throws {
            try withServer(ioThreads: ioThreads) { server in
                // INITIATE has used 2.
                for number in [5, 4, 3, 2, 1, 0] {
                    let attacker = try attacker(server)
                    try attacker.connect()
                    attacker.stream.send(attacker.peer.frame([1], number: 4) + attacker.peer.frame([2], number: 5))
                    try server.scene.run(until: { server.foreign.count == 2 }, "two messages")
                    server.forget()
                    attacker.stream.send(attacker.peer.frame([3], number: number) + attacker.peer.frame([4], number: 6))
                    try server.isRid(of: attacker.stream, .notAuthenticated)
                }
            }
        }

        @Test("CVE-2014-7203: a server's messages cannot be repeated either") func replayByServer() throws {
            for number in [7, 6, 3, 1] {
                try withVirtualScene { scene in
                    let pull = try scene.pull {
                        $0.security = try! .curveClient(clientKeys, serverKey: serverKeys.publicKey)
                    }
                    var ends: [EventReason] = []
                    pull.onEvent = { if $1.isDisconnect, let reason = $1.reason { ends.append(reason) } }
                    let listener = try scene.rawListener()
                    try pull.connect(listener.endpoint)
                    let attacker = try Attacker(
                        listener.accept(),
                        scene,
                        own: serverKeys,
                        peerKey: clientKeys.publicKey
                    )
                    listener.close()
                    try attacker.serve()
                    attacker.stream.send(attacker.peer.frame([1], number: 7, fromServer: true))
                    #expect(try scene.receive(pull) == Message([1]))
                    attacker.stream.send(attacker.peer.frame([2], number: number, fromServer: true))
                    try scene.run(until: { !ends.isEmpty }, "the end")
                    #expect(ends.map(\.kind) == [.notAuthenticated])
                    #expect(pull.statistics.messagesReceived == 1)
                    attacker.stream.hangUp()
                }
            }
        }

        @Test("CU-4: also a server that connects replaces the key of its cookies each minute", arguments: [1, 2])
        func connectingServer(minutes: Int) throws {
            try withVirtualScene { scene in
                let security = try SocketSecurity.curveServer(serverKeys, authenticator: .acceptAll)
                let pull = try scene.pull { ($0.security, $0.handshakeInterval) = (security, .seconds(600)) }
                var ends: [EventReason] = []
                pull.onEvent = { if let reason = $1.reason { ends.append(reason) } }
                func attacker() throws -> Attacker {
                    let listener = try scene.rawListener()
                    defer { listener.close() }
                    try pull.connect(listener.endpoint)
                    let stream = try listener.accept()
                    return try Attacker(stream, scene, own: clientKeys, peerKey: serverKeys.publicKey)
                }
                let slow = try attacker()
                try slow.begin()
                var others: [Attacker] = []
                for _ in 0..<minutes {
                    scene.run(for: .seconds(61))
                    others.append(try attacker())
                }
                slow.stream.send(Wire.command("INITIATE", slow.peer.initiate()))
                try scene.run(until: { pull.peerCount == 1 || !ends.isEmpty }, "the end of the handshake")
                let reason = minutes == 1 ? nil : "what the peer encrypted is not authentic: the cookie"
                #expect(ends.first?.message == reason)
                for one in others + [slow] { one.stream.hangUp() }
            }
        }

        @Test("CVE-2014-7203: a recorded connection is of no use on another one", arguments: [0, 1])
        func recorded(ioThreads: Int) throws {
            try withServer(ioThreads: ioThreads) { server in
                let victim = try attacker(server)
                try victim.begin()
                let recorded =
                    Wire.command("INITIATE", victim.peer.initiate()) + victim.peer.frame([1], number: 3)
                victim.stream.send(recorded)
                try server.scene.run(until: { server.foreign.count == 1 }, "the victim's message")
                server.forget()
                let thief = try server.attacker()
                try server.send(
                    Wire.greeting(mechanism: "CURVE") + Wire.command("HELLO", victim.peer.hello()) + recorded,
                    from: thief
                )
                try server.scene.run(until: { !server.ends.isEmpty }, "the end")
                #expect(server.ends.map(\.kind) == [.notAuthenticated])
                victim.stream.send(victim.peer.frame([2], number: 4))
                try server.scene.run(until: { server.foreign == [Message([2])] }, "the victim's next message")
                try server.isServing()
                victim.stream.hangUp()
            }
        }
    }
#endif
