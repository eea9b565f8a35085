// One side of one ZMTP connection: bytes in, events out. It has no descriptor and no clock; the connection owns both.
//
//     greeting --> handshake <-> undecided
//         |            |-------> traffic       with a 3.x peer
//         |            \-------> transformed   with a 3.x peer, encrypted
//         |------> legacy -----> traffic       with a 2.0 peer
//         |          \---------> transformed   with a 1.0 peer
//         \-----------\------------\--> failed
//
// Where the transport takes the place of the greeting, it begins with the handshake.
//
// Its events are the same for all versions and mechanisms: messages in the form of 3.x.
//
//   G-6  The own greeting is sent whatever the peer's contains: `output` must be sent before the connection is closed,
//        even when an error is thrown.
//   N-4  Traffic begins when READY has been sent and received; bytes behind READY in the same read are traffic.
//   N-9  The caller limits the time until `handshakeCompleted`.

/// The protocol of one connection.
package struct Engine: ~Copyable {
    enum Phase: ~Copyable {
        case greeting(GreetingState)
        case handshake(Handshake)
        /// The application decides whether the peer may connect.
        case undecided(UndecidedHandshake)
        /// It has decided.
        case decided(UndecidedHandshake, Verdict)
        case legacy(LegacyHandshake)
        case traffic
        /// Traffic that passes through the transform.
        case transformed(OpenedInput, any MessageTransform)
        case failed(ProtocolError)

        var isTraffic: Bool {
            switch self {
            case .traffic: true
            default: false
            }
        }

        /// Moves the phase out, for a step. If the step throws, the phase becomes `failed`; until it ends, the phase is
        /// the one that costs least.
        @inline(__always)
        mutating func take() -> Phase {
            let phase = consume self
            self = .traffic
            return phase
        }
    }

    let profile: Profile
    /// Whether the peer may subscribe.
    let takesSubscriptions: Bool
    /// Whether it subscribes to groups: by commands of their own, and never by messages.
    let takesGroups: Bool
    var phase: Phase
    /// Whether the phase is `traffic`: read for every message, which makes it cheaper than asking the phase.
    private var isTraffic = false
    var scanner: MessageScanner

    /// The bytes to send, in order: greeting, handshake and replies to PING. In traffic it grows by less than `next`
    /// consumes from the input; a connection that cannot send should stop reading. What is appended after
    /// `handshakeCompleted` is to be sealed, if the transform seals commands.
    package internal(set) var output: [UInt8]

    /// What messages pass through on their way to this peer, from `handshakeCompleted` on; nil if nothing.
    package internal(set) var transform: (any MessageTransform)?

    /// What `takeRequest` returns.
    var request: PresentedCredentials?

    /// The number of handshake bytes consumed from the input.
    var handshakeBytes = 0

    /// How long the peer may be silent before it counts as gone, in tenths of a second, from its last PING; 0 for no
    /// limit.
    package internal(set) var peerTimeToLive: UInt16 = 0

    /// Starts the connection: the greeting, or what the mechanism sends first, is the first `output`.
    package init(_ profile: Profile) {
        var output: [UInt8] = []
        if profile.configuration.greets {
            phase = .greeting(GreetingState(profile, output: &output))
        } else {
            phase = Self.ungreeted(profile, output: &output)
        }
        self.output = output
        let type = profile.configuration.socketType
        takesSubscriptions = type.takesSubscriptions
        takesGroups = type.takesSubscriptions && type.usesGroups
        scanner = MessageScanner(
            maxMessageSize: profile.configuration.maxMessageSize,
            maxFrames: profile.configuration.maxFrames,
            maxCommandSize: profile.configuration.maxCommandSize
        )
        self.profile = profile
    }

    /// The same, for a single connection.
    package init(_ configuration: Configuration) { self.init(Profile(configuration)) }

    /// Takes the bytes to send.
    package mutating func takeOutput() -> [UInt8] {
        let taken = output
        output = []
        return taken
    }

    /// What the peer has shown of itself, after an `undecided` event; nil once it has been taken.
    package mutating func takeRequest() -> PresentedCredentials? { request.take() }

    /// Decides whether the peer may connect. The next call of `next` continues the handshake, without waiting for
    /// input.
    ///
    /// Without such an event, or a second time, it is ignored.
    package mutating func decide(_ verdict: Verdict) {
        switch phase.take() {
        case .undecided(let handshake): phase = .decided(handshake, verdict)
        case let other: phase = other
        }
    }

    /// Whether `next` continues without input, because the application has decided.
    package var isDecided: Bool {
        switch phase {
        case .decided: true
        default: false
        }
    }

    /// Whether bytes of the current message may have been moved within the input.
    package var hasMovedBytes: Bool {
        switch phase {
        case .transformed(let opened, _): opened.hasMoved || scanner.hasMoved
        default: scanner.hasMoved
        }
    }

    #if DEBUG
        /// The number of bytes moved within the input. For tests of the amount of work.
        var movedBytes: Int {
            switch phase {
            case .transformed(let opened, _): opened.moves + scanner.moved
            default: scanner.moved
            }
        }
    #endif

    /// Parses the input, and returns the next event: at most `limit` messages, or commands, at once.
    ///
    /// Call it until it returns `needsInput`. Once it has thrown, it throws the same error on every call.
    package mutating func next(_ input: inout Input, limit: Int) throws(ProtocolError) -> Event {
        precondition(limit > 0, "the limit must be at least one message")
        do {
            guard !takesSubscriptions else { return try nextOfPublisher(&input) }
            guard !isTraffic else { return try nextInTraffic(&input, limit: limit) }
            let event = try nextInPhase(&input, limit: limit)
            isTraffic = phase.isTraffic
            return event
        } catch {
            isTraffic = false
            phase = .failed(error)
            throw error
        }
    }
}
