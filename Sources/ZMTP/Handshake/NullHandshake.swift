// The NULL mechanism: READY against READY.
//
//   N-1  To a 3.0 peer, READY is sent before the peer's has arrived.
//   N-2  With a 3.1 peer the binder is the server: it replies to READY with READY or ERROR.
//   N-3  The connecting side never waits.
//   N-4  Messages follow only when READY has been sent and received.
//   N-5  A peer of an incompatible type receives an ERROR, whichever side notices.
//   N-6  The peer's READY ends the handshake, so that a second one, or an ERROR, is traffic.
//   N-7  ERROR ends the connection, and is reported apart from other failures.

/// One NULL handshake.
struct NullHandshake: ~Copyable {
    private let version: ProtocolVersion
    private let ownType: SocketType
    private let ready: Metadata
    private let maxMetadataBytes: Int
    private var owesReady = true

    /// Starts: sends READY unless this side may reply to the peer's.
    init(_ configuration: Engine.Configuration, version: ProtocolVersion, output: inout [UInt8]) {
        self.version = version
        ownType = configuration.socketType
        ready = configuration.properties
        maxMetadataBytes = configuration.maxMetadataBytes
        if configuration.role == .connecting || version < .v3_1 { sendReady(&output) }
    }

    /// Handles the peer's command: its READY or ERROR.
    consuming func receive(_ command: Command, output: inout [UInt8]) throws(ProtocolError) -> Mechanism.Step {
        switch command.name {
        case .ready:
            let (size, limit) = (command.data.count, maxMetadataBytes)
            guard size <= limit else { throw .metadataTooLarge(size, limit: limit) }
            let metadata = try Metadata(decoding: command.data)
            let peer: Peer
            do {
                peer = try Peer(metadata: metadata, version: version, ownType: ownType)
            } catch {
                ErrorCommand.append(reason: error.message, to: &output)
                throw error
            }
            if owesReady { sendReady(&output) }
            return .completed(peer)
        case .error:
            throw .refused(reason: try ErrorCommand.reason(command.data))
        case .ping, .pong, .subscribe, .cancel, .other:
            throw .unexpectedCommand(command.printableName)
        }
    }

    private mutating func sendReady(_ output: inout [UInt8]) {
        Command.append("READY", dataSize: ready.encodedSize, to: &output)
        ready.append(to: &output)
        owesReady = false
    }
}
