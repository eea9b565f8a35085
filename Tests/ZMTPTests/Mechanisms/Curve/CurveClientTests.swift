#if Curve
    import Testing
    import ZMQReactorTestSupport
    import ZMQReactorTesting

    @testable import ZMTP

    @Suite struct CurveClientTests {
        private func found(_ input: (CurvePeer) -> [UInt8]) -> Transcript {
            var peer = CurvePeer.server()
            var session = Session.curveClient(&peer)
            session.feed(input(peer))
            return session.transcript
        }

        private func ready(_ data: (CurvePeer) -> [UInt8]) -> Transcript {
            found { Wire.command("WELCOME", $0.welcome()) + Wire.command("READY", data($0)) }
        }

        @Test("CU-1: a handshake, whatever the numbers of the server") func handshake() {
            for number in [1, 2, 77] {
                let found = ready { $0.ready(number: number) }
                #expect(found.peer?.socketType == .pull && found.failure == nil)
                #expect(found.output.count == 64 + 202 + 286)
            }
        }

        @Test("CU-2: every field of WELCOME is checked, and nothing is answered") func welcomeFields() throws {
            let thief = try CurveKeyPair()
            var faults: [String: (CurvePeer) -> [UInt8]] = [
                "empty": { _ in [] },
                "too short": { Array($0.welcome().dropLast()) },
                "too long": { $0.welcome() + [0] },
                "a longer cookie": { $0.welcome(cookie: Wire.zeros(97)) },
                "a shorter cookie": { $0.welcome(cookie: Wire.zeros(95)) },
                "a weak key": { $0.welcome(key: Wire.zeros(32)) },
                "another server's": { peer in
                    var other = CurvePeer(own: thief, transient: peer.transient, peerKey: peer.peerKey)
                    other.peerTransientKey = peer.peerTransientKey
                    return other.welcome()
                },
            ]
            for offset in [0, 15, 16, 31, 32, 159] {
                faults["bit of \(offset)"] = { peer in
                    var data = peer.welcome()
                    data[offset] ^= 1
                    return data
                }
            }
            for (name, data) in faults {
                let found = found { Wire.command("WELCOME", data($0)) }
                #expect(found.items.count == 1, "\(name)")
                #expect([.malformedCommand, .notAuthentic].contains(found.failure?.code), "\(name)")
                #expect(found.output.count == 64 + 202, "\(name)")
            }
        }

        @Test("CU-2, CU-7: every field of READY is checked, and nothing is answered") func readyFields() throws {
            let thief = try CurveKeyPair()
            let faults: [String: (CurvePeer) -> [UInt8]] = [
                "empty": { _ in [] },
                "too short": { _ in Wire.zeros(23) },
                "without a type": { $0.ready(metadata: []) },
                "of an incompatible type": { $0.ready(metadata: Wire.property("Socket-Type", "PUB")) },
                "of broken metadata": { $0.ready(metadata: [5]) },
                "bit of the number": { [$0.ready()[0] ^ 1] + $0.ready()[1...] },
                "last bit": { $0.ready().dropLast() + [$0.ready().last! ^ 1] },
                "of another server": { peer in
                    var other = CurvePeer(own: peer.own, transient: thief, peerKey: peer.peerKey)
                    other.peerTransientKey = peer.peerTransientKey
                    return other.ready()
                },
            ]
            for (name, data) in faults {
                let found = ready(data)
                #expect(found.items.count == 1 && found.failure != nil, "\(name)")
                #expect(found.failure?.isRefusalByPeer == false)
                #expect(found.output.count == 64 + 202 + 286, "\(name)")
            }
        }

        @Test("N-7: ERROR in each state") func errors() {
            #expect(found { _ in Wire.error("400") }.failure == .refused(reason: "400"))
            #expect(
                found { Wire.command("WELCOME", $0.welcome()) + Wire.error("no") }.failure == .refused(reason: "no")
            )
            #expect(found { _ in Wire.command("ERROR", [9]) }.failure?.code == .malformedCommand)
            // It is PLAIN's server that libzmq misspells.
            let misspelt = hex("04 09 5E 52 52 4F 52 03 34 30 30")
            #expect(found { _ in misspelt }.failure?.code == .malformedCommand)
        }

        /// What a client that has sent INITIATE makes of these bytes.
        private func afterInitiate(_ bytes: [UInt8]) -> Transcript {
            found { Wire.command("WELCOME", $0.welcome()) + bytes }
        }

        @Test("N-7: an ERROR with a reason of the wrong length is no refusal, in each state") func malformedErrors() {
            for data in Wire.malformedReasons {
                let command = Wire.command("ERROR", data)
                for (result, sent) in [(found { _ in command }, 64 + 202), (afterInitiate(command), 64 + 202 + 286)] {
                    #expect(result.items.count == 1 && result.failure?.code == .malformedCommand, "\(data)")
                    #expect(result.failure?.isRefusalByPeer == false && result.output.count == sent, "\(data)")
                }
            }
        }

        @Test("CM-2: no command without a complete name is taken, in each state") func nameless() {
            for command in Wire.namelessCommands {
                for (result, sent) in [(found { _ in command }, 64 + 202), (afterInitiate(command), 64 + 202 + 286)] {
                    #expect(result.items.count == 1 && result.failure?.code == .malformedCommand, "\(command)")
                    #expect(result.output.count == sent, "\(command)")
                }
            }
        }

        @Test("CM-1, CM-3: one command is accepted in each state") func order() {
            let names = ["HELLO", "WELCOME", "INITIATE", "READY", "MESSAGE", "PING", "X"]
            for name in names where name != "WELCOME" {
                #expect(found { Wire.command(name, $0.welcome()) }.failure == .unexpectedCommand(name))
            }
            for name in names where name != "READY" {
                let found = found { Wire.command("WELCOME", $0.welcome()) + Wire.command(name, $0.ready()) }
                #expect(found.failure == .unexpectedCommand(name) && found.items.count == 1)
            }
            let early = found { Wire.command("WELCOME", $0.welcome()) + $0.frame([1], number: 1, fromServer: true) }
            #expect(early.failure == .messageInHandshake)
        }

        @Test("the client proves nothing to a server with another key") func otherServer() throws {
            var client = Session(
                .connecting(.push, CurveExample.client(serverKey: try CurveKeyPair().publicKey))
            )
            var server = Session(.accepting(.pull, CurveExample.server()))
            join(&client, &server)
            #expect(server.transcript.failure == .notAuthentic("HELLO"))
            #expect(client.transcript.items.isEmpty && client.transcript.output.count == 64 + 202)
        }
    }
#endif
