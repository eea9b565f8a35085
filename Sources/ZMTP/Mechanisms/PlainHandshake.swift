// The PLAIN mechanism (RFC 24): a name and a password, unencrypted.
//
//     client   HELLO ----> WELCOME ----> INITIATE ----> READY
//     server         decides                    peer
//
//   P-1     Which side is the client depends on the configuration, not on which side has connected.
//   P-2     A client that is refused gets an ERROR in the place of WELCOME, and so does one of an incompatible type in
//           the place of READY.
//   P-3     A client sends messages when it has received READY, a server when it has sent it.
//   P-4     A command of another length, out of order, or of another name is an error.
//   DEV-18  libzmq's ERROR is misspelt: its first byte is 5E, which swallows the E. A client accepts both spellings.
//   CU-7    A client sends no ERROR.

/// The client's side.
struct PlainClient: ~Copyable {
    private enum State { case welcome, ready }

    private let profile: HandshakeProfile
    /// The command that is expected.
    private let state: State

    /// Starts: sends HELLO.
    init(_ credentials: PlainCredentials, _ profile: HandshakeProfile, output: inout [UInt8]) {
        self.init(profile, .welcome)
        let (username, password) = (credentials.username, credentials.password)
        Command.append("HELLO", dataSize: 2 + username.count + password.count, to: &output)
        output.append(UInt8(username.count))
        output += username
        output.append(UInt8(password.count))
        password.withUnsafeBytes { output.append(contentsOf: $0) }
    }

    private init(_ profile: HandshakeProfile, _ state: State) {
        self.profile = profile
        self.state = state
    }

    /// Handles the body of the server's command.
    consuming func receive(
        _ body: UnsafeRawBufferPointer,
        output: inout [UInt8]
    ) throws(ProtocolError) -> Handshake.Step {
        if let reason = try ErrorCommand.misspeltReason(body) { throw .refused(reason: reason) }
        let command = try Command(body: body)
        switch (command.name, state) {
        case (.welcome, .welcome):
            guard command.data.isEmpty else { throw .malformedCommand("WELCOME of the wrong size") }
            profile.append("INITIATE", to: &output)
            return .next(.plainClient(PlainClient(profile, .ready)))
        case (.ready, .ready):
            return .done(try profile.peer(profile.metadata(command.data)))
        case (.error, _):
            throw .refused(reason: try ErrorCommand.reason(command.data))
        default:
            throw .unexpectedCommand(command.printableName)
        }
    }
}

/// The server's side.
struct PlainServer: ~Copyable {
    private enum State {
        case hello
        case initiate(Acceptance)
    }

    private let profile: HandshakeProfile
    /// The command that is expected.
    private let state: State

    /// Starts: the client speaks first.
    init(_ profile: HandshakeProfile) { self.init(profile, .hello) }

    private init(_ profile: HandshakeProfile, _ state: State) {
        self.profile = profile
        self.state = state
    }

    /// Handles the client's command.
    consuming func receive(_ command: Command, output: inout [UInt8]) throws(ProtocolError) -> Handshake.Step {
        switch (command.name, state) {
        case (.hello, .hello):
            guard let credentials = try Self.credentials(command.data) else {
                throw Refusal.denied.end(&output, "the user name is not UTF-8")
            }
            return .wait(PresentedCredentials(credentials), .plainServer(Undecided(profile)))
        case (.initiate, .initiate(let acceptance)):
            let metadata = try profile.metadata(command.data)
            let peer = try profile.peerOrError(metadata, acceptance, output: &output)
            profile.append("READY", to: &output)
            return .done(peer)
        default:
            throw .unexpectedCommand(command.printableName)
        }
    }

    /// The name and the password in a HELLO's data; nil if the name is no text.
    private static func credentials(_ data: UnsafeRawBufferPointer) throws(ProtocolError) -> Credentials? {
        guard let nameSize = data.first.map(Int.init), data.count >= 2 + nameSize else {
            throw .malformedCommand("HELLO of the wrong size")
        }
        let passwordSize = Int(data[1 + nameSize])
        guard data.count == 2 + nameSize + passwordSize else { throw .malformedCommand("HELLO of the wrong size") }
        let password = SecretBytes(copying: UnsafeRawBufferPointer(rebasing: data[(2 + nameSize)...]))
        return String(validating: data[1..<1 + nameSize], as: UTF8.self).map {
            .plain(username: $0, Password(password))
        }
    }

    /// HELLO has arrived, and the application has not decided yet.
    struct Undecided: ~Copyable {
        private let profile: HandshakeProfile

        fileprivate init(_ profile: HandshakeProfile) { self.profile = profile }

        /// Sends WELCOME.
        consuming func accept(_ acceptance: Acceptance, output: inout [UInt8]) -> Handshake.Step {
            Command.append("WELCOME", dataSize: 0, to: &output)
            return .next(.plainServer(PlainServer(profile, .initiate(acceptance))))
        }
    }
}
