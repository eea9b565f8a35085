/// Why a connection must be closed.
package struct ProtocolError: Error, Sendable, Equatable {
    /// The kinds of fault.
    package enum Code: Sendable {
        /// The peer speaks ZMTP 1.0 or 2.0, or another protocol.
        case unsupportedVersion
        /// The peer uses another security mechanism.
        case mechanismMismatch
        /// The peer's socket type is not compatible with ours, is unknown or is missing.
        case incompatibleSocketType
        /// The peer's identity is too long.
        case invalidIdentity
        /// A frame is malformed: illegal flags or size.
        case malformedFrame
        /// A command is malformed, or has wrong contents.
        case malformedCommand
        /// A frame that is not the handshake's next command.
        case unexpectedFrame
        /// A message or command exceeds the limit.
        case tooLarge
        /// A message has more frames than are allowed.
        case tooManyFrames
        /// The handshake has more bytes than are allowed.
        case handshakeTooLarge
        /// The peer's metadata has more bytes than are allowed.
        case metadataTooLarge
        /// The peer sent ERROR.
        case refusedByPeer
        /// The application does not let the peer in.
        case notAuthenticated
        /// What the peer has encrypted cannot be decrypted, or has been sent before.
        case notAuthentic
        /// A datagram is malformed.
        case malformedDatagram
        /// There is no memory for what the peer sends.
        case noMemory
    }

    /// The kind of fault.
    package let code: Code
    /// A sentence that describes it.
    package let message: String

    /// Whether the peer rejected this side, so that connecting again would be futile (N-7).
    package var isRefusalByPeer: Bool { code == .refusedByPeer }

    @inline(never)
    private init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension ProtocolError: CustomStringConvertible {
    package var description: String { message }
}

extension ProtocolError {
    static var notVersioned: Self { Self(.unsupportedVersion, "the peer speaks ZMTP 1.0 or another protocol") }

    static var notZMTP: Self { Self(.unsupportedVersion, "the peer does not speak ZMTP") }

    static func oldVersion(revision: UInt8) -> Self {
        Self(.unsupportedVersion, "the peer speaks an unsupported version of ZMTP (revision \(revision))")
    }

    static func mechanismMismatch(_ theirs: [UInt8], ours: [UInt8]) -> Self {
        func name(_ bytes: [UInt8]) -> String { printable(bytes.prefix { $0 != 0 }) }
        return Self(.mechanismMismatch, "the peer uses mechanism '\(name(theirs))', not '\(name(ours))'")
    }

    static var noSocketType: Self { Self(.incompatibleSocketType, "the peer sent no socket type") }
    static var unknownSocketType: Self { Self(.incompatibleSocketType, "the peer's socket type is unknown") }

    static func incompatible(_ theirs: SocketType, with ours: SocketType) -> Self {
        Self(.incompatibleSocketType, "socket type \(theirs) is not compatible with \(ours)")
    }

    static func identityTooLong(_ size: Int) -> Self {
        Self(.invalidIdentity, "an identity of \(size) bytes exceeds the limit of 255")
    }

    static func illegalFlags(_ flags: UInt8) -> Self {
        Self(.malformedFrame, "a frame has illegal flags (\(flags))")
    }

    static var illegalSize: Self { Self(.malformedFrame, "a frame has an illegal size") }

    static func malformedCommand(_ what: String) -> Self { Self(.malformedCommand, "malformed command: \(what)") }

    static func malformedMetadata(_ why: String) -> Self {
        Self(.malformedCommand, "the peer's metadata is malformed: \(why)")
    }

    static func unexpectedCommand(_ name: String) -> Self {
        Self(.unexpectedFrame, "the peer sent an unexpected '\(name)' in the handshake")
    }

    static var messageInHandshake: Self { Self(.unexpectedFrame, "the peer sent a message before the handshake") }

    static var subscriptionInMessage: Self {
        Self(.unexpectedFrame, "the peer sent a subscription between the frames of a message")
    }

    static func messageTooLarge(limit: Int) -> Self {
        Self(.tooLarge, "a message from the peer exceeds the limit of \(limit) bytes")
    }

    static func tooManyFrames(limit: Int) -> Self {
        Self(.tooManyFrames, "a message from the peer exceeds the limit of \(limit) frame\(limit == 1 ? "" : "s")")
    }

    package static func handshakeTooLarge(limit: Int) -> Self {
        Self(.handshakeTooLarge, "the peer's handshake exceeds the limit of \(limit) bytes")
    }

    static func metadataTooLarge(_ size: Int, limit: Int) -> Self {
        Self(.metadataTooLarge, "the peer's metadata of \(size) bytes exceeds the limit of \(limit)")
    }

    static func commandTooLarge(_ size: Int, limit: Int) -> Self {
        Self(.tooLarge, "a command of \(size) bytes exceeds the limit of \(limit)")
    }

    static func notAuthenticated(_ refusal: Refusal, _ text: String = "") -> Self {
        let text = text.isEmpty ? "" : ": \(text)"
        return Self(.notAuthenticated, "the peer was refused with status \(refusal.rawValue)\(text)")
    }

    static func notAuthentic(_ what: String) -> Self {
        Self(.notAuthentic, "what the peer encrypted is not authentic: \(what)")
    }

    static var notEncrypted: Self { Self(.notAuthentic, "the peer sent something that is not encrypted") }

    static var numberUsed: Self { notAuthentic("a nonce that has been used") }

    static func noTransientKey(_ error: CurveError) -> Self { Self(.notAuthentic, error.message) }

    static func malformedDatagram(_ what: String) -> Self { Self(.malformedDatagram, what) }

    static func datagramTooShort(_ size: Int) -> Self {
        Self(.malformedDatagram, "a datagram with \(size) bytes of data has no room for the offset of a message")
    }

    static func offsetBeyondEnd(_ offset: Int, size: Int) -> Self {
        Self(.malformedDatagram, "a datagram says that a message begins at \(offset), and has \(size) bytes")
    }

    static func offsetIsWrong(_ offset: Int, beginning: Int) -> Self {
        Self(.malformedDatagram, "a datagram says that a message begins at \(offset), and one begins at \(beginning)")
    }

    static var noMemory: Self { Self(.noMemory, "no memory for a message") }

    static func refused(reason: String) -> Self { Self(.refusedByPeer, "rejected by the peer: \(reason)") }
}
