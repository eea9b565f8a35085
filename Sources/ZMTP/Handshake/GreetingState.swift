// Sending and receiving a greeting, in the steps at which a peer's version shows (section 3 of the protocol).
//
//              looked at                                              then sent
//   signature  10 bytes. Byte 0 is FF and byte 9 is odd, or it is     the major version
//              1.0, known at the first byte that is not so.
//   version    11 bytes. Byte 10 says 3 or more, or it is 2.0.        the other 53 bytes
//   body       64 bytes.
//
//   D-5    10 bytes are sent unasked: an 11th would be part of a 1.0 peer's next frame. No step waits for a byte
//          that the other side sends only after a later one.
//   D-2, D-3  Where older versions are not spoken all 64 bytes are sent at once (G-4), and such peers are refused at
//          the first byte that gives them away.
//   DEV-3  Revision 2 is 2.0 as the RFC has it. Revision 0, 1.0 behind a versioned greeting, is nobody's and refused.

/// How much of a peer's greeting has been recognised, and how much of our own has been sent.
struct GreetingState {
    private enum Expected {
        case signature, version, body
    }

    /// What became of the bytes at hand.
    enum Step {
        /// The greeting goes on up to this many bytes.
        case needs(Int)
        /// This is all of it.
        case complete(Greeting)
        /// It is that of an older peer, all of which is still to be read.
        case legacy(ProtocolVersion)
    }

    static let signatureSize = 10

    private var expected = Expected.signature
    private let own: Greeting
    /// Whether our own greeting is sent in steps, because the peer may be older.
    private let isStepwise: Bool

    /// Begins to greet.
    init(_ configuration: Engine.Configuration, output: inout [UInt8]) {
        own = configuration.greeting
        isStepwise = configuration.speaksLegacyVersions
        if isStepwise {
            Greeting.appendSignature(padding: configuration.announcedIdentity.count + 1, to: &output)
        } else {
            own.append(to: &output)
        }
    }

    /// Looks at the `available` bytes at `bytes`, from the greeting's first one on.
    mutating func advance(
        _ bytes: UnsafeRawPointer,
        available: Int,
        output: inout [UInt8]
    ) throws(ProtocolError) -> Step {
        while true {
            switch expected {
            case .signature:
                if available > 0, bytes.load(as: UInt8.self) != 0xFF { return try legacy(.v1_0) }
                guard available >= Self.signatureSize else { return .needs(Greeting.size) }
                let last = bytes.load(fromByteOffset: Self.signatureSize - 1, as: UInt8.self)
                guard last & 1 == 1 else { return try legacy(.v1_0) }
                if isStepwise { own.appendMajor(to: &output) }
                expected = .version
            case .version:
                guard available > Greeting.majorOffset else { return .needs(Greeting.size) }
                let major = bytes.load(fromByteOffset: Greeting.majorOffset, as: UInt8.self)
                guard major >= 3 else {
                    guard isStepwise, major > 0 else { throw .oldVersion(revision: major) }
                    return .legacy(.v2_0)
                }
                if isStepwise { own.appendRest(to: &output) }
                expected = .body
            case .body:
                guard available >= Greeting.size else { return .needs(Greeting.size) }
                return .complete(Greeting(bytes))
            }
        }
    }

    private func legacy(_ version: ProtocolVersion) throws(ProtocolError) -> Step {
        guard isStepwise else { throw .notVersioned }
        return .legacy(version)
    }
}
