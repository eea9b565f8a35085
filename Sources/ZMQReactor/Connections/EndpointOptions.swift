import ZMTP

/// What a socket says of itself in a handshake.
struct SocketProfile: Sendable {
    let type: SocketType

    /// What a ROUTER peer may call it (ID-2); empty for none.
    let identity: [UInt8]
}

/// What held when an endpoint was bound or connected, and holds for it from then on, whatever the socket's options have
/// become.
///
/// It is immutable, so that all endpoints between two changes of the options share one.
final class EndpointOptions: Sendable {
    let options: SocketOptions
    let profile: SocketProfile

    /// What pipes need of the options.
    let pipe: Pipe.Options

    /// Whether no process is kept from an ipc endpoint.
    let admitsAllProcesses: Bool

    /// What the heartbeat of a connection needs of them.
    let heartbeat: Liveness.Settings

    /// Whether the handshakes of its connections are costly, see `CostlyHandshakes`.
    let hasCostlyHandshakes: Bool

    init(_ options: SocketOptions, _ profile: SocketProfile) {
        pipe = Pipe.Options(options)
        admitsAllProcesses =
            options.ipcAllowedUsers.isEmpty && options.ipcAllowedGroups.isEmpty
            && options.ipcAllowedProcesses.isEmpty
        heartbeat = options.heartbeat
        hasCostlyHandshakes = options.security.mechanism.isCostly
        self.profile = profile
        self.options = options
    }

    /// What the protocol needs of them, on one side of a connection. Each connector and each listener makes it once.
    ///
    /// - Parameters:
    ///   - greets: whether connections begin with greetings.
    ///   - metadata: what the transport says in a handshake.
    func engineProfile(
        _ role: Engine.Configuration.Role,
        greets: Bool = true,
        _ metadata: Metadata = Metadata()
    ) -> Engine.Profile {
        var metadata = metadata
        SubscriptionToken.announce(of: profile.type, in: &metadata)
        return Engine.Profile(
            Engine.Configuration(
                socketType: profile.type,
                role: role,
                mechanism: options.security.mechanism,
                identity: profile.identity,
                metadata: metadata,
                maxMessageSize: options.maxMessageSize,
                maxFrames: options.limits.framesPerMessage,
                // The option alone limits a handshake, whatever its commands are.
                maxHandshakeSize: max(options.limits.handshakeBytes, Engine.Configuration.largestHandshakeCommand),
                maxHandshakeBytes: options.limits.handshakeBytes,
                maxMetadataBytes: options.limits.metadataBytes,
                acceptsLegacyPeers: options.acceptsLegacyPeers,
                greets: greets
            )
        )
    }
}
