import Testing
import ZMQReactorTestSupport

@testable import ZMTP

/// The translation in both directions.
@Suite struct WebSocketCodecTests {
    private static let sizes = [0, 1, 124, 125, 126, 254, 255, 256, 257, 1000, 65_533, 65_534, 65_535, 65_536, 200_000]

    private static let session: [UInt8] =
        sizes.flatMap { Wire.message([Pattern.bytes($0), [7]]) } + Wire.command("PING", [0, 0]) + Wire.message("end")

    @Test("WS-8: a frame is a binary message of flags and body") func golden() {
        let bytes = Wire.message("a", "bc") + Wire.command("X", [1])
        let ofServer = WebSocketPeer.server().encode(bytes)
        #expect(ofServer == [0x82, 2, 1, 0x61, 0x82, 3, 0, 0x62, 0x63, 0x82, 4, 2, 1, 0x58, 1])
        let mask = WebSocketBytes.mask
        let first = [0x82, 0x82] + mask + [1 ^ mask[0], 0x61 ^ mask[1]]
        #expect(Array(WebSocketPeer.client().encode(bytes).prefix(8)) == first)
    }

    @Test("WS-8, WS-9: every size survives both directions, at any room", arguments: [300, 5000, 1 << 17])
    func roundTrip(room: Int) {
        let pairs = [
            (WebSocketPeer.client(), WebSocketPeer.server(room: room)),
            (WebSocketPeer.server(), WebSocketPeer.client(room: room)),
        ]
        for (sender, receiver) in pairs {
            var receiver = receiver
            for pieces in [[], [1, 1, 1, 1], [100_000, 3, 7]] {
                let before = receiver.decoded.count
                receiver.feed(sender.encode(Self.session, pieces: pieces, room: room))
                #expect(Array(receiver.decoded[before...]) == Self.session)
                #expect(receiver.fault == nil)
            }
        }
    }

    /// A session with everything that a client may send.
    private static let everything: [UInt8] =
        WebSocketBytes.message(1, [1, 2]) + WebSocketBytes.frame(9, [5, 6]) + WebSocketBytes.message(0, [])
        + WebSocketBytes.frame(2, [], isFinal: false) + WebSocketBytes.frame(0, [0, 9], isFinal: false)
        + WebSocketBytes.frame(10, []) + WebSocketBytes.frame(0, Pattern.bytes(300), isFinal: false)
        + WebSocketBytes.frame(0, []) + WebSocketBytes.message(2, [1, 0x58])
        + WebSocketBytes.message(0, Pattern.bytes(700))
        + WebSocketBytes.close(1000, "bye")

    @Test("WS-9, WS-13, WS-16: a session means the same at every split of it", arguments: [60, 1 << 16])
    func splits(room: Int) {
        var whole = WebSocketPeer.server(room: room)
        whole.feed(Self.everything)
        let expected =
            Wire.message([[1, 2], []]) + Wire.message([[9] + Pattern.bytes(300)]) + Wire.command("X")
            + Wire.message([Pattern.bytes(700)])
        #expect(whole.decoded == expected)
        #expect(whole.isOver && whole.fault == nil && whole.pongs == 1)
        for split in 0...Self.everything.count {
            var peer = WebSocketPeer.server(room: room)
            peer.feed(Self.everything[..<split])
            peer.feed(Self.everything[split...])
            #expect(peer.decoded == expected, "split at \(split)")
            #expect(peer.isOver && peer.pongs == 1)
        }
        var peer = WebSocketPeer.server(room: room)
        for byte in Self.everything { peer.feed([byte]) }
        #expect(peer.decoded == expected)
        #expect(peer.saying.map(\.first) == [0x8A, 0x88])
        #expect(peer.saying.first?.payload == [5, 6])
    }

    @Test(
        "WS-9, WS-10, WS-11, WS-12, WS-13, WS-14, WS-15: what is malformed ends the WebSocket with the status that names it"
    ) func faults() {
        let message = WebSocketBytes.message(0, [1])
        var reserved = message
        reserved[0] |= 0x40
        let long: [UInt8] = [0x82, 0xFE, 0, 3] + WebSocketBytes.mask + [0xA1, 0, 0]
        let longer: [UInt8] = [0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF] + WebSocketBytes.mask
        let negative: [UInt8] = [0x82, 0xFF, 0x80] + Wire.zeros(7) + WebSocketBytes.mask
        let cases: [(String, UInt16, [UInt8])] = [
            ("reserved bits", 1002, reserved), ("not mask", 1002, WebSocketBytes.message(0, [1], masked: false)),
            ("opcode 3", 1002, WebSocketBytes.frame(3, [0])), ("opcode 11", 1002, WebSocketBytes.frame(11, [])),
            ("fragmented", 1002, WebSocketBytes.frame(9, [], isFinal: false)),
            ("125", 1002, WebSocketBytes.frame(9, Wire.zeros(126))),
            ("no flags", 1002, WebSocketBytes.frame(2, [])), ("flags (3)", 1002, WebSocketBytes.message(3, [])),
            ("flags (4)", 1002, WebSocketBytes.frame(2, [4], isFinal: false) + WebSocketBytes.frame(0, [])),
            ("no flags", 1002, WebSocketBytes.frame(2, [], isFinal: false) + WebSocketBytes.frame(0, [])),
            ("continue", 1002, WebSocketBytes.frame(0, [0])),
            ("before the last", 1002, WebSocketBytes.frame(2, [0], isFinal: false) + message),
            ("shortest", 1002, long), ("shortest", 1002, longer), ("top bit", 1002, negative),
            ("text", 1003, WebSocketBytes.frame(1, Array("hi".utf8))),
            ("one byte", 1002, WebSocketBytes.frame(8, [3])), ("status 999", 1002, WebSocketBytes.close(999)),
            ("status 1005", 1002, WebSocketBytes.close(1005)), ("status 5000", 1002, WebSocketBytes.close(5000)),
            ("UTF-8", 1007, WebSocketBytes.frame(8, [3, 0xE8, 0xFF])),
        ]
        for (word, status, bytes) in cases {
            for pieces in [[bytes], bytes.map { [$0] }] {
                var peer = WebSocketPeer.server()
                peer.feed(message)
                for piece in pieces { peer.feed(piece) }
                peer.feed(message)
                #expect(peer.fault?.message.contains(word) == true, "\(word): \(peer.fault?.message ?? "accepted")")
                #expect(peer.decoded == Wire.message([[1]]), "\(word)")
                let close = peer.saying.last
                #expect(close?.first == 0x88, "\(word)")
                #expect(
                    close.map { Array($0.payload.prefix(2)) } == [UInt8(status >> 8), UInt8(status & 255)],
                    "\(word)"
                )
                #expect(peer.saying.count == 1)
            }
        }
        var client = WebSocketPeer.client()
        client.feed(message)
        #expect(client.fault?.message.contains("a server masks it") == true)
    }

    @Test("WS-15, WS-18: a Close with a complaint names it, and is answered once", arguments: [1002, 1009, 3000, 4999])
    func closes(status: Int) {
        var peer = WebSocketPeer.server()
        peer.feed(WebSocketBytes.close(status, "wrong") + WebSocketBytes.frame(9, []))
        #expect(peer.fault?.kind == .closedByPeer)
        #expect(peer.fault?.message.contains("\(status): wrong") == true)
        #expect(peer.saying.map(\.first) == [0x88])
        peer.codec.close(.normal)
        peer.codec.ping()
        #expect(peer.codec.takeControl().isEmpty && !peer.codec.takesFrames)
    }

    @Test("WS-15: the reason of a Close is UTF-8 to its end, however long", arguments: 0..<4)
    func reasons(offset: Int) {
        let codec = WebSocketPeer.server().codec
        codec.close(.policyViolation, String(repeating: "x", count: offset) + String(repeating: "𝄞", count: 40))
        let payload = WebSocketBytes.frames(in: codec.takeControl()).frames[0].payload
        #expect((122...125).contains(payload.count))
        #expect(String(validating: payload.dropFirst(2), as: UTF8.self) != nil)
    }

    @Test("WS-13: a message in fragments has a limit, and costs nothing by its announcement") func limit() {
        var peer = WebSocketPeer.server { $0.maxMessageSize = 70_000 }
        let part = WebSocketBytes.frame(0, Wire.zeros(35_000), isFinal: false)
        peer.feed(WebSocketBytes.frame(2, [0], isFinal: false) + part + part)
        #expect(peer.fault == nil)
        peer.feed(WebSocketBytes.frame(0, [1]))
        #expect(peer.fault?.kind == .tooLarge && peer.fault?.status == .tooLarge)
        var announced = WebSocketPeer.server { $0.maxMessageSize = 1 << 40 }
        announced.feed([0x02, 0xFF, 0, 0, 0, 0x80, 0, 0, 0, 0] + WebSocketBytes.mask + [0xA1, 1, 2])
        #expect(announced.fault == nil && announced.decoded.isEmpty)
    }

    @Test("WS-3, WS-14: a bare client has no handshake; its text is taken where the option says so") func bare() {
        var binary = WebSocketPeer.server(protocols: nil) { $0.otherClients = .binary }
        binary.feed(WebSocketBytes.message(0, [9]))
        #expect(binary.decoded == Wire.ready(.push) + Wire.message([[9]]))
        // Our READY is none of its business.
        #expect(binary.encode(Wire.ready(.pull) + Wire.message("x")) == [0x82, 2, 0, 0x78])
        binary.feed(WebSocketBytes.frame(1, [0x78]))
        #expect(binary.fault?.status == .unsupportedData)
        var text = WebSocketPeer.server(.rep, protocols: nil) { $0.otherClients = .binaryAndText }
        let words = Array("grün".utf8)
        text.feed(
            WebSocketBytes.frame(1, Array(words[..<3]), isFinal: false) + WebSocketBytes.frame(0, Array(words[3...]))
        )
        text.feed(WebSocketBytes.frame(1, []))
        #expect(text.decoded == Wire.ready(.req, identity: []) + Wire.message([words]) + Wire.message([[]]))
        text.feed(WebSocketBytes.frame(1, [0xC3]))
        #expect(text.fault?.status == .invalidPayload)
    }

    @Test("WS-2: with ZWS2.0 alone, identities take the place of the handshake") func identities() {
        var server = WebSocketPeer.server(.router, protocols: "ZWS2.0")
        #expect(server.control == [0x82, 1, 0])
        for byte in WebSocketBytes.message(0, [0x69, 0x64]) + WebSocketBytes.message(0, [1]) { server.feed([byte]) }
        #expect(server.decoded == Wire.ready(.req, identity: [0x69, 0x64]) + Wire.message([[1]]))
        #expect(server.encode(Wire.ready(.router, identity: []) + Wire.message("x")) == [0x82, 2, 0, 0x78])
        var wrong = WebSocketPeer.server(.router, protocols: "ZWS2.0")
        wrong.feed(WebSocketBytes.message(1, [0x69]))
        #expect(wrong.fault?.message.contains("identity") == true)
        var long = WebSocketPeer.server(.router, protocols: "ZWS2.0")
        long.feed(WebSocketBytes.message(0, Wire.zeros(256)))
        #expect(long.fault?.kind == .tooLarge)
        let client = WebSocketPeer.client(.dealer, protocols: "ZWS2.0") { $0.identity = [0x69] }
        #expect(client.saying.map(\.payload) == [[0, 0x69]])
    }

    @Test("WS-16, WS-17: of many PINGs the last is answered, between two frames") func pings() {
        var peer = WebSocketPeer.server()
        let frame = Wire.message([Pattern.bytes(20)])
        _ = peer.encode(Array(frame[..<9]))
        for number in 0..<100 { peer.feed(WebSocketBytes.frame(9, [UInt8(number)])) }
        #expect(peer.control.isEmpty)
        _ = peer.encode(Array(frame[9...]))
        #expect(WebSocketBytes.frames(in: peer.codec.takeControl()).frames.map(\.payload) == [[99]])
        peer.codec.ping()
        #expect(WebSocketBytes.frames(in: peer.codec.takeControl()).frames.map(\.first) == [0x89])
    }

    @Test("WS-13, WS-14, WS-16: of what is not a whole message, little is decoded in one go")
    func portions() {
        let count = 1000
        let ping = WebSocketBytes.frame(9, [])
        let fragments = (0..<count).flatMap { WebSocketBytes.frame($0 == 0 ? 2 : 0, [0], isFinal: $0 == count - 1) }
        let messages = (0..<count).flatMap { _ in WebSocketBytes.frame(1, [0x61]) }
        let last = WebSocketBytes.message(0, [0x62])
        for (input, decoded) in [
            (Array(repeatElement(ping, count: count).joined()), []),
            (fragments, Wire.message([Wire.zeros(count - 1)])),
            (messages, Array(repeatElement(Wire.message("a"), count: count).joined())),
        ] {
            let peer = WebSocketPeer.server(protocols: nil) { $0.otherClients = .binaryAndText }
            var room = [UInt8](repeating: 0, count: 1 << 17)
            var (output, calls) = ([] as [UInt8], 0)
            let bytes = input + last
            let ready = room.withUnsafeMutableBytes { peer.codec.takeKept(into: $0) }
            #expect(ready > 0)
            room.withUnsafeMutableBytes { room in
                let offset = peer.codec.offset(in: room.count)!
                let place = UnsafeMutableRawBufferPointer(rebasing: room[offset...].prefix(bytes.count))
                place.copyBytes(from: bytes)
                output += room[..<peer.codec.decode(UnsafeRawBufferPointer(place), into: room)]
                while peer.codec.hasKept, calls < count {
                    calls += 1
                    #expect(output.count < decoded.count + 3)
                    output += room[..<peer.codec.takeKept(into: room)]
                }
            }
            #expect(output == decoded + Wire.message("b"))
            #expect((count / WebSocketDecoder.framesAtOnce...2 * count / WebSocketDecoder.framesAtOnce).contains(calls))
        }
    }
}
