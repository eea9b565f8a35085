// ZeroMQ over WebSocket (RFC 45) from the side that wants to know: the opening handshake of HTTP, which selects the
// mechanism, and then commands, one in each binary message.
//
//     head -> frames

/// One conversation.
struct WebSocketConversation: Conversation {
    private enum Step { case head, frames }

    var output: [UInt8]
    private var step = Step.head
    private var input: [UInt8] = []
    private var exchange: CommandExchange?
    private var own = Findings()
    private let guess: Guess?
    private let mask: [UInt8]

    private static let headLimit = 16_384
    private static let messageLimit = 65_536

    /// - Parameters:
    ///   - host: the host and port, for the server.
    ///   - nonce: 24 characters of Base64.
    ///   - mask: four bytes, with which what is sent is masked.
    init(host: String, path: String, guess: Guess? = nil, nonce: String, mask: [UInt8]) {
        self.guess = guess
        self.mask = mask
        let lines = [
            "GET \(path) HTTP/1.1", "Host: \(host)", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Key: \(nonce)", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Protocol: ZWS2.0/NULL,ZWS2.0,ZWS2.0/PLAIN,ZWS2.0/CURVE", "", "",
        ]
        output = Array(lines.joined(separator: "\r\n").utf8)
    }

    var findings: Findings {
        var findings = exchange?.findings ?? own
        findings.language = own.language
        findings.mechanism = own.mechanism
        return findings
    }

    mutating func receive(_ bytes: ArraySlice<UInt8>) {
        guard findings.end == nil else { return }
        input += bytes
        while findings.end == nil, step == .head ? head() : frame() {}
    }

    private mutating func head() -> Bool {
        let beginning = Array("HTTP/".utf8)
        guard input.starts(with: beginning.prefix(input.count)) else {
            // A line of another protocol, or as much as arrives before a pause.
            if input.count >= 64 { classify(.complete) }
            return false
        }
        guard let end = endOfHead else {
            if input.count > Self.headLimit { classify(.complete) }
            return false
        }
        guard let head = HTTPHeadText(Array(input[..<end])), head.status.hasPrefix("101"),
            let name = head["sec-websocket-protocol"], let mechanism = mechanism(of: name)
        else {
            classify(.complete)
            return false
        }
        input.removeFirst(end)
        own.language = .webSocket
        own.mechanism = mechanism
        guard mechanism == "NULL" else {
            own.end = .complete
            return false
        }
        exchange = CommandExchange(guess: guess, hasHeartbeats: true)
        for command in exchange?.begin() ?? [] { send(command) }
        step = .frames
        return true
    }

    private func mechanism(of name: String) -> String? {
        if name == "ZWS2.0" { return "NULL" }
        return name.hasPrefix("ZWS2.0/") ? String(name.dropFirst(7)) : nil
    }

    private var endOfHead: Int? {
        let end = Array("\r\n\r\n".utf8)
        guard input.count >= 4 else { return nil }
        return (4...input.count).first { input[($0 - 4)..<$0].elementsEqual(end) }
    }

    private mutating func frame() -> Bool {
        guard input.count >= 2 else { return false }
        var header = 2
        var size = UInt64(input[1] & 0x7F)
        if size >= 126 {
            header += size == 126 ? 2 : 8
            guard input.count >= header else { return false }
            size = input[2..<header].reduce(0) { $0 << 8 | UInt64($1) }
        }
        guard input[1] & 0x80 == 0 else { return fail("a masked message") }
        guard size <= Self.messageLimit else { return fail("a message of \(size) bytes") }
        let end = header + Int(size)
        guard input.count >= end else { return false }
        let (opcode, body) = (input[0] & 15, input[header..<end])
        switch opcode {
        case 2 where body.first == 2: receive(WireCommand(body.dropFirst()))
        case 2 where !body.isEmpty: exchange?.receive(message: body.dropFirst())
        case 8:
            let reason = TextLines.printable(body.dropFirst(2).prefix(123))
            return fail("it closes the WebSocket" + (reason.isEmpty ? "" : ": \(reason)"))
        case 9: send(opcode: 10, Array(body))
        case 10: break
        default: return fail("a WebSocket message of the kind \(opcode)")
        }
        input.removeFirst(end)
        return true
    }

    private mutating func receive(_ command: WireCommand?) {
        guard let command else {
            exchange?.fail("a malformed command")
            return
        }
        for answer in exchange?.receive(command) ?? [] { send(answer) }
    }

    private mutating func send(_ command: WireCommand) { send(opcode: 2, [2] + command.body) }

    private mutating func send(opcode: UInt8, _ body: [UInt8]) {
        guard body.count <= 125 else { return }
        output += [0x80 | opcode, 0x80 | UInt8(body.count)] + mask
        output += body.enumerated().map { $1 ^ mask[$0 % 4] }
    }

    private mutating func fail(_ reason: String) -> Bool {
        exchange?.fail(reason)
        return false
    }

    private mutating func classify(_ end: Findings.End) {
        guard !input.isEmpty else {
            own.end = end
            return
        }
        own.language = Findings.Language(firstWords: input)
        own.end = .complete
    }

    mutating func waited() {
        guard findings.end == nil else { return }
        if exchange != nil {
            for command in exchange?.waited() ?? [] { send(command) }
        } else {
            classify(.silent)
        }
    }

    mutating func closed() {
        guard findings.end == nil else { return }
        if exchange != nil { exchange?.closed() } else { classify(.closed) }
    }
}
