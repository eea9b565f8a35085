extension Engine {
    /// A socket's settings for its engines.
    package struct Configuration: Sendable {
        /// Which side of the connection this is.
        package enum Role: Sendable {
            /// This side connected: it sends its READY first.
            case connecting
            /// This side accepted: it may reply to a READY with ERROR.
            case accepting
        }

        /// The largest handshake command by default, and the largest one in traffic unless a message may be larger.
        package static let largestHandshakeCommand = 65_536

        /// The socket's own type.
        package var socketType: SocketType
        /// Which side this is.
        package var role: Role
        /// The security mechanism, and the side of it that this is.
        package var mechanism: Mechanism
        /// The socket's routing id at a ROUTER: up to 255 bytes, announced by REQ, DEALER and ROUTER.
        package var identity: [UInt8]
        /// Properties of the application, with names that begin with `X-`.
        package var metadata: Metadata
        /// The largest sum of the bodies of a message's frames. The number of frames has its own limit, half of this
        /// plus 32,768, so that a message of empty frames cannot be endless.
        package var maxMessageSize: Int
        /// The most frames of a message, if smaller than that limit.
        package var maxFrames: Int
        /// The largest handshake command. It is a limit for traffic, too, see `maxCommandSize`.
        package var maxHandshakeSize: Int
        /// The most bytes that a peer may send before its handshake is complete.
        package var maxHandshakeBytes: Int
        /// The most bytes of the metadata in READY.
        package var maxMetadataBytes: Int
        /// Whether peers that speak ZMTP 1.0 or 2.0 are accepted (D-3).
        package var acceptsLegacyPeers: Bool
        /// Whether the connection begins with greetings. Without them the transport has agreed on the mechanism, and the
        /// version is 3.0, in which subscriptions are messages and the transport has its own heartbeats.
        package var greets: Bool

        package init(
            socketType: SocketType,
            role: Role,
            mechanism: Mechanism = .null,
            identity: [UInt8] = [],
            metadata: Metadata = Metadata(),
            maxMessageSize: Int = .max,
            maxFrames: Int = .max,
            maxHandshakeSize: Int = Self.largestHandshakeCommand,
            maxHandshakeBytes: Int = .max,
            maxMetadataBytes: Int = .max,
            acceptsLegacyPeers: Bool = true,
            greets: Bool = true
        ) {
            precondition(identity.count <= Peer.identityLimit, "an identity has at most 255 bytes")
            precondition(maxMessageSize >= 0 && maxHandshakeSize >= 0, "a size cannot be negative")
            precondition(maxFrames > 0, "a message has at least one frame")
            self.socketType = socketType
            self.role = role
            self.mechanism = mechanism
            self.identity = identity
            self.metadata = metadata
            self.maxMessageSize = maxMessageSize
            self.maxFrames = min(maxFrames, socketType.frameLimit)
            self.maxHandshakeSize = maxHandshakeSize
            self.maxHandshakeBytes = maxHandshakeBytes
            self.maxMetadataBytes = maxMetadataBytes
            self.acceptsLegacyPeers = acceptsLegacyPeers
            self.greets = greets
        }

        /// The socket's own properties, in libzmq's order.
        var properties: Metadata {
            var properties = Metadata()
            properties.append(Metadata.socketType, Array(socketType.rawValue.utf8))
            if socketType.announcesIdentity { properties.append(Metadata.identity, announcedIdentity) }
            for property in metadata.properties { properties.append(property.name, property.value) }
            return properties
        }

        /// The identity in the handshake of a version that sends it apart: empty for types that have none (ID-2).
        var announcedIdentity: [UInt8] { socketType.announcesIdentity ? identity : [] }

        /// Whether 1.0 and 2.0 are spoken: not with a mechanism that these versions do not have (D-2), nor by socket
        /// types that came later.
        var speaksLegacyVersions: Bool {
            acceptsLegacyPeers && greets && mechanism.isOpenToLegacyPeers && socketType.legacyCode != nil
        }

        /// The largest command in traffic, unless a message may be larger. It does not grow with what is allowed in a
        /// handshake.
        var maxCommandSize: Int { min(maxHandshakeSize, Self.largestHandshakeCommand) }

        /// The largest messages and commands of a peer.
        var limits: MessageLimits {
            MessageLimits(messageBytes: maxMessageSize, frames: maxFrames, commandBytes: maxCommandSize)
        }
    }
}
