// Sends and receives a greeting, in the steps in which a peer's version becomes known.
//
//              parsed                                                 then sent
//   signature  10 bytes. Byte 0 is FF and byte 9 is odd; otherwise     the major version
//              1.0, known at the first other byte.
//   version    11 bytes. Byte 10 is 3 or more; otherwise 2.0.         the other 53 bytes
//   body       64 bytes.
//
//   D-5    10 bytes are sent unconditionally: an 11th would be part of a 1.0 peer's next frame. No step waits for a
//          byte that the other side sends only after a later one.
//   D-2, D-3  If older versions are not spoken, all 64 bytes are sent at once (G-4), and older peers are rejected at
//             the first byte that identifies them.
//   DEV-3  Revision 2 is 2.0, as the RFC has it. Revision 0, which is 1.0 behind a versioned greeting, is used by no
//          implementation; it is rejected.

/// How much of a peer's greeting has been recognised, and how much of the own greeting has been sent.
struct GreetingState {
    private enum Expected {
        case signature, version, body
    }

    /// The result of parsing the available bytes.
    enum Step {
        /// The greeting continues up to this many bytes.
        case needs(Int)
        /// The greeting is complete.
        case complete(Greeting)
        /// The peer is older; all its bytes are still in the input.
        case legacy(ProtocolVersion)
    }

    static let signatureSize = 10

    private var expected = Expected.signature

    /// Starts the greeting. It is sent in steps if the peer may be older.
    init(_ profile: Engine.Profile, output: inout [UInt8]) {
        if profile.speaksLegacyVersions {
            Greeting.appendSignature(padding: profile.configuration.announcedIdentity.count + 1, to: &output)
        } else {
            profile.greeting.append(to: &output)
        }
    }

    /// Parses the `available` bytes at `bytes`, from the greeting's first one on.
    mutating func advance(
        _ bytes: UnsafeRawPointer,
        available: Int,
        _ profile: Engine.Profile,
        output: inout [UInt8]
    ) throws(ProtocolError) -> Step {
        let isStepwise = profile.speaksLegacyVersions
        while true {
            switch expected {
            case .signature:
                if available > 0, bytes.load(as: UInt8.self) != 0xFF { return try legacy(.v1_0, isStepwise) }
                guard available >= Self.signatureSize else { return .needs(Greeting.size) }
                let last = bytes.load(fromByteOffset: Self.signatureSize - 1, as: UInt8.self)
                guard last & 1 == 1 else { return try legacy(.v1_0, isStepwise) }
                if isStepwise { profile.greeting.appendMajor(to: &output) }
                expected = .version
            case .version:
                guard available > Greeting.majorOffset else { return .needs(Greeting.size) }
                let major = bytes.load(fromByteOffset: Greeting.majorOffset, as: UInt8.self)
                guard major >= 3 else {
                    guard isStepwise, major > 0 else { throw .oldVersion(revision: major) }
                    return .legacy(.v2_0)
                }
                if isStepwise { profile.greeting.appendRest(to: &output) }
                expected = .body
            case .body:
                guard available >= Greeting.size else { return .needs(Greeting.size) }
                return .complete(Greeting(bytes))
            }
        }
    }

    private func legacy(_ version: ProtocolVersion, _ isStepwise: Bool) throws(ProtocolError) -> Step {
        guard isStepwise else { throw .notVersioned }
        return .legacy(version)
    }
}
