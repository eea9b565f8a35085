// ZMTP from the side that wants to know: 1.0, 2.0 and 3.x by their first bytes, and everything else by its banner.
//
//     signature -> version -> body -> frames
//
//   *  Ten bytes are sent at once, which every version takes; the eleventh when the peer's signature has arrived.
//   *  The rest of the greeting is sent only when the peer's mechanism is known, and is NULL: a server of another one
//      sees a connection that closes, and not a failed handshake.
//   *  The greeting says 3.0, so that the peer sends its READY without waiting for the probe's.

/// One conversation.
struct ZMTPConversation: Conversation {
    private enum Step { case signature, version, body, frames, banner }

    var output: [UInt8] = [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F]
    private var step = Step.signature
    private var input: [UInt8] = []
    private var exchange: CommandExchange?
    private var own = Findings()
    private let guess: Guess?

    /// The largest frame that is read.
    private static let frameLimit = 65_536

    /// - Parameter guess: nil for none.
    init(guess: Guess? = nil) { self.guess = guess }

    var findings: Findings {
        var findings = exchange?.findings ?? own
        findings.language = own.language
        findings.mechanism = own.mechanism
        return findings
    }

    mutating func receive(_ bytes: ArraySlice<UInt8>) {
        guard findings.end == nil else { return }
        input += bytes
        while findings.end == nil, advance() {}
    }

    /// Whether there may be more to do.
    private mutating func advance() -> Bool {
        switch step {
        case .signature: signature()
        case .version: version()
        case .body: body()
        case .frames: frame()
        case .banner: banner()
        }
    }

    private mutating func signature() -> Bool {
        guard let first = input.first else { return false }
        if first == 0xFF, input.count < 10 { return false }
        guard Findings.Language.isSignature(input) else {
            step = .banner
            return true
        }
        output.append(3)
        step = .version
        return true
    }

    private mutating func version() -> Bool {
        guard input.count > 10 else { return false }
        guard input[10] < 3 else {
            step = .body
            return true
        }
        guard input.count > 11 else { return false }
        own.language = .zmtp(major: 2, minor: 0)
        own.peerType = PeerTypes.named(input[11])
        own.end = own.peerType == nil ? .faulty("socket type \(input[11]) is unknown") : .complete
        return false
    }

    private mutating func body() -> Bool {
        guard input.count >= 64 else { return false }
        own.language = .zmtp(major: Int(input[10]), minor: Int(input[11]))
        let mechanism = TextLines.printable(input[12..<32].prefix { $0 != 0 })
        own.mechanism = mechanism
        guard mechanism == "NULL" else {
            own.end = .complete
            return false
        }
        output += [0] + "NULL".utf8 + [UInt8](repeating: 0, count: 48)
        exchange = CommandExchange(guess: guess, hasHeartbeats: input[10] > 3 || input[11] >= 1)
        for command in exchange?.begin() ?? [] { send(command) }
        input.removeFirst(64)
        step = .frames
        return true
    }

    private mutating func frame() -> Bool {
        guard let flags = input.first else { return false }
        let isLong = flags & 2 != 0
        let header = isLong ? 9 : 2
        guard input.count >= header else { return false }
        guard flags & ~7 == 0 else { return fail("a frame with the flags \(flags)") }
        let size = input[1..<header].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard size <= Self.frameLimit else { return fail("a frame of \(size) bytes") }
        let end = header + Int(size)
        guard input.count >= end else { return false }
        let body = input[header..<end]
        if flags & 4 == 0 {
            exchange?.receive(message: body)
        } else if let command = WireCommand(body) {
            for answer in exchange?.receive(command) ?? [] { send(answer) }
        } else {
            return fail("a malformed command")
        }
        input.removeFirst(end)
        return true
    }

    private mutating func fail(_ reason: String) -> Bool {
        exchange?.fail(reason)
        return false
    }

    private mutating func send(_ command: WireCommand) {
        let body = command.body
        if let size = UInt8(exactly: body.count) {
            output += [4, size]
        } else {
            output.append(6)
            output += (0..<8).map { UInt8(truncatingIfNeeded: body.count >> (56 - 8 * $0)) }
        }
        output += body
    }

    /// As much as tells what it is: a line, or what comes before a pause.
    private mutating func banner() -> Bool {
        if input.count >= 1024 || input.starts(with: Array("HTTP/".utf8)) && hasHead { classify(.complete) }
        return false
    }

    private var hasHead: Bool { input.indices.dropFirst(3).contains { input[$0] == 10 && input[$0 - 2] == 10 } }

    private mutating func classify(_ end: Findings.End) {
        guard !input.isEmpty else {
            own.end = end
            return
        }
        if step == .signature || step == .banner { own.language = Findings.Language(firstWords: input) }
        if step == .version { own.language = .zmtp(major: 2, minor: 0) }
        own.end = own.language == nil ? end : .complete
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
