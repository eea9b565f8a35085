import Testing

@testable import zmqcat

/// What other ends say, as bytes, in any pieces.
@Suite struct ConversationTests {
    /// The peer's greeting.
    private func greeting(minor: UInt8 = 1, _ mechanism: String = "NULL") -> [UInt8] {
        var bytes: [UInt8] = [0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0x7F, 3, minor]
        bytes += mechanism.utf8
        return bytes + [UInt8](repeating: 0, count: 64 - bytes.count)
    }

    private func command(_ body: [UInt8]) -> [UInt8] { [4, UInt8(body.count)] + body }

    private func ready(_ type: String, identity: String = "") -> [UInt8] {
        var body = [5] + Array("READY".utf8)
        for (name, value) in [("Socket-Type", type), ("Identity", identity)] {
            body += [UInt8(name.utf8.count)] + name.utf8 + [0, 0, 0, UInt8(value.utf8.count)] + value.utf8
        }
        return command(body)
    }

    private let pong = [4, 10, 4] + Array("PONGprobe".utf8)

    /// Everything at once, byte by byte, and split in two at every place: the same findings and output each time.
    private func hold<C: Conversation>(
        _ make: @autoclosure () -> C,
        _ bytes: [UInt8],
        then end: (inout C) -> Void = { $0.waited() }
    ) -> (findings: Findings, output: [UInt8]) {
        func run(_ pieces: [ArraySlice<UInt8>]) -> (findings: Findings, output: [UInt8]) {
            var conversation = make()
            for piece in pieces where !piece.isEmpty { conversation.receive(piece) }
            end(&conversation)
            return (conversation.findings, conversation.output)
        }
        let whole = run([bytes[...]])
        #expect(run(bytes.indices.map { bytes[$0...$0] }) == whole)
        for place in bytes.indices { #expect(run([bytes[..<place], bytes[place...]]) == whole) }
        return whole
    }

    @Test("ZMTP 3.1 with NULL: a READY of a fitting type and a PING, and the answer")
    func null() {
        let (findings, output) = hold(ZMTPConversation(), greeting() + ready("ROUTER", identity: "me") + pong)
        #expect(findings.language == .zmtp(major: 3, minor: 1))
        #expect(findings.mechanism == "NULL")
        #expect(findings.peerType == "ROUTER" && findings.offeredType == "REQ")
        #expect(findings.properties.map(\.name) == ["Socket-Type", "Identity"])
        #expect(findings.properties.last?.value == Array("me".utf8))
        #expect(findings.hasAnsweredPing == true && findings.end == .complete)
        // It says 3.0, so that the peer does not wait for its READY.
        #expect(Array(output[..<12]) == [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 0])
        #expect(
            Array(output[64...]) == command(WireCommand.ready("REQ").body) + [4, 12, 4] + Array("PING\0\0probe".utf8)
        )
    }

    @Test("a peer of ZMTP 3.0 gets no PING, and accepts when it stays")
    func version30() {
        let (findings, output) = hold(ZMTPConversation(), greeting(minor: 0) + ready("PULL"))
        #expect(findings.language == .zmtp(major: 3, minor: 0))
        #expect(findings.offeredType == "PUSH" && findings.hasAnsweredPing == nil && findings.end == .complete)
        #expect(output.count == 64 + command(WireCommand.ready("PUSH").body).count)
        #expect(hold(ZMTPConversation(), greeting(minor: 0) + ready("PULL")) { $0.closed() }.findings.end == .closed)
    }

    @Test(
        "the handshake with a peer that would send messages is not completed",
        arguments: ["PUSH", "DEALER", "PAIR", "REQ"]
    )
    func unasked(type: String) {
        let (findings, output) = hold(ZMTPConversation(), greeting() + ready(type))
        #expect(findings.peerType == type && findings.offeredType == nil && findings.end == .complete)
        #expect(output.count == 64)
    }

    @Test("a server with a mechanism does not get the rest of the greeting", arguments: ["PLAIN", "CURVE", "GSSAPI"])
    func mechanisms(name: String) {
        let (findings, output) = hold(ZMTPConversation(), greeting(name))
        #expect(findings.mechanism == name && findings.end == .complete)
        #expect(output.count == 11)
    }

    @Test("a peer that waits for READY gets one with a guess; its ERROR has the reason")
    func guess() {
        func held(_ answer: [UInt8]) -> (findings: Findings, output: [UInt8]) {
            hold(ZMTPConversation(guess: Guess(type: "SUB", isFirst: false)), greeting()) {
                $0.waited()
                $0.receive(answer[...])
                $0.waited()
            }
        }
        let refused = held(command([5] + Array("ERROR".utf8) + [3] + Array("bad".utf8))).findings
        #expect(refused.offeredType == "SUB" && refused.refusal == "bad" && refused.end == .complete)
        #expect(refused.peerType == nil)
        let accepted = held(ready("PUB") + pong).findings
        #expect(accepted.offeredType == "SUB" && accepted.peerType == "PUB" && accepted.hasAnsweredPing == true)
        #expect(held([]).findings.end == .silent)
    }

    @Test("where it is known that the peer waits, the probe speaks first")
    func speaksFirst() {
        let guess = Guess(type: "SUB", isFirst: true)
        let (findings, output) = hold(ZMTPConversation(guess: guess), greeting()) { _ in }
        #expect(findings.offeredType == "SUB" && findings.end == nil)
        #expect(Array(output[64...]) == command(WireCommand.ready("SUB").body))
        let answered = hold(webSocket(guess: guess), Array(switching.utf8) + framed(ready("PUB")) + framed(pong))
            .findings
        #expect(answered.peerType == "PUB" && answered.hasAnsweredPing == true && answered.end == .complete)
    }

    @Test("a SUB says what it wants, as messages or commands")
    func subscriptions() {
        let said = [0, 4, 1] + Array("tea".utf8) + [0, 1, 1] + command([9] + Array("SUBSCRIBEice".utf8))
        let (findings, _) = hold(ZMTPConversation(), greeting() + ready("SUB") + pong + said)
        #expect(findings.offeredType == "PUB" && findings.end == .complete)
        #expect(findings.subscriptions == [Array("tea".utf8), [], Array("ice".utf8)])
    }

    @Test("ZMTP 2.0 tells its type, and 1.0 nothing")
    func oldVersions() {
        let old = hold(ZMTPConversation(), [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 1, 7, 0, 0]).findings
        #expect(old.language == .zmtp(major: 2, minor: 0) && old.peerType == "PULL" && old.end == .complete)
        #expect(hold(ZMTPConversation(), [1, 0]).findings.language == .zmtp(major: 1, minor: 0))
        #expect(hold(ZMTPConversation(), [4, 0, 0x61, 0x62, 0x63]).findings.language == .zmtp(major: 1, minor: 0))
        let unknown = hold(ZMTPConversation(), [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 1, 99]).findings
        #expect(unknown.end == .faulty("socket type 99 is unknown"))
    }

    @Test(
        "other servers by what they say first",
        arguments: [
            ("SSH-2.0-OpenSSH_9.2\r\n", "an SSH server", "SSH-2.0-OpenSSH_9.2"),
            ("220 mail ESMTP\r\n", "an SMTP or FTP server", "220 mail ESMTP"),
            ("\0SP\0\0\u{50}\0\0", "nanomsg or nng", "\\x00SP\\x00\\x00P\\x00\\x00"),
            ("AMQP\0\0\u{9}\u{1}", "an AMQP broker", "AMQP\\x00\\x00\\x09\\x01"),
            ("-ERR unknown command\r\n", "Redis or a similar server", "-ERR unknown command"),
            ("hello\n", nil, "hello"),
            ("\u{4A}\0\0\0\u{A}8.0.36\0", "MySQL or MariaDB", "J\\x00\\x00\\x00"),
        ]
    )
    func banners(text: String, kind: String?, line: String) {
        for end in [{ $0.waited() }, { $0.closed() }] as [(inout ZMTPConversation) -> Void] {
            let (findings, _) = hold(ZMTPConversation(), Array(text.utf8), then: end)
            guard case .other(let banner)? = findings.language else {
                Issue.record("\(findings)")
                return
            }
            #expect(banner.kind == kind && banner.text == line)
        }
    }

    @Test("HTTP, TLS and Telnet")
    func others() {
        let http = hold(ZMTPConversation(), Array("HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\nbody".utf8)).findings
        #expect(http.language == .http(status: "400 Bad Request", server: "x"))
        #expect(hold(ZMTPConversation(), [0x15, 3, 1, 0, 2, 2, 70]).findings.language == .tls)
        let telnet = hold(ZMTPConversation(), [0xFF, 0xFD, 0x18, 0xFF, 0xFD, 0x20, 0xFF, 0xFD, 0x23, 0xFF, 0xFD, 0x27])
            .findings
        #expect(
            telnet.language == .other(Banner([0xFF, 0xFD, 0x18, 0xFF, 0xFD, 0x20, 0xFF, 0xFD, 0x23, 0xFF, 0xFD, 0x27]))
        )
    }

    @Test("silence, and an end without a word")
    func nothing() {
        #expect(hold(ZMTPConversation(), []).findings.end == .silent)
        #expect(hold(ZMTPConversation(), []) { $0.closed() }.findings.end == .closed)
        #expect(hold(ZMTPConversation(), [0xFF, 0]).findings.language != .zmtp(major: 3, minor: 1))
    }

    @Test("what breaks the protocol ends it, and nothing is kept of what is too large")
    func faults() {
        for (bytes, reason) in [
            ([8, 0], "a frame with the flags 8"), ([2, 0, 0, 0, 1, 0, 0, 0, 0], "a frame of 4294967296 bytes"),
            ([4, 1, 0], "a malformed command"),
            (command([5] + Array("READY".utf8) + [200]), "the metadata of its READY is malformed"),
            (command([5] + Array("READX".utf8) + [0]), "unexpected command READX"),
        ] as [([UInt8], String)] {
            #expect(hold(ZMTPConversation(), greeting() + bytes).findings.end == .faulty(reason))
        }
    }

    @Test("any bytes end it, without a trap")
    func anyBytes() {
        var random = SystemRandomNumberGenerator()
        let whole = greeting() + ready("SUB") + pong
        for _ in 0..<5000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
            }
            var conversation = ZMTPConversation(guess: Guess(type: "REQ", isFirst: false))
            conversation.receive(bytes[...])
            for _ in 0..<3 { conversation.waited() }
            #expect(conversation.findings.end != nil)
            var socket = webSocket()
            socket.receive((Array(switching.utf8) + bytes)[...])
            for _ in 0..<3 { socket.waited() }
            #expect(socket.findings.end != nil)
        }
    }

    @Test(
        "the context of a PING comes back; one of more than 16 bytes is a fault",
        arguments: [0, 16, 17, 300, 60_000]
    )
    func pings(size: Int) {
        let context = [UInt8](repeating: 7, count: size)
        let ping = [4] + Array("PING".utf8) + [0, 10] + context
        let pong = [4] + Array("PONG".utf8) + context
        var zmtp = ZMTPConversation()
        let length = (0..<8).map { UInt8(truncatingIfNeeded: ping.count >> (56 - 8 * $0)) }
        zmtp.receive((greeting() + [6] + length + ping)[...])
        var socket = webSocket()
        let body = [2] + ping
        let header = [0x82, 126, UInt8(body.count >> 8), UInt8(body.count & 255)]
        socket.receive((Array(switching.utf8) + header + body)[...])
        guard size <= 16 else {
            let end = Findings.End.faulty("a PING with \(size + 2) bytes of data, not 2 to 18")
            #expect(zmtp.findings.end == end && zmtp.output.count == 64)
            #expect(socket.findings.end == end)
            return
        }
        #expect(zmtp.findings.end == nil && Array(zmtp.output[64...]) == command(pong))
        let masked = ([2] + pong).enumerated().map { $1 ^ UInt8($0 % 4 + 1) }
        #expect(socket.findings.end == nil && Array(socket.output.suffix(masked.count)) == masked)
    }

    @Test("what a peer says is clipped")
    func clipped() throws {
        let long = [UInt8](repeating: 0x61, count: 5000)
        var data: [UInt8] = [11] + Array("Socket-Type".utf8) + [0, 0, 0, 3] + Array("SUB".utf8)
        for _ in 0..<100 { data += [1, 0x78, 0, 0, 0x13, 0x88] + long }
        var exchange = CommandExchange(guess: nil, hasHeartbeats: true)
        _ = exchange.receive(WireCommand("READY", data))
        for _ in 0..<100 { _ = exchange.receive(WireCommand("SUBSCRIBE", long)) }
        var report = ProbeReport(endpoint: "tcp://h:1")
        report.findings = exchange.findings
        report.findings.language = .zmtp(major: 3, minor: 1)
        report.findings.mechanism = "NULL"
        report.conclude(about: try ProbeTarget("tcp://h:1"))
        let shown = String(repeating: "a", count: 200) + "…"
        for text in [report.text, report.json] {
            #expect(text.contains(shown) && text.utf8.count < 20_000)
        }
        #expect("\u{1F600}".clipped == "\u{1F600}" && String(repeating: "b", count: 200).clipped.count == 200)
    }

    @Test("a PING without a time to live is a fault")
    func shortPing() {
        let findings = hold(ZMTPConversation(), greeting() + command([4] + Array("PING".utf8) + [0])).findings
        #expect(findings.end == .faulty("a PING with 1 bytes of data, not 2 to 18"))
    }

    @Test("a command of more than 255 bytes goes into a long frame")
    func longCommand() {
        let guess = Guess(type: String(repeating: "x", count: 240), isFirst: true)
        let (_, output) = hold(ZMTPConversation(guess: guess), greeting()) { _ in }
        let body = WireCommand.ready(guess.type).body
        #expect(body.count > 255)
        #expect(Array(output[64...]) == [6, 0, 0, 0, 0, 0, 0, UInt8(body.count >> 8), UInt8(body.count & 255)] + body)
    }

    // MARK: WebSocket

    private let switching = "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Protocol: ZWS2.0/NULL\r\n\r\n"

    private func webSocket(guess: Guess? = nil) -> WebSocketConversation {
        WebSocketConversation(
            host: "h:1",
            path: "/x",
            guess: guess,
            nonce: "AAAAAAAAAAAAAAAAAAAAAA==",
            mask: [1, 2, 3, 4]
        )
    }

    private func framed(_ command: [UInt8]) -> [UInt8] {
        let body = [2] + command.dropFirst(2)
        return [0x82, UInt8(body.count)] + body
    }

    @Test("WebSocket: the upgrade, and the same commands in its messages")
    func upgrade() {
        let said = Array(switching.utf8) + framed(ready("PUB")) + [0x89, 1, 7] + framed(pong)
        let (findings, output) = hold(webSocket(), said)
        #expect(findings.language == .webSocket && findings.mechanism == "NULL")
        #expect(findings.peerType == "PUB" && findings.offeredType == "SUB" && findings.hasAnsweredPing == true)
        let text = String(decoding: output, as: UTF8.self)
        #expect(text.hasPrefix("GET /x HTTP/1.1\r\nHost: h:1\r\nUpgrade: websocket\r\n"))
        #expect(text.contains("Sec-WebSocket-Protocol: ZWS2.0/NULL,ZWS2.0,ZWS2.0/PLAIN,ZWS2.0/CURVE\r\n"))
        let body = [2] + WireCommand.ready("SUB").body
        let masked = body.enumerated().map { $1 ^ UInt8($0 % 4 + 1) }
        let end = output.count - 19 - 7 - masked.count
        #expect(Array(output[end..<(end + masked.count)]) == masked)
        // The answer to WebSocket's own PING.
        #expect(Array(output.suffix(7)) == [0x8A, 0x81, 1, 2, 3, 4, 7 ^ 1])
    }

    @Test("WebSocket: the mechanism is the subprotocol's; without one it is no ZeroMQ")
    func subprotocols() {
        func answer(_ name: String) -> Findings {
            let lines = "HTTP/1.1 101 Switching Protocols\r\n\(name)\r\n\r\n"
            return hold(webSocket(), Array(lines.utf8)).findings
        }
        #expect(answer("sec-websocket-protocol: ZWS2.0/CURVE").mechanism == "CURVE")
        #expect(answer("Sec-WebSocket-Protocol: ZWS2.0").mechanism == "NULL")
        #expect(answer("Server: y").language == .http(status: "101 Switching Protocols", server: "y"))
        let refusal = hold(webSocket(), Array("HTTP/1.1 404 Not Found\r\n\r\n".utf8)).findings
        #expect(refusal.language == .http(status: "404 Not Found", server: nil) && refusal.end == .complete)
        let close = hold(webSocket(), Array(switching.utf8) + [0x88, 5, 3, 0xE8] + Array("bye".utf8)).findings
        #expect(close.end == .faulty("it closes the WebSocket: bye"))
    }

    @Test("WebSocket: a server of ZMTP without it is recognised")
    func noWebSocket() {
        let findings = hold(webSocket(), [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F]).findings
        #expect(findings.language == .zmtp(major: 3, minor: 0))
    }

    @Test("TLS: a ClientHello whose lengths are right, and the answers")
    func tls() {
        let hello = TLSConversation(random: [UInt8](repeating: 7, count: 32)).output
        #expect(hello.count == 5 + Int(hello[3]) << 8 + Int(hello[4]))
        #expect(hello.count == 9 + Int(hello[8]))
        for answer in [[0x16, 3, 3, 0, 80], [0x15, 3, 3, 0, 2, 2, 40]] as [[UInt8]] {
            #expect(hold(TLSConversation(random: []), answer).findings.language == .tls)
        }
        #expect(
            hold(TLSConversation(random: []), Array("what?".utf8)).findings.language
                == .other(Banner(Array("what?".utf8)))
        )
        let greeting: [UInt8] = [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F]
        #expect(hold(TLSConversation(random: []), greeting).findings.language == .zmtp(major: 3, minor: 0))
        #expect(hold(TLSConversation(random: []), []).findings.end == .silent)
    }
}
