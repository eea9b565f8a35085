/// Why a connection has to be closed.
package struct ProtocolError: Error, Sendable, Equatable {
    /// The kinds of fault.
    package enum Code: Sendable {
        /// The peer speaks ZMTP 1.0 or 2.0, or something else altogether.
        case unsupportedVersion
        /// The peer is set up for another security mechanism.
        case mechanismMismatch
        /// The peer's socket type does not go with ours, is unknown or was not given.
        case incompatibleSocketType
        /// The peer's identity is too long.
        case invalidIdentity
        /// A frame is not one: illegal flags or size.
        case malformedFrame
        /// A command is not one, or has wrong contents.
        case malformedCommand
        /// Something other than the handshake's next command.
        case unexpectedFrame
        /// A message or command is over the limit.
        case tooLarge
        /// A message has more frames than are allowed.
        case tooManyFrames
        /// The handshake has more bytes than are allowed.
        case handshakeTooLarge
        /// The peer's metadata has more bytes than are allowed.
        case metadataTooLarge
        /// The peer sent ERROR.
        case refusedByPeer
    }

    /// The kind of fault.
    package let code: Code
    /// A sentence about it.
    package let message: String

    /// Whether the peer does not want us, so that connecting again would be in vain (N-7).
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
    static var notVersioned: Self { Self(.unsupportedVersion, "The peer speaks ZMTP 1.0, or not ZMTP at all") }

    static var notZMTP: Self { Self(.unsupportedVersion, "The peer does not speak ZMTP") }

    static func oldVersion(revision: UInt8) -> Self {
        Self(.unsupportedVersion, "The peer speaks an unsupported version of ZMTP (revision \(revision))")
    }

    static func mechanismMismatch(_ theirs: [UInt8], ours: [UInt8]) -> Self {
        func name(_ bytes: [UInt8]) -> String { printable(bytes.prefix { $0 != 0 }) }
        return Self(.mechanismMismatch, "The peer wants the mechanism '\(name(theirs))', not '\(name(ours))'")
    }

    static var noSocketType: Self { Self(.incompatibleSocketType, "The peer did not name its socket type") }
    static var unknownSocketType: Self { Self(.incompatibleSocketType, "The peer's socket type is unknown") }

    static func incompatible(_ theirs: SocketType, with ours: SocketType) -> Self {
        Self(.incompatibleSocketType, "A \(theirs) socket cannot talk to a \(ours) socket")
    }

    static func identityTooLong(_ size: Int) -> Self {
        Self(.invalidIdentity, "An identity of \(size) bytes is too long; 255 are allowed")
    }

    static func illegalFlags(_ flags: UInt8) -> Self {
        Self(.malformedFrame, "A frame has illegal flags (\(flags))")
    }

    static var illegalSize: Self { Self(.malformedFrame, "A frame has an illegal size") }

    static func malformedCommand(_ what: String) -> Self { Self(.malformedCommand, "A command \(what)") }

    static func malformedMetadata(_ why: String) -> Self {
        Self(.malformedCommand, "The peer's metadata is malformed: \(why)")
    }

    static func unexpectedCommand(_ name: String) -> Self {
        Self(.unexpectedFrame, "The peer sent '\(name)' where the handshake has no place for it")
    }

    static var messageInHandshake: Self { Self(.unexpectedFrame, "The peer sent a message before the handshake") }

    static var subscriptionInMessage: Self {
        Self(.unexpectedFrame, "The peer sent a subscription between the frames of a message")
    }

    static func messageTooLarge(limit: Int) -> Self {
        Self(.tooLarge, "The peer sent a message of more than the \(limit) bytes allowed")
    }

    static func tooManyFrames(limit: Int) -> Self {
        Self(.tooManyFrames, "The peer sent a message of more than the \(limit) frames allowed")
    }

    static func handshakeTooLarge(limit: Int) -> Self {
        Self(.handshakeTooLarge, "The peer's handshake has more than the \(limit) bytes allowed")
    }

    static func metadataTooLarge(_ size: Int, limit: Int) -> Self {
        Self(.metadataTooLarge, "The peer's metadata has \(size) bytes; \(limit) are allowed")
    }

    static func commandTooLarge(_ size: Int, limit: Int) -> Self {
        Self(.tooLarge, "The peer sent a command of \(size) bytes; \(limit) are allowed")
    }

    static func refused(reason: String) -> Self { Self(.refusedByPeer, "The peer refused us: \(reason)") }
}
