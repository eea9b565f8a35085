// The handshakes of 1.0 and 2.0: an identity, and in 2.0 a socket type before it.
//
//   1.0    | identity frame |, with a header of 1.0. Ours is half sent already, as the signature (D-1).
//   2.0    | signature, 10 bytes | revision | socket type | 00 length identity |
//
//   A 1.0 peer does not send its type. It is assumed to be compatible.
//   DEV-6  A 2.0 peer of an incompatible type is disconnected without an ERROR, which 2.0 does not have.
//   ID-1   An identity has at most 255 bytes.
//
// Traffic that is not ZMTP is indistinguishable from ZMTP 1.0 at the first byte. The flags of a 1.0 peer's identity
// frame are always zero; text is recognised by its second byte.

/// The handshake with a 1.0 or 2.0 peer.
struct LegacyHandshake {
    /// The result of parsing the available bytes.
    enum Step {
        /// The peer's part is complete when there are this many bytes.
        case needs(Int)
        /// It is complete, and consumed from the input.
        case completed(Peer)
    }

    private static let typeOffset = 11

    private let version: ProtocolVersion
    private let ownType: SocketType

    /// Starts: sends the rest of what a peer of `version` expects after the bytes already sent.
    init(
        _ configuration: Engine.Configuration,
        version: ProtocolVersion,
        output: inout [UInt8]
    ) throws(ProtocolError) {
        guard let code = configuration.socketType.legacyCode else { throw .notVersioned }
        self.version = version
        ownType = configuration.socketType
        let identity = configuration.announcedIdentity
        if version > .v1_0 {
            output.append(code)
            FrameHeader(bodySize: identity.count).append(to: &output)
        }
        output += identity
    }

    /// Consumes the peer's part from the input once it is complete.
    func receive(_ input: inout Input) throws(ProtocolError) -> Step {
        try version == .v1_0 ? receiveVersion1(&input) : receiveVersion2(&input)
    }

    private func receiveVersion1(_ input: inout Input) throws(ProtocolError) -> Step {
        let bytes = UnsafeRawPointer(input.base) + input.start
        guard let decoded = try? Version1Header.decode(bytes, available: input.count) else { throw .notZMTP }
        if case .needs(let size) = decoded { return .needs(size) }
        guard case .header(let header) = decoded, header.flags == 0 else { throw .notZMTP }
        guard let type = ownType.compatibleTypes.first else { throw .notVersioned }
        return try identity(size: header.bodySize, at: header.size, from: type, &input)
    }

    private func receiveVersion2(_ input: inout Input) throws(ProtocolError) -> Step {
        let bytes = UnsafeRawPointer(input.base) + input.start
        guard input.count > Self.typeOffset else { return .needs(Self.typeOffset + 1 + FrameHeader.shortSize) }
        guard let type = SocketType(legacyCode: bytes.load(fromByteOffset: Self.typeOffset, as: UInt8.self)) else {
            throw .unknownSocketType
        }
        guard ownType.isCompatible(with: type) else { throw .incompatible(type, with: ownType) }
        let frame = Self.typeOffset + 1
        guard input.count > frame else { return .needs(frame + FrameHeader.shortSize) }
        let flags = bytes.load(fromByteOffset: frame, as: UInt8.self)
        guard flags == 0 else { throw .illegalFlags(flags) }
        guard input.count > frame + 1 else { return .needs(frame + FrameHeader.shortSize) }
        let size = Int(bytes.load(fromByteOffset: frame + 1, as: UInt8.self))
        return try identity(size: size, at: frame + FrameHeader.shortSize, from: type, &input)
    }

    private func identity(
        size: Int,
        at offset: Int,
        from type: SocketType,
        _ input: inout Input
    ) throws(ProtocolError) -> Step {
        guard size <= Peer.identityLimit else { throw .identityTooLong(size) }
        guard input.count >= offset + size else { return .needs(offset + size) }
        let bytes = UnsafeRawBufferPointer(start: input.base + input.start + offset, count: size)
        input.start += offset + size
        return .completed(Peer(version: version, socketType: type, identity: [UInt8](bytes)))
    }
}
