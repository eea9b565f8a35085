// The security mechanisms. Each is a small state machine in a file of its own that takes the peer's commands and
// appends its own to the output until it knows the peer; a new one adds a case here, and its name where
// `Engine.Configuration` makes the greeting.
//
//   G-8   There is one mechanism per socket; it is not negotiated.
//   CM-1  A command that is not the mechanism's next one is an error.

/// The handshake that is going on.
enum Mechanism: ~Copyable {
    case null(NullHandshake)

    /// Begins the handshake with a peer of `version`.
    init(_ configuration: Engine.Configuration, version: ProtocolVersion, output: inout [UInt8]) {
        self = .null(NullHandshake(configuration, version: version, output: &output))
    }

    /// What a command led to.
    enum Step: ~Copyable {
        /// The handshake goes on like this.
        case next(Mechanism)
        /// The handshake is done, with this peer.
        case completed(Peer)
    }

    /// Takes the peer's next command.
    consuming func receive(_ command: Command, output: inout [UInt8]) throws(ProtocolError) -> Step {
        switch consume self {
        case .null(let handshake): try handshake.receive(command, output: &output)
        }
    }
}
