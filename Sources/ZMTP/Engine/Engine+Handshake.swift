// From the first byte to the peer's READY, or its equivalent in older versions; and traffic that is not as in memory.
//
//   G-2    Any version from 3.0 on is accepted, and 1.0 and 2.0 if enabled.
//   G-7    Mechanism strings that differ in any byte end the connection.
//   F-5    Handshake commands have their own limit, apart from messages (DEV-8), and so has the handshake as a whole.
//   CM-3   Every step is a command frame.
//
// While the application decides about the peer, nothing of the input is consumed. The caller should not read meanwhile.

extension Engine {
    /// The result of one step. A step always carries the phase that follows it, so that none is forgotten.
    enum Step: ~Copyable {
        /// No event yet; the input may hold more.
        case goesOn(Phase)
        case found(Event, Phase)
    }

    /// Continues the greeting or handshake, or traffic that passes through a transform.
    mutating func nextInPhase(_ input: inout Input, limit: Int) throws(ProtocolError) -> Event {
        while true {
            switch try advance(phase.take(), &input, limit: limit) {
            case .goesOn(let next):
                phase = next
            case .found(let event, let next):
                phase = next
                return event
            }
        }
    }

    @inline(__always)
    private mutating func advance(
        _ phase: consuming Phase,
        _ input: inout Input,
        limit: Int
    ) throws(ProtocolError) -> Step {
        switch consume phase {
        case .greeting(var state):
            let bytes = UnsafeRawPointer(input.base) + input.start
            switch try state.advance(bytes, available: input.count, profile, output: &output) {
            case .needs(let size):
                return .found(.needsInput(minimum: size), .greeting(state))
            case .complete(let greeting):
                input.start += Greeting.size
                handshakeBytes = Greeting.size
                return .goesOn(.handshake(try begin(greeting)))
            case .legacy(let version):
                return .goesOn(.legacy(try LegacyHandshake(profile.configuration, version: version, output: &output)))
            }
        case .legacy(let handshake):
            switch try handshake.receive(&input) {
            case .needs(let size):
                return .found(.needsInput(minimum: size), .legacy(handshake))
            case .completed(let peer):
                return .found(.handshakeCompleted(peer), traffic(with: peer))
            }
        case .handshake(let handshake):
            let header: FrameHeader
            switch try handshakeFrame(input) {
            case .needs(let size):
                return .found(.needsInput(minimum: size), .handshake(handshake))
            case .header(let whole): header = whole
            }
            let start = input.base + input.start + header.size
            let body = UnsafeMutableRawBufferPointer(start: start, count: header.bodySize)
            input.start += header.frameSize
            handshakeBytes += header.frameSize
            // It may hold a password.
            defer { body.wipe() }
            return adopt(try handshake.receive(UnsafeRawBufferPointer(body), output: &output))
        case .undecided(let handshake):
            return .found(.undecided, .undecided(handshake))
        case .decided(let handshake, let verdict):
            return adopt(try handshake.decide(verdict, output: &output))
        case .transformed(var opened, let transform):
            let event = try nextOpened(&input, &opened, transform, limit: limit)
            return .found(event, .transformed(opened, transform))
        case .traffic:
            // The next call continues with messages.
            return .found(.commands(0), .traffic)
        case .failed(let error):
            throw error
        }
    }

    /// The phase after a step of the handshake.
    private mutating func adopt(_ step: consuming Handshake.Step) -> Step {
        switch consume step {
        case .next(let handshake): return .goesOn(.handshake(handshake))
        case .wait(let request, let handshake):
            self.request = request
            return .found(.undecided, .undecided(handshake))
        case .done(let peer, let transform):
            guard let transform else { return .found(.handshakeCompleted(peer), .traffic) }
            return .found(.handshakeCompleted(peer), traffic(through: transform))
        }
    }

    private mutating func traffic(through transform: any MessageTransform) -> Phase {
        self.transform = transform
        return .transformed(OpenedInput(), transform)
    }

    /// Prepares for the messages of a legacy peer whose handshake is complete.
    private mutating func traffic(with peer: Peer) -> Phase {
        scanner.takesCommands = false
        return peer.version > .v1_0 ? .traffic : traffic(through: Version1Transform(profile.configuration.limits))
    }

    /// The phase with which a connection without greetings begins.
    static func ungreeted(_ profile: Profile, output: inout [UInt8]) -> Phase {
        let handshake = HandshakeProfile(profile, version: .v3_0)
        do throws(ProtocolError) {
            return .handshake(try profile.configuration.mechanism.begin(handshake, &output))
        } catch {
            return .failed(error)
        }
    }

    /// Checks the peer's greeting and starts the mechanism's handshake.
    private mutating func begin(_ greeting: Greeting) throws(ProtocolError) -> Handshake {
        guard greeting.mechanism == profile.greeting.mechanism else {
            throw .mechanismMismatch(greeting.mechanism, ours: profile.greeting.mechanism)
        }
        let version = ProtocolVersion(major: greeting.major, minor: greeting.minor)
        return try profile.configuration.mechanism.begin(HandshakeProfile(profile, version: version), &output)
    }

    /// The header of the command frame at the input's start, once the frame is complete.
    private func handshakeFrame(_ input: Input) throws(ProtocolError) -> FrameHeader.Decoded {
        let decoded = try FrameHeader.decode(UnsafeRawPointer(input.base) + input.start, available: input.count)
        guard case .header(let header) = decoded else { return decoded }
        guard header.isCommand else { throw .messageInHandshake }
        let (limit, total) = (profile.configuration.maxHandshakeSize, profile.configuration.maxHandshakeBytes)
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
