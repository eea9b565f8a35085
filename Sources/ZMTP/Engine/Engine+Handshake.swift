// From the first byte to the peer's READY, or its equivalent in older versions.
//
//   G-2    Any version from 3.0 on is accepted, and 1.0 and 2.0 if enabled.
//   G-7    Mechanism strings that differ in any byte end the connection.
//   F-5    Handshake commands have their own limit, apart from messages (DEV-8), and so has the handshake as a whole.
//   CM-3   Every step is a command frame.

extension Engine {
    /// The result of one step. A step always carries the phase that follows it, so that none is forgotten.
    enum Step: ~Copyable {
        /// No event yet; the input may hold more.
        case goesOn(Phase)
        case found(Event, Phase)
    }

    /// Continues the greeting or handshake, or the messages of a 1.0 peer.
    mutating func nextInHandshake(_ input: inout Input) throws(ProtocolError) -> Event {
        while true {
            switch try advance(phase.take(), &input) {
            case .goesOn(let next):
                phase = next
            case .found(let event, let next):
                phase = next
                return event
            }
        }
    }

    @inline(__always)
    private mutating func advance(_ phase: consuming Phase, _ input: inout Input) throws(ProtocolError) -> Step {
        switch consume phase {
        case .greeting(var state):
            let bytes = UnsafeRawPointer(input.base) + input.start
            switch try state.advance(bytes, available: input.count, output: &output) {
            case .needs(let size):
                return .found(.needsInput(minimum: size), .greeting(state))
            case .complete(let greeting):
                input.start += Greeting.size
                handshakeBytes = Greeting.size
                return .goesOn(.handshake(try begin(greeting)))
            case .legacy(let version):
                return .goesOn(.legacy(try LegacyHandshake(configuration, version: version, output: &output)))
            }
        case .legacy(let handshake):
            switch try handshake.receive(&input) {
            case .needs(let size):
                return .found(.needsInput(minimum: size), .legacy(handshake))
            case .completed(let peer):
                return .found(.handshakeCompleted(peer), traffic(with: peer))
            }
        case .handshake(let mechanism):
            let header: FrameHeader
            switch try handshakeFrame(input) {
            case .needs(let size):
                return .found(.needsInput(minimum: size), .handshake(mechanism))
            case .header(let whole): header = whole
            }
            let command = try command(at: input.start, header, in: input)
            input.start += header.frameSize
            handshakeBytes += header.frameSize
            switch try mechanism.receive(command, output: &output) {
            case .next(let mechanism): return .goesOn(.handshake(mechanism))
            case .completed(let peer): return .found(.handshakeCompleted(peer), .traffic)
            }
        case .version1(var scanner):
            let event = try scanner.next(&input)
            return .found(event, .version1(scanner))
        case .traffic:
            // The next call continues with messages.
            return .found(.commands(0), .traffic)
        case .failed(let error):
            throw error
        }
    }

    /// Prepares for the messages of a legacy peer whose handshake is complete.
    private mutating func traffic(with peer: Peer) -> Phase {
        guard peer.version > .v1_0 else {
            let (size, frames) = (configuration.maxMessageSize, configuration.maxFrames)
            return .version1(Version1Scanner(maxMessageSize: size, maxFrames: frames))
        }
        scanner.takesCommands = false
        return .traffic
    }

    /// Checks the peer's greeting and starts the mechanism's handshake.
    private mutating func begin(_ greeting: Greeting) throws(ProtocolError) -> Mechanism {
        let ours = configuration.greeting.mechanism
        guard greeting.mechanism == ours else { throw .mechanismMismatch(greeting.mechanism, ours: ours) }
        let version = ProtocolVersion(major: greeting.major, minor: greeting.minor)
        return Mechanism(configuration, version: version, output: &output)
    }

    /// The header of the command frame at the input's start, once the frame is complete.
    private func handshakeFrame(_ input: Input) throws(ProtocolError) -> FrameHeader.Decoded {
        let decoded = try FrameHeader.decode(UnsafeRawPointer(input.base) + input.start, available: input.count)
        guard case .header(let header) = decoded else { return decoded }
        guard header.isCommand else { throw .messageInHandshake }
        let (limit, total) = (configuration.maxHandshakeSize, configuration.maxHandshakeBytes)
        let rest = total - handshakeBytes - header.size
        guard header.bodySize <= min(limit, rest) else {
            throw rest < limit ? .handshakeTooLarge(limit: total) : .commandTooLarge(header.bodySize, limit: limit)
        }
        return header.bodySize <= input.count - header.size
            ? decoded : .needs(header.size.addingSaturated(header.bodySize))
    }

    /// The command in the complete frame at `offset`.
    func command(at offset: Int, _ header: FrameHeader, in input: Input) throws(ProtocolError) -> Command {
        let body = UnsafeRawPointer(input.base) + offset + header.size
        return try Command(body: UnsafeRawBufferPointer(start: body, count: header.bodySize))
    }
}
