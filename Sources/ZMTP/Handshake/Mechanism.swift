// The security mechanisms. Each is a small state machine in its own file, which receives the peer's commands and
// appends its own to the output until it knows the peer; a new one adds a case here, and its name where
// `Engine.Configuration` makes the greeting.
//
//   G-8   A socket has one mechanism; it is not negotiated.
//   CM-1  A command that is not the mechanism's next one is an error.

/// The current handshake.
enum Mechanism: ~Copyable {
    case null(NullHandshake)

    /// Starts the handshake with a peer of `version`.
    init(_ configuration: Engine.Configuration, version: ProtocolVersion, output: inout [UInt8]) {
        self = .null(NullHandshake(configuration, version: version, output: &output))
    }

    /// The result of a command.
    enum Step: ~Copyable {
        /// The handshake continues in this state.
        case next(Mechanism)
        /// The handshake is complete, with this peer.
        case completed(Peer)
    }

    /// Handles the peer's next command.
    consuming func receive(_ command: Command, output: inout [UInt8]) throws(ProtocolError) -> Step {
        switch consume self {
        case .null(let handshake): try handshake.receive(command, output: &output)
        }
    }
}
