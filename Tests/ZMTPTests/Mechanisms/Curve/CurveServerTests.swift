#if Curve
    import Testing
    import ZMQReactorTestSupport
    import ZMQReactorTesting

    @testable import ZMTP

    @Suite struct CurveServerTests {
        /// The events behind HELLO.
        private func found(_ input: (CurvePeer) -> [UInt8], verdict: Verdict? = .accepted(.anonymous)) -> Transcript {
            var peer = CurvePeer.client()
            var session = Session.curveServer(&peer, verdict: verdict)
            session.feed(input(peer))
            return session.transcript
        }

        private func initiate(_ data: (CurvePeer) -> [UInt8], verdict: Verdict? = .accepted(.anonymous)) -> Transcript {
            found({ Wire.command("INITIATE", data($0)) }, verdict: verdict)
        }

        private func hello(_ data: [UInt8]) -> Transcript {
            transcript(
                .accepting(.pull, CurveExample.server()),
                Wire.greeting(mechanism: "CURVE") + Wire.command("HELLO", data)
            )
        }

        @Test("CU-4: the client is known when INITIATE has arrived") func known() {
            let found = initiate { $0.initiate() }
            #expect(found.credentials == .curve(CurveExample.clientKeys.publicKey))
            #expect(found.peer?.socketType == .push && found.failure == nil)
            let undecided = initiate({ $0.initiate() }, verdict: nil)
            #expect(undecided.items.count == 1 && undecided.output.count == 64 + 170)
        }

        @Test("CU-2, CU-3: every field of HELLO is checked, and nothing is answered") func helloFields() {
            let peer = CurvePeer.client()
            var faults: [String: [UInt8]] = [
                "too short": peer.hello().dropLast(),
                "too long": peer.hello() + [0],
                "empty": [],
                "version 1.1": peer.hello(version: [1, 1]),
                "version 2.0": peer.hello(version: [2, 0]),
                "version 0.0": peer.hello(version: [0, 0]),
                "other contents": peer.hello(contents: Wire.zeros(63) + [1]),
                "another key": peer.hello(key: CurveExample.clientKeys.publicKey.bytes),
                "a weak key": peer.hello(key: Wire.zeros(32)),
                "a key of low order": peer.hello(key: [1] + Wire.zeros(31)),
            ]
            for offset in [0, 1, 35, 71] {
                var padding = Wire.zeros(72)
                padding[offset] = 1
                faults["padding \(offset)"] = peer.hello(padding: padding)
            }
            for offset in [74, 105, 106, 113, 114, 129, 130, 193] {
                var data = peer.hello()
                data[offset] ^= 1
                faults["bit of \(offset)"] = data
            }
            for (name, data) in faults {
                let found = hello(data)
                #expect(found.items.count == 1, "\(name)")
                #expect([.malformedCommand, .notAuthentic].contains(found.failure?.code), "\(name)")
                #expect(found.output.count == Greeting.size, "\(name)")
            }
            #expect(hello(peer.hello()).failure == nil)
            #expect(hello(peer.hello(number: 7)).failure == nil)
        }

        @Test("CU-2, CU-3: every field of INITIATE is checked, and nothing is answered") func initiateFields() throws {
            let thief = try CurveKeyPair()
            let faults: [String: (CurvePeer) -> [UInt8]] = [
                "empty": { _ in [] },
                "too short": { Array($0.initiate(metadata: []).dropLast()) },
                "another cookie": { $0.initiate(cookie: Wire.zeros(96)) },
                "the cookie's nonce": { $0.initiate(cookie: [$0.cookie[0] ^ 1] + $0.cookie[1...]) },
                "the cookie's box": { $0.initiate(cookie: $0.cookie.dropLast() + [$0.cookie[95] ^ 1]) },
                "a number used by HELLO": { $0.initiate(number: 1) },
                "a lower number": { $0.initiate(number: 0) },
                "another's key": { $0.initiate(key: thief.publicKey.bytes) },
                "a weak key": { $0.initiate(key: Wire.zeros(32)) },
                "another's vouch": { $0.initiate(vouch: $0.vouch(by: thief)) },
                "a vouch for another": { $0.initiate(vouch: $0.vouch(for: thief.publicKey.bytes)) },
                "a vouch at another server": { $0.initiate(vouch: $0.vouch(at: thief.publicKey.bytes)) },
                "no vouch": { $0.initiate(vouch: Wire.zeros(96)) },
                "bit of the number": { Self.flip(104 - 1, of: $0.initiate()) },
                "bit of the box": { Self.flip(104 + 20, of: $0.initiate()) },
                "last bit": { Self.flip($0.initiate().count - 1, of: $0.initiate()) },
            ]
            for (name, data) in faults {
                let found = initiate(data)
                #expect(found.items.count == 1, "\(name)")
                #expect([.malformedCommand, .notAuthentic].contains(found.failure?.code), "\(name)")
                #expect(found.output.count == 64 + 170, "\(name)")
            }
            #expect(initiate { $0.initiate(number: 9) }.peer != nil)
        }

        private static func flip(_ index: Int, of data: [UInt8]) -> [UInt8] {
            var data = data
            data[index] ^= 1
            return data
        }

        @Test("MD-2, MD-3, N-5: metadata") func metadata() {
            for broken in [hex("0B 53"), Wire.property("", "x"), Wire.property("A", "") + Wire.property("a", "")] {
                let found = initiate { $0.initiate(metadata: broken) }
                // Before the client is accepted, nothing is answered.
                #expect(found.items.count == 1 && found.output.count == 64 + 170)
            }
            let found = initiate { $0.initiate(metadata: Wire.property("Socket-Type", "PUB")) }
            let error = ProtocolError.incompatible(.pub, with: .pull)
            #expect(found.failure == error && found.peer == nil)
            #expect(Array(found.output.dropFirst(64 + 170)) == Wire.error(error.message))
            #expect(initiate { $0.initiate(metadata: []) }.failure == .noSocketType)
        }

        @Test("CU-8: a client that is refused gets an ERROR") func refused() {
            for (refusal, code) in [(Refusal.denied, "400"), (.internalError, "500")] {
                let found = initiate({ $0.initiate() }, verdict: .refused(refusal))
                #expect(Array(found.output.dropFirst(64 + 170)) == Wire.error(code))
                #expect(found.failure == .notAuthenticated(refusal) && found.peer == nil)
            }
            let found = initiate({ $0.initiate() }, verdict: .refused(.temporarily))
            #expect(found.failure?.code == .notAuthenticated && found.output.count == 64 + 170)
        }

        @Test("CM-1, CM-3: one command is accepted in each state") func order() {
            let names = ["HELLO", "WELCOME", "INITIATE", "READY", "ERROR", "MESSAGE", "PING", "SUBSCRIBE", "X"]
            for name in names where name != "HELLO" {
                let input = Wire.greeting(mechanism: "CURVE") + Wire.command(name, Wire.zeros(300))
                let found = transcript(.accepting(.pull, CurveExample.server()), input)
                #expect(found.failure == .unexpectedCommand(name))
            }
            for name in names where name != "INITIATE" {
                let found = found { peer in Wire.command(name, peer.initiate()) }
                #expect(found.failure == .unexpectedCommand(name) && found.items.count == 1)
            }
            #expect(
                found { peer in Wire.command("HELLO", peer.hello(number: 5)) }.failure == .unexpectedCommand("HELLO")
            )
            #expect(found { $0.frame([1], number: 3) }.failure == .messageInHandshake)
            #expect(found { Wire.frame(flags: 0, [8] + Array("INITIATE".utf8) + $0.initiate()) }.failure != nil)
        }

        @Test("CM-2: no command without a complete name is taken, in each state") func nameless() {
            for command in Wire.namelessCommands {
                let first = transcript(
                    .accepting(.pull, CurveExample.server()),
                    Wire.greeting(mechanism: "CURVE") + command
                )
                for (result, sent) in [(first, 64), (found { _ in command }, 64 + 170)] {
                    #expect(result.items.count == 1 && result.failure?.code == .malformedCommand, "\(command)")
                    #expect(result.output.count == sent, "\(command)")
                }
            }
        }

        @Test("CU-4: a recorded handshake is of no use on another connection") func replay() {
            let mechanism = CurveExample.server()
            var client = CurvePeer.client()
            let greeting = Wire.greeting(mechanism: "CURVE")
            let hello = Wire.command("HELLO", client.hello())
            var first = Session(.accepting(.pull, mechanism))
            first.feed(greeting + hello)
            let isWelcome = client.read(welcome: Array(first.transcript.output.dropFirst(74)))
            #expect(isWelcome)
            let recorded = Wire.command("INITIATE", client.initiate()) + client.frame([7], number: 3)
            var second = Session(.accepting(.pull, mechanism))
            second.feed(greeting + hello + recorded)
            #expect(second.transcript.failure == .notAuthentic("the cookie") && second.transcript.items.count == 1)
            first.feed(recorded)
            #expect(first.transcript.messages == [Wire.message([[7]])])
        }

        @Test("CU-4: the key of the cookies is replaced, and handshakes in progress survive that once") func rotation()
        {
            for (rotations, isAlive) in [(0, true), (1, true), (2, false), (3, false)] {
                let mechanism = CurveExample.server()
                var client = CurvePeer.client()
                var session = Session(.accepting(.pull, mechanism))
                session.feed(Wire.greeting(mechanism: "CURVE") + Wire.command("HELLO", client.hello()))
                let isWelcome = client.read(welcome: Array(session.transcript.output.dropFirst(74)))
                #expect(isWelcome)
                for rotation in 0...rotations { mechanism.replaceKeys(at: Int64(rotation) * 60_000_000_000) }
                session.feed(Wire.command("INITIATE", client.initiate()))
                #expect((session.transcript.peer != nil) == isAlive, "\(rotations)")
            }
        }

        @Test("CU-5: transient keys and cookies differ between connections") func transientKeys() throws {
            let mechanism = try Mechanism.curveServer(CurveExample.serverKeys)
            var keys: Set<[UInt8]> = []
            for _ in 0..<8 {
                var client = CurvePeer.client()
                var session = Session(.accepting(.pull, mechanism))
                session.feed(Wire.greeting(mechanism: "CURVE") + Wire.command("HELLO", client.hello()))
                let isWelcome = client.read(welcome: Array(session.transcript.output.dropFirst(74)))
                #expect(isWelcome)
                keys.insert(client.peerTransientKey)
                keys.insert(client.cookie)
            }
            #expect(keys.count == 16)
        }
    }
#endif
