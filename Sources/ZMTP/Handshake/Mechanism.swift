// The security mechanisms. Each is a small state machine in a file of its own that takes the peer's commands and appends
// its own to the output until it knows the peer; a new one adds a case here and its name to `Engine.Configuration`.
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

    /// Takes the peer's next command. Returns the peer when the handshake is done.
    mutating func receive(_ command: Command, output: inout [UInt8]) throws(ProtocolError) -> Peer? {
        switch consume self {
        case .null(var handshake):
            let result: Result<Peer?, ProtocolError>
            do throws(ProtocolError) {
                result = .success(try handshake.receive(command, output: &output))
            } catch {
                result = .failure(error)
            }
            self = .null(handshake)
            return try result.get()
        }
    }
}
