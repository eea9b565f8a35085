// One side of one ZMTP connection: bytes in, events out. It has no descriptor and no clock; the connection owns both.
//
//     greeting --> handshake --> traffic       with a 3.x peer
//         |------> legacy -----> traffic       with a 2.0 peer
//         |          \---------> version1      with a 1.0 peer
//         \-----------\------------\--> failed
//
// Its events are the same for all versions: messages in the form of 3.x.
//
//   G-6  The own greeting is sent whatever the peer's contains: `output` must be sent before the connection is closed,
//        even when an error is thrown.
//   N-4  Traffic begins when READY has been sent and received; bytes behind READY in the same read are traffic.
//   N-9  The caller limits the time until `handshakeCompleted`.

/// The protocol of one connection.
package struct Engine: ~Copyable {
    enum Phase: ~Copyable {
        case greeting(GreetingState)
        case handshake(Mechanism)
        case legacy(LegacyHandshake)
        case traffic
        case version1(Version1Scanner)
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

    let configuration: Configuration
    /// Whether messages may be subscriptions.
    let takesSubscriptions: Bool
    var phase: Phase
    var scanner: MessageScanner

    /// The bytes to send, in order: greeting, handshake and replies to PING. In traffic it grows by less than `next`
    /// consumes from the input; a connection that cannot send should stop reading.
    package internal(set) var output: [UInt8]

    /// The number of handshake bytes consumed from the input.
    var handshakeBytes = 0

    /// How long the peer may be silent before it counts as gone, in tenths of a second, from its last PING; 0 for no
    /// limit.
    package internal(set) var peerTimeToLive: UInt16 = 0

    /// Starts the connection: the greeting is the first `output`.
    package init(_ configuration: Configuration) {
        var output: [UInt8] = []
        phase = .greeting(GreetingState(configuration, output: &output))
        self.output = output
        takesSubscriptions = configuration.socketType.takesSubscriptions
        scanner = MessageScanner(
            maxMessageSize: configuration.maxMessageSize,
            maxFrames: configuration.maxFrames,
            maxCommandSize: configuration.maxHandshakeSize
        )
        // Last, so that it moves and is not copied.
        self.configuration = configuration
    }

    /// Takes the bytes to send.
    package mutating func takeOutput() -> [UInt8] {
        let taken = output
        output = []
        return taken
    }

    /// Whether bytes of the current message may have been moved within the input.
    package var hasMovedBytes: Bool {
        switch phase {
        case .version1(let scanner): scanner.hasMoved
        default: scanner.hasMoved
        }
    }

    #if DEBUG
        /// The number of bytes moved within the input. For tests of the amount of work.
        var movedBytes: Int {
            switch phase {
            case .version1(let scanner): scanner.moved
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
            return try phase.isTraffic ? nextInTraffic(&input, limit: limit) : nextInHandshake(&input)
        } catch {
            phase = .failed(error)
            throw error
        }
    }
}
