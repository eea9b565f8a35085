// Receiving a greeting, in the steps at which a peer's version shows (section 3 of the protocol).
//
//   signature  10 bytes. Byte 0 is FF and byte 9 is odd, or the peer is older than 2.0.
//   version    11 bytes. Byte 10 says 3 or more, or the peer speaks 2.0.
//   body       64 bytes.
//
// Versions 1.0 and 2.0 are refused, each at the first byte that gives them away. A side that wants to speak them sends
// its own greeting in the same steps, from the transitions in here, and takes another way where they throw.

/// How much of a peer's greeting has been recognised.
enum GreetingState: ~Copyable {
    case signature
    case version
    case body

    /// What became of the bytes at hand.
    enum Step {
        /// The greeting goes on up to this many bytes.
        case needs(Int)
        /// This is all of it.
        case complete(Greeting)
    }

    static let signatureSize = 10

    /// Looks at the `available` bytes at `bytes`, from the greeting's first one on.
    mutating func advance(_ bytes: UnsafeRawPointer, available: Int) throws(ProtocolError) -> Step {
        while true {
            switch consume self {
            case .signature:
                self = .signature
                if available > 0, bytes.load(as: UInt8.self) != 0xFF { throw .notVersioned }
                guard available >= Self.signatureSize else { return .needs(Greeting.size) }
                let last = bytes.load(fromByteOffset: Self.signatureSize - 1, as: UInt8.self)
                guard last & 1 == 1 else { throw .notVersioned }
                self = .version
            case .version:
                self = .version
                guard available > Greeting.majorOffset else { return .needs(Greeting.size) }
                let major = bytes.load(fromByteOffset: Greeting.majorOffset, as: UInt8.self)
                guard major >= 3 else { throw .oldVersion(revision: major) }
                self = .body
            case .body:
                self = .body
                guard available >= Greeting.size else { return .needs(Greeting.size) }
                return .complete(Greeting(bytes))
            }
        }
    }
}
