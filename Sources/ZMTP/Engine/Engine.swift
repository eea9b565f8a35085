// One side of one ZMTP connection: bytes in, events out. No descriptor, no clock; the connection owns both.
//
//     idle --start--> greeting --> handshake --> traffic       with a 3.x peer
//                        |------> legacy ------> traffic       with a 2.0 peer
//                        |          \----------> version1      with a 1.0 peer
//                        \------------\------------\--> failed
//
// What comes out is the same for all versions: messages in the form of 3.x.
//
//   G-6  The own greeting is sent whatever the peer's says: what is in `output` when an error is thrown still has to be
//        sent before the connection is closed.
//   N-4  Traffic begins when READY has been sent and received; what stands behind READY in the same read is traffic.
//   N-9  The caller limits the time until `handshakeCompleted`.

/// The protocol of one connection.
package struct Engine: ~Copyable {
    enum Phase: ~Copyable {
        case idle
        case greeting(GreetingState)
        case handshake(Mechanism)
        case legacy(LegacyHandshake)
        case traffic
        case version1(Version1Scanner)
        case failed(ProtocolError)

        var isIdle: Bool {
            switch self {
            case .idle: true
            default: false
            }
        }

        var isTraffic: Bool {
            switch self {
            case .traffic: true
            default: false
            }
        }

        /// Moves the phase out, for a transition. It is `failed` in the end if that throws.
        mutating func take() -> Phase {
            let phase = consume self
            self = .idle
            return phase
        }
    }

    let configuration: Configuration
    /// Whether messages may be subscriptions.
    let takesSubscriptions: Bool
    var phase = Phase.idle
    var scanner: MessageScanner

    /// What the connection has to send, in order: greeting, handshake and answers to PING. In traffic it grows by less
    /// than what `next` takes from the input; a connection that cannot send should not go on reading.
    package internal(set) var output: [UInt8] = []

    /// Bytes of the handshake that have been taken from the input.
    var handshakeBytes = 0

    /// How long the peer may be silent before it counts as gone, in tenths of a second, by its last PING; 0 for ever.
    package internal(set) var peerTimeToLive: UInt16 = 0

    package init(_ configuration: Configuration) {
        self.configuration = configuration
        takesSubscriptions = configuration.socketType.takesSubscriptions
        scanner = MessageScanner(
            maxMessageSize: configuration.maxMessageSize,
            maxFrames: configuration.maxFrames,
            maxCommandSize: configuration.maxHandshakeSize
        )
    }

    /// Begins the connection by putting the greeting into `output`.
    package mutating func start() {
        precondition(phase.isIdle, "An engine starts once")
        phase = .greeting(GreetingState(configuration, output: &output))
    }

    /// Takes what is to be sent.
    package mutating func takeOutput() -> [UInt8] {
        let taken = output
        output = []
        return taken
    }

    /// Whether bytes of the message under way may have been moved within the input.
    package var hasMovedBytes: Bool {
        switch phase {
        case .version1(let scanner): scanner.hasMoved
        default: scanner.hasMoved
        }
    }

    #if DEBUG
        /// Bytes that have been moved within the input, for tests of the amount of work.
        var movedBytes: Int {
            switch phase {
            case .version1(let scanner): scanner.moved
            default: scanner.moved
            }
        }
    #endif

    /// Looks at the input and says what comes next in it, at most `limit` messages, or commands, at once.
    ///
    /// Call it until it says `needsInput`. Once it has thrown it throws the same error for ever.
    package mutating func next(_ input: inout Input, limit: Int) throws(ProtocolError) -> Event {
        precondition(limit > 0, "A run has at least one message")
        do {
            guard !takesSubscriptions else { return try nextOfPublisher(&input) }
            return try phase.isTraffic ? nextInTraffic(&input, limit: limit) : nextInHandshake(&input)
        } catch {
            phase = .failed(error)
            throw error
        }
    }
}
