#if Curve
    import Glibc
    import Testing
    import ZMQReactorTestSupport
    import ZMTP

    @testable import ZMQReactor

    /// A connection whose messages and commands are encrypted, and an engine at its far end.
    @Suite(.hangLimit)
    struct CurveConnectionTests {
        /// The engine of a CURVE server.
        private struct Server: ~Copyable {
            private var engine: Engine
            private var pending: [UInt8] = []
            private(set) var messages: [Message] = []
            private(set) var pings = 0
            private(set) var failure: ProtocolError?
            private(set) var peer: Peer?

            init(_ type: SocketType, _ keys: CurveKeyPair) throws {
                engine = try Engine(.init(socketType: type, role: .accepting, mechanism: .curveServer(keys)))
            }

            /// What it sends for these bytes.
            mutating func take(_ bytes: [UInt8]) -> [UInt8] {
                pending += bytes
                var output = engine.takeOutput()
                let chunk = Chunk(capacity: max(pending.count, 1))
                chunk.base.copyMemory(from: pending, byteCount: pending.count)
                var input = Input(base: chunk.base, end: pending.count)
                do {
                    reading: while failure == nil {
                        let transform = engine.transform
                        let event = try engine.next(&input, limit: 100)
                        let answer = engine.takeOutput()
                        if let transform {
                            pings += answer.isEmpty ? 0 : 1
                            output += Self.sealed(answer, transform)
                        } else {
                            output += answer
                        }
                        switch event {
                        case .needsInput: break reading
                        case .undecided: engine.decide(.accepted(.anonymous))
                        case .handshakeCompleted(let peer): self.peer = peer
                        case .messages(let start, let end, let count):
                            var batch = MessageBatch(chunk: chunk, start: start, end: end, count: count)
                            while let message = batch.next() { messages.append(message.copy()) }
                        case .subscription(_, let start, let end):
                            var batch = MessageBatch(chunk: chunk, start: start, end: end, count: 1)
                            while let message = batch.next() { messages.append(message.copy()) }
                        case .commands, .part, .bytes, .pong: break
                        }
                    }
                } catch {
                    failure = error
                }
                pending = Array(UnsafeRawBufferPointer(start: chunk.base + input.start, count: input.count))
                return output
            }

            func send(_ frames: [UInt8]) -> [UInt8] { Self.sealed(frames, engine.transform!) }

            private static func sealed(_ frames: [UInt8], _ transform: any MessageTransform) -> [UInt8] {
                var output: [UInt8] = []
                frames.withUnsafeBytes { _ = transform.seal($0, to: &output, limit: .max) { _, _ in } }
                return output
            }
        }

        private func withServer<S: Socket>(
            of make: (Scene) throws -> S,
            _ type: SocketType,
            writing sizes: [Int],
            _ body: (S, MemoryPeer, inout Server) throws -> Void
        ) throws {
            let keys = try CurveKeyPair()
            let security = try SocketSecurity.curveClient(serverKey: keys.publicKey)
            var server = try Server(type, keys)
            try withMemoryPeer(of: make, role: .connecting, security: security) { (socket, peer) throws in
                peer.near.outgoing.writeSizes = sizes
                Self.pump(peer, &server, turns: sizes.isEmpty ? 10 : 2_000)
                try #require(server.peer != nil && peer.handshakes.count == 1)
                try body(socket, peer, &server)
                #expect(server.failure == nil)
                #expect(peer.reason == nil)
            }
        }

        /// Moves what both sides have to say, until there is nothing left.
        private static func pump(_ peer: MemoryPeer, _ server: inout Server, turns: Int = 10) {
            for _ in 0..<4 {
                peer.turn(turns)
                let output = server.take(peer.received)
                peer.forgetReceived()
                peer.far.send(output)
            }
            peer.turn(turns)
        }

        @Test("CU-11: messages and PINGs leave in the order in which they were sealed", arguments: [1, 7, 100, .max])
        func order(size: Int) throws {
            let sizes = size == .max ? [] : Array(repeating: size, count: 1_000_000)
            try withServer(
                of: { try $0.dealer { ($0.heartbeatInterval, $0.heartbeatTimeout) = (.milliseconds(5), .seconds(5)) } },
                .dealer,
                writing: sizes
            ) { (dealer, peer, server) throws in
                var expected: [Message] = []
                for round in 0..<20 {
                    for body in [10, 0, 300, 9_000] {
                        let message = Message(frames: [Frame("\(round)"), Frame(Pattern.bytes(body, seed: round))])
                        #expect(try dealer.send(message) == .accepted)
                        expected.append(message)
                    }
                    peer.pass(.milliseconds(6))
                    Self.pump(peer, &server, turns: size == .max ? 10 : 40_000 / size)
                }
                #expect(server.messages == expected)
                #expect(server.pings > 5)
                peer.far.send(server.send(Wire.message("back") + Wire.longFrame(Pattern.bytes(20_000))))
                peer.turn()
                #expect(try dealer.tryReceive() == "back")
                #expect(try dealer.tryReceive() == Message(Pattern.bytes(20_000)))
            }
        }

        @Test("CU-11: subscriptions are encrypted") func subscriptions() throws {
            try withServer(of: { try $0.sub() }, .xpub, writing: []) { (sub, peer, server) throws in
                try sub.subscribe(to: "topic")
                Self.pump(peer, &server)
                #expect(server.messages == [Message([1] + Array("topic".utf8))])
                peer.far.send(server.send(Wire.message("topic 1")))
                peer.turn()
                #expect(try sub.tryReceive() == "topic 1")
            }
        }

        @Test("without an authenticator, a server refuses every client") func refused() throws {
            try withMemoryPeer(of: { try $0.pull() }, security: .plainServer(authenticator: nil)) { (_, peer) throws in
                var greeting = Wire.greeting()
                greeting.replaceSubrange(12..<17, with: Array("PLAIN".utf8))
                peer.far.send(greeting + Wire.command("HELLO", [0, 0]))
                peer.turn()
                #expect(peer.received.suffix(12) == Wire.command("ERROR", [3] + Array("400".utf8)).suffix(12))
                #expect(peer.reason != nil && peer.handshakes.isEmpty)
            }
        }
    }
#endif
