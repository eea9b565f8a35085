import ZMTP

/// What the bytes of a connection mean: ZMTP, or nothing beside themselves. A pure state machine: bytes in, events out.
///
/// Raw bytes have no handshake, no commands and no heartbeat. Whatever has arrived at once is one message of one frame,
/// and of a message that leaves only the bodies of its frames travel.
///
/// It is a value with the engine inside: what a message passes through is called directly.
struct WireProtocol: ~Copyable {
    /// Whether the bytes are raw.
    let isRaw: Bool

    /// The state machine of ZMTP. With raw bytes it is not asked: where there may be none, each question would cost
    /// more than its answer.
    private var engine: Engine

    /// For sockets of this type, on one side of a connection.
    init(_ type: SocketType, _ profile: Engine.Profile) {
        isRaw = type.traits.contains(.raw)
        engine = Engine(profile)
        if isRaw { _ = engine.takeOutput() }
    }

    /// The peer of a protocol without a handshake; nil where the handshake says what the peer is.
    var peerWithoutHandshake: Peer? { isRaw ? Peer(version: .v3_1, socketType: .stream) : nil }

    /// Whether a peer that has sent its last may still be sent to.
    var outlastsHalfClose: Bool { isRaw }

    /// Whether a peer of this version answers PING. The protocol has it since 3.1; libzmq accepts it from peers of any
    /// version (DEV-30).
    func hasHeartbeat(with version: ProtocolVersion) -> Bool { !isRaw && version >= .v3_1 }

    /// What messages to the peer pass through, once the handshake is complete; nil where they are sent as they are
    /// queued.
    var transform: (any SealingTransform)? { isRaw ? BodiesTransform() : engine.transform }

    /// What the peer has shown of itself, after `undecided`; nil once it has been taken.
    mutating func takeRequest() -> PresentedCredentials? { engine.takeRequest() }

    /// Decides whether it may connect.
    mutating func decide(_ verdict: Verdict) { engine.decide(verdict) }

    /// Whether the handshake continues without input, because of that decision.
    var isDecided: Bool { engine.isDecided }

    /// Parses the input, which is not empty, and returns what is next in it, at most `limit` messages at once.
    @inline(__always)
    mutating func next(_ input: inout Input, limit: Int) throws(ProtocolError) -> Event {
        guard !isRaw else { return takeBytes(&input) }
        return try engine.next(&input, limit: limit)
    }

    private func takeBytes(_ input: inout Input) -> Event {
        defer { input.start = input.end }
        return .bytes(start: input.start, end: input.end)
    }

    // MARK: What it has to say

    /// Whether something is to be sent, ahead of the messages.
    @inline(__always) var hasOutput: Bool { !engine.output.isEmpty }

    mutating func takeOutput() -> [UInt8] { engine.takeOutput() }

    // MARK: What it knows

    /// How long the peer may be silent before it counts as gone, in tenths of a second; 0 for ever.
    @inline(__always) var peerTimeToLive: UInt16 { engine.peerTimeToLive }

    /// Whether bytes of the message under way have been moved within the input.
    @inline(__always) var hasMovedBytes: Bool { engine.hasMovedBytes }
}
