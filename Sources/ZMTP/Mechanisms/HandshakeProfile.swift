/// What a handshake knows of its socket and of the version it speaks.
struct HandshakeProfile: Sendable {
    private let endpoint: Engine.Profile
    /// The version that both sides speak.
    let version: ProtocolVersion

    init(_ endpoint: Engine.Profile, version: ProtocolVersion) {
        self.endpoint = endpoint
        self.version = version
    }

    /// Which side of the connection this is.
    var side: Engine.Configuration.Role { endpoint.configuration.role }

    /// Whether this side binds, and sends its READY when the peer's has arrived. A peer of 3.0 may wait for it, unless a
    /// transport without greetings is what makes it one of 3.0: there the connecting side never waits.
    var binderReplies: Bool { side == .accepting && (version >= .v3_1 || !endpoint.configuration.greets) }

    /// The largest messages and commands of the peer.
    var limits: MessageLimits { endpoint.configuration.limits }

    /// The socket's own properties, in the form in which they are sent.
    var properties: [UInt8] { endpoint.properties }

    /// Appends a command whose data is the socket's properties.
    func append(_ command: StaticString, to output: inout [UInt8]) {
        Command.append(command, dataSize: endpoint.properties.count, to: &output)
        output += endpoint.properties
    }

    /// The properties that the peer has sent as `data`.
    func metadata(_ data: UnsafeRawBufferPointer) throws(ProtocolError) -> Metadata {
        let limit = endpoint.configuration.maxMetadataBytes
        guard data.count <= limit else { throw .metadataTooLarge(data.count, limit: limit) }
        return try Metadata(decoding: data)
    }

    /// The peer with these properties, if its type is compatible with the socket's.
    func peer(_ metadata: Metadata, _ acceptance: Acceptance? = nil) throws(ProtocolError) -> Peer {
        try Peer(
            metadata: metadata,
            version: version,
            ownType: endpoint.configuration.socketType,
            mechanism: endpoint.configuration.mechanism.name,
            acceptance: acceptance
        )
    }

    /// The same; if its type is not compatible, an ERROR that says so is appended to `output` (N-5).
    func peerOrError(
        _ metadata: Metadata,
        _ acceptance: Acceptance? = nil,
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
    /// The largest command in traffic, if a message may not be as large.
    var commandBytes: Int
}
