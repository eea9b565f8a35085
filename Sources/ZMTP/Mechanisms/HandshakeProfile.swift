/// What a handshake knows of its socket and of the version it speaks.
struct HandshakeProfile: Sendable {
    /// The version that both sides speak.
    let version: ProtocolVersion
    /// Which side of the connection this is.
    let side: Engine.Configuration.Role
    /// The socket's own type.
    let ownType: SocketType
    /// The properties to send.
    let properties: Metadata
    /// The most bytes of the peer's properties.
    let maxMetadataBytes: Int
    /// The largest messages and commands of the peer.
    let limits: MessageLimits

    init(_ configuration: Engine.Configuration, version: ProtocolVersion) {
        self.version = version
        side = configuration.role
        ownType = configuration.socketType
        properties = configuration.properties
        maxMetadataBytes = configuration.maxMetadataBytes
        limits = configuration.limits
    }

    /// Appends a command whose data is the socket's properties.
    func append(_ command: StaticString, to output: inout [UInt8]) {
        Command.append(command, dataSize: properties.encodedSize, to: &output)
        properties.append(to: &output)
    }

    /// The properties that the peer has sent as `data`.
    func metadata(_ data: UnsafeRawBufferPointer) throws(ProtocolError) -> Metadata {
        guard data.count <= maxMetadataBytes else {
            throw .metadataTooLarge(data.count, limit: maxMetadataBytes)
        }
        return try Metadata(decoding: data)
    }

    /// The peer with these properties, if its type is compatible with the socket's.
    func peer(_ metadata: Metadata, _ acceptance: Acceptance = .anonymous) throws(ProtocolError) -> Peer {
        try Peer(metadata: metadata, version: version, ownType: ownType, acceptance: acceptance)
    }

    /// The same; if its type is not compatible, an ERROR that says so is appended to `output` (N-5).
    func peerOrError(
        _ metadata: Metadata,
        _ acceptance: Acceptance = .anonymous,
        output: inout [UInt8]
    ) throws(ProtocolError) -> Peer {
        do {
            return try peer(metadata, acceptance)
        } catch {
            ErrorCommand.append(reason: error.message, to: &output)
            throw error
        }
    }
}

/// The largest messages and commands of a peer.
struct MessageLimits: Sendable, Equatable {
    /// The largest sum of the bodies of a message's frames.
    var messageBytes: Int
    /// The most frames of a message.
    var frames: Int
    /// The largest command in a handshake, and in traffic if a message may not be as large.
    var commandBytes: Int
}
