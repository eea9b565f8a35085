#if Curve
    import Testing
    import ZMQReactorTestSupport
    import ZMQReactorTesting

    @testable import ZMTP

    @Suite struct CurveTransformTests {
        /// A session in traffic, of a server and the handmade client.
        private func traffic(
            limit: Int = .max,
            _ body: (CurvePeer, inout Session) -> Void
        ) {
            var peer = CurvePeer.client()
            var session = Session.curveServer(&peer, limit: limit)
            session.feed(Wire.command("INITIATE", peer.initiate()))
            check(session.transcript.peer != nil)
            body(peer, &session)
        }

        private func found(limit: Int = .max, _ input: (CurvePeer) -> [UInt8]) -> Transcript {
            var found = Transcript()
            traffic(limit: limit) { peer, session in
                session.feed(input(peer))
                found = session.transcript
            }
            return found
        }

        @Test(
            "messages of any size, open and sealed",
            arguments: [0, 1, 31, 32, 33, 222, 223, 255, 256, 5_000, 70_000]
        )
        func sizes(size: Int) {
            let body = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
            traffic { peer, session in
                session.feed(peer.frame(body, number: 3) + peer.frame(body, flags: 1, number: 4))
                session.feed(peer.frame(body, number: 9) + peer.frame([1], number: 10))
                let messages = [Wire.message([body]), Wire.message([body, body]), Wire.message([[1]])]
                check(session.transcript.messages == messages && session.transcript.failure == nil)
                let frames = [(UInt8(0), body), (1, body), (1, []), (0, body)]
                var rest = session.send(Wire.message([body]) + Wire.message([body, [], body]))[...]
                for (flags, body) in frames {
                    let header = rest.withUnsafeBytes { FrameHeader(trusted: $0.baseAddress!) }
                    // CU-10: a message, not a command, and MORE is inside.
                    check(header.flags & ~FrameHeader.long == 0)
                    let frame = Array(rest.dropFirst(header.size).prefix(header.bodySize))
                    let opened = peer.read(message: frame, fromServer: true)
                    #expect(opened == [flags] + body)
                    rest = rest.dropFirst(header.frameSize)
                }
                check(rest.isEmpty)
            }
        }

        @Test("CU-10: MESSAGE is accepted as a message and as a command, in either form") func outerFlags() {
            for (flags, isLong) in [(0, false), (0, true), (4, false), (4, true)] {
                let found = found { Wire.frame(flags: UInt8(flags), $0.message([5], number: 3), long: isLong) }
                #expect(found.messages == [Wire.message([[5]])])
            }
            for flags: UInt8 in [1, 5, 8, 0x10, 0x80] {
                let found = found { Wire.frame(flags: flags, $0.message([5], number: 3)) }
                #expect(found.failure == .illegalFlags(flags) && found.messages.isEmpty)
            }
        }

        @Test("CU-9: flags inside the box") func innerFlags() {
            let command = [4] + Array("PING".utf8) + [0, 9, 0x41]
            traffic { peer, session in
                let before = session.transcript.output.count
                session.feed(peer.frame(command, flags: 2, number: 3))
                let pong = Array(session.transcript.output.dropFirst(before + 2))
                check(session.engine.peerTimeToLive == 9)
                #expect(peer.read(message: pong, fromServer: true) == [2, 4] + Array("PONG".utf8) + [0x41])
            }
            for flags: UInt8 in [3, 4, 5, 6, 0x80, 0xFF] {
                let found = found { $0.frame(command, flags: flags, number: 3) + $0.frame([1], number: 4) }
                #expect(found.failure == .illegalFlags(flags) && found.messages.isEmpty)
            }
            // A command that is none.
            #expect(found { $0.frame([9, 1], flags: 2, number: 3) }.failure?.code == .malformedCommand)
        }

        @Test("CU-1: a number that does not rise closes the connection") func numbers() {
            for number in [0, 1, 2, 5] {
                let found = found {
                    $0.frame([1], number: 5) + $0.frame([2], number: number) + $0.frame([3], number: 6)
                }
                #expect(found.messages == [Wire.message([[1]])])
                #expect(found.failure == .numberUsed)
            }
            let replayed = found { peer in
                let once = peer.frame([1], number: 3)
                return once + once
            }
            #expect(replayed.messages.count == 1 && replayed.failure == .numberUsed)
            #expect(found { $0.frame([1], number: 2) }.failure == .numberUsed)
            let high = found { $0.frame([1], number: .max) + $0.frame([1], number: .min) + $0.frame([1], number: -1) }
            #expect(high.messages.count == 3 && high.failure == nil)
        }

        @Test("CU-6: a frame that was changed closes the connection, without an answer") func changed() {
            for offset in [0, 1, 7, 8, 15, 16, 31, 32, 33, 40] {
                traffic { peer, session in
                    let output = session.transcript.output
                    var body = peer.message(Array(1...10), number: 4)
                    body[offset] ^= 1
                    session.feed(peer.frame([9], number: 3) + Wire.frame(flags: 0, body) + peer.frame([1], number: 5))
                    check(session.transcript.messages == [Wire.message([[9]])])
                    check(session.transcript.failure?.code == .notAuthentic, "\(offset)")
                    check(session.transcript.output == output)
                }
            }
            // Sealed by this side: a message sent back.
            traffic { _, session in
                let own = session.send(Wire.message("x"))
                session.feed(own)
                check(session.transcript.failure?.code == .notAuthentic)
            }
        }

        @Test("CU-6: anything that is not encrypted closes the connection") func plain() {
            for plain in [
                Wire.message("m"), Wire.message([Wire.zeros(300)]), Wire.ping(), Wire.ready(.push), Wire.error("400"),
                Wire.command("SUBSCRIBE"), hex("00 00"), hex("04 00"), Wire.command("MESSAGE", Wire.zeros(24)),
                Wire.command("MESSAGE", Wire.zeros(8)), Wire.command("INITIATE", Wire.zeros(300)),
            ] {
                let found = found { $0.frame([1], number: 3) + plain + $0.frame([2], number: 4) }
                #expect(found.messages == [Wire.message([[1]])])
                #expect(found.failure == .notEncrypted)
            }
            #expect(found { _ in Wire.command("MESSAGE", Wire.zeros(25)) }.failure == .numberUsed)
        }

        @Test("F-5: limits hold for what is inside, at the header") func limits() {
            func found(_ input: (CurvePeer) -> [UInt8]) -> Transcript {
                var peer = CurvePeer.client()
                var configuration = Engine.Configuration.accepting(.pull, CurveExample.server())
                (configuration.maxMessageSize, configuration.maxFrames) = (10, 3)
                configuration.maxHandshakeSize = 300
                var session = Session(configuration)
                session.feed(Wire.greeting(mechanism: "CURVE") + Wire.command("HELLO", peer.hello()))
                let isWelcome = peer.read(welcome: Array(session.transcript.output.dropFirst(74)))
                check(isWelcome)
                session.feed(Wire.command("INITIATE", peer.initiate()) + input(peer))
                return session.transcript
            }
            #expect(found { $0.frame(Wire.zeros(10), number: 3) }.messages.count == 1)
            #expect(found { $0.frame(Wire.zeros(11), number: 3) }.failure == .messageTooLarge(limit: 10))
            let parts = found { $0.frame(Wire.zeros(6), flags: 1, number: 3) + $0.frame(Wire.zeros(5), number: 4) }
            #expect(parts.failure == .messageTooLarge(limit: 10))
            let claim = [2] + Wire.bigEndian(334, bytes: 8)
            #expect(found { _ in claim }.failure == .messageTooLarge(limit: 10))
            #expect(found { _ in [2] + Wire.bigEndian(.max, bytes: 8) }.failure == .messageTooLarge(limit: 10))
            let frames = found { peer in (3..<9).flatMap { peer.frame([], flags: 1, number: $0) } }
            #expect(frames.failure == .tooManyFrames(limit: 3))
        }

        @Test("DEV-33: commands between the frames of a message") func commandsInside() {
            let pong = [4] + Array("PONG".utf8)
            for limit in [Int.max, 1, 2] {
                let found = found(limit: limit) { peer in
                    peer.frame([1], flags: 1, number: 3) + peer.frame(pong, flags: 2, number: 4)
                        + peer.frame(Wire.zeros(5_000), flags: 1, number: 5) + peer.frame(pong, flags: 2, number: 6)
                        + peer.frame([2], number: 7) + peer.frame([3], number: 8)
                }
                #expect(found.messages == [Wire.message([[1], Wire.zeros(5_000), [2]]), Wire.message([[3]])])
                #expect(found.pongs.count == 2 && found.failure == nil)
            }
        }

        @Test("CU-11: subscriptions, as commands and as messages") func subscriptions() {
            var client = Session(.connecting(.sub, CurveExample.client()))
            var server = Session(.accepting(.xpub, CurveExample.server()))
            join(&client, &server)
            var frames: [UInt8] = []
            Subscription.subscribe.append(topic: [0x41], for: .v3_1, to: &frames)
            Subscription.subscribe.append(topic: Wire.zeros(300), for: .v3_0, to: &frames)
            Subscription.cancel.append(topic: [], for: .v3_1, to: &frames)
            server.feed(client.send(frames + Wire.message("plain")))
            #expect(server.transcript.subscriptions == [.subscribe, .subscribe, .cancel])
            let messages = [[1, 0x41], [1] + Wire.zeros(300), [0], Array("plain".utf8)] as [[UInt8]]
            #expect(server.transcript.messages == messages.map { Wire.message([$0]) })
        }

        @Test("many small messages come as one run") func runs() {
            traffic { peer, session in
                let before = session.transcript.batches
                session.feed((3..<103).flatMap { peer.frame([UInt8($0)], number: $0) })
                check(session.transcript.messages.count == 100)
                check(session.transcript.batches == before + 1)
            }
        }

        @Test("frames that complete no message are opened in parts") func parts() {
            let most = OpenedInput.stepsAtOnce
            for (count, parts) in [(most - 1, 0), (most + 1, 1), (3 * most + 1, 3)] {
                traffic { peer, session in
                    let before = session.transcript.calls
                    let frames = (0..<count).flatMap { peer.frame([], flags: 1, number: 3 + $0) }
                    session.feed(frames + peer.frame([1], number: 3 + count))
                    check(session.transcript.messages.count == 1 && session.transcript.failure == nil)
                    // The last two calls are for the message, and for the end of the input.
                    check(session.transcript.calls == before + parts + 2)
                }
            }
        }

        @Test("a message in pieces, sealed up to a limit") func pieces() {
            traffic { peer, session in
                let transform = session.engine.transform!
                let large = Frame([UInt8](repeating: 7, count: 10_000))
                let message = Message(frames: ["a", large, Frame(), large])
                var output: [UInt8] = []
                var sizes: [Int] = []
                for slice in message.slices {
                    let isAll = transform.seal(slice.bytes, to: &output, limit: 1 << 20) { sizes.append($1) }
                    check(isAll)
                }
                check(sizes == [message.wireSize])
                // The limit takes effect behind a message; one that was begun is forgotten.
                output = []
                let isAll = Wire.message("x", "y").withUnsafeBytes { one in
                    (Wire.message("x", "y") + Array(one)).withUnsafeBytes {
                        transform.seal($0, to: &output, limit: 1) { sizes.append($1) }
                    }
                }
                check(!isAll && sizes.count == 2 && output.count == 2 * 36)
                _ = transform.seal(message.slices[0].bytes, to: &output, limit: .max) { _, _ in }
                transform.restart()
                output = []
                _ = Wire.message("z").withUnsafeBytes { transform.seal($0, to: &output, limit: .max) { _, _ in } }
                check(peer.read(message: Array(output.dropFirst(2)), fromServer: true) == [0] + Array("z".utf8))
            }
        }

        #if DEBUG
            @Test("bytes are moved twice at most, however they arrive", arguments: [1, 100, 5_000, .max])
            func moves(cut: Int) {
                traffic { peer, session in
                    var (input, number) = ([UInt8](), 3)
                    for size in [1, 64, 300, 5_000, 64, 20_000, 1, 1, 60] {
                        for flags: UInt8 in [1, 1, 0, 0] {
                            input += peer.frame(Wire.zeros(size), flags: flags, number: number)
                            number += 1
                        }
                    }
                    let buffer = UnsafeMutableRawPointer.allocate(byteCount: input.count, alignment: 1)
                    defer { buffer.deallocate() }
                    var view = Input(base: buffer, end: 0)
                    var rest = input[...]
                    while !rest.isEmpty {
                        let piece = rest.prefix(cut)
                        UnsafeMutableRawBufferPointer(start: buffer + view.end, count: piece.count).copyBytes(
                            from: piece
                        )
                        view.end += piece.count
                        rest = rest.dropFirst(piece.count)
                        session.drain(&view)
                    }
                    check(session.transcript.messages.count == 18 && session.transcript.failure == nil)
                    check(session.engine.movedBytes <= 2 * input.count)
                }
            }
        #endif
    }
#endif
