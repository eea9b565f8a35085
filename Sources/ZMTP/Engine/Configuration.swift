extension Engine {
    /// What a socket tells its engines.
    package struct Configuration: Sendable {
        /// Which side of the connection this is.
        package enum Role: Sendable {
            /// This side connected: it introduces itself first.
            case connecting
            /// This side was connected to: it may answer an introduction with ERROR.
            case accepting
        }

        /// The socket's own type.
        package var socketType: SocketType
        /// Which side this is.
        package var role: Role
        /// What a ROUTER may call this socket: up to 255 bytes, announced by REQ, DEALER and ROUTER.
        package var identity: [UInt8]
        /// Properties of the application, with names beginning with `X-`.
        package var metadata: Metadata
        /// The most the bodies of a message's frames may add up to. The number of frames is limited apart, to half of this and
        /// 32,768, so that a message of empty frames is not endless.
        package var maxMessageSize: Int
        /// The most frames of a message, where that is fewer.
        package var maxFrames: Int
        /// The most a handshake command may have. In traffic a command may be as large as a message, or as this.
        package var maxHandshakeSize: Int
        /// The most bytes that a peer may send before its handshake is complete.
        package var maxHandshakeBytes: Int
        /// The most bytes of the metadata in READY.
        package var maxMetadataBytes: Int
        /// Whether peers that speak ZMTP 1.0 or 2.0 are let in (D-3).
        package var acceptsOlderPeers: Bool

        package init(
            socketType: SocketType,
            role: Role,
            identity: [UInt8] = [],
            metadata: Metadata = Metadata(),
            maxMessageSize: Int = .max,
            maxFrames: Int = .max,
            maxHandshakeSize: Int = 65_536,
            maxHandshakeBytes: Int = .max,
            maxMetadataBytes: Int = .max,
            acceptsOlderPeers: Bool = true
        ) {
            precondition(identity.count <= Peer.identityLimit, "An identity has at most 255 bytes")
            precondition(maxMessageSize >= 0 && maxHandshakeSize >= 0, "A size cannot be negative")
            precondition(maxFrames > 0, "A message has at least one frame")
            self.socketType = socketType
            self.role = role
            self.identity = identity
            self.metadata = metadata
            self.maxMessageSize = maxMessageSize
            self.maxFrames = maxFrames
            self.maxHandshakeSize = maxHandshakeSize
            self.maxHandshakeBytes = maxHandshakeBytes
            self.maxMetadataBytes = maxMetadataBytes
            self.acceptsOlderPeers = acceptsOlderPeers
        }

        /// What the socket says about itself, in the order libzmq does.
        var properties: Metadata {
            var properties = Metadata()
            properties.append(Metadata.socketType, Array(socketType.rawValue.utf8))
            if socketType.announcesIdentity { properties.append(Metadata.identity, announcedIdentity) }
            for property in metadata.properties { properties.append(property.name, property.value) }
            return properties
        }

        /// The identity, for peers of a version that has no other place for it: nothing from types that have none (ID-2).
        var announcedIdentity: [UInt8] { socketType.announcesIdentity ? identity : [] }

        /// Whether 1.0 and 2.0 are spoken: never where a mechanism is wanted that they do not have (D-2), nor by types
        /// that are younger.
        var speaksLegacyVersions: Bool {
            acceptsOlderPeers && greeting.isOpenToLegacyPeers && socketType.legacyCode != nil
        }

        /// What the socket's connections begin with.
        var greeting: Greeting { .null }
    }
}
