#if Curve
    // The client's side of the CURVE mechanism (RFC 25 and 26).
    //
    //     HELLO ----> WELCOME ----> INITIATE ----> READY
    //
    //   CU-1  The numbers in the nonces rise with each command, in either direction.
    //   CU-2  A command of another size, or that does not open, closes the connection without an answer.
    //   CU-5  The transient keys are new for each connection, and wiped when they are no longer needed.
    //   CU-7  A client sends no ERROR. It accepts one in the place of WELCOME or READY.

    /// The client's side.
    struct CurveClient: ~Copyable {
        /// What the socket's connections have in common.
        struct Settings: Sendable {
            let keys: CurveKeyPair
            let serverKey: CurvePublicKey
            let entropy: CurveEntropy

            init(
                _ keys: CurveKeyPair,
                serverKey: CurvePublicKey,
                entropy: CurveEntropy = .system
            ) throws(CurveError) {
                try Sodium.prepare()
                guard SharedKey(with: serverKey, keys.secretKey) != nil else { throw .weakKey }
                self.keys = keys
                self.serverKey = serverKey
                self.entropy = entropy
            }
        }

        private enum State {
            /// WELCOME is expected, in a box of the key shared by c' and S.
            case welcome(transient: CurveKeyPair, SharedKey)
            /// READY is expected, in a box of the key shared by c' and S'.
            case ready(SharedKey)
        }

        private let settings: Settings
        private let profile: HandshakeProfile
        private let state: State

        /// Starts: sends HELLO.
        init(_ settings: Settings, _ profile: HandshakeProfile, output: inout [UInt8]) throws(ProtocolError) {
            let transient = try settings.entropy.keyPair()
            guard let shared = SharedKey(with: settings.serverKey, transient.secretKey) else {
                throw .notAuthentic("the server's key is weak")
            }
            self.init(settings, profile, .welcome(transient: transient, shared))
            Command.append("HELLO", dataSize: CurveLayout.Hello.size, to: &output)
            output += [1, 0]
            output += repeatElement(0, count: CurveLayout.Hello.padding.count)
            output += transient.publicKey.bytes
            output.appendBigEndian(UInt64(1))
            let zeros = [UInt8](repeating: 0, count: CurveLayout.Hello.zeros)
            shared.seal(zeros, CurveNonce(CurveNonceName.hello, 1), to: &output)
        }

        private init(_ settings: Settings, _ profile: HandshakeProfile, _ state: State) {
            self.settings = settings
            self.profile = profile
            self.state = state
        }

        /// Handles the server's command.
        consuming func receive(_ command: Command, output: inout [UInt8]) throws(ProtocolError) -> Handshake.Step {
            switch (command.name, state) {
            case (.welcome, .welcome(let transient, let shared)):
                let session = try initiate(command.data, transient, shared, output: &output)
                return .next(.curveClient(CurveClient(settings, profile, .ready(session))))
            case (.ready, .ready(let session)):
                return try complete(command.data, session)
            case (.error, _):
                throw .refused(reason: try ErrorCommand.reason(command.data))
            default:
                throw .unexpectedCommand(command.printableName)
            }
        }

        /// Opens WELCOME and sends INITIATE. Returns the key shared by c' and S'.
        private borrowing func initiate(
            _ data: UnsafeRawBufferPointer,
            _ transient: CurveKeyPair,
            _ shared: SharedKey,
            output: inout [UInt8]
        ) throws(ProtocolError) -> SharedKey {
            typealias Layout = CurveLayout.Welcome
            guard data.count == Layout.size else { throw .malformedCommand("WELCOME of the wrong size") }
            let nonce = CurveNonce(CurveNonceName.welcome, random: data.part(0..<CurveNonce.randomSize))
            guard let contents = shared.open(data.part(Layout.box), nonce) else { throw .notAuthentic("WELCOME") }
            let keys = settings.keys
            let session = contents.withUnsafeBytes { SharedKey(with: $0.baseAddress!, transient.secretKey) }
            let vouching = contents.withUnsafeBytes { SharedKey(with: $0.baseAddress!, keys.secretKey) }
            guard let session, let vouching else { throw .notAuthentic("the server's transient key is weak") }

            let vouchNonce = settings.entropy.bytes(CurveNonce.randomSize)
            var initiation = keys.publicKey.bytes + vouchNonce
            vouching.seal(
                transient.publicKey.bytes + settings.serverKey.bytes,
                CurveNonce(CurveNonceName.vouch, random: vouchNonce),
                to: &initiation
            )
            initiation += profile.properties
            let boxSize = initiation.count + SharedKey.overhead
            Command.append("INITIATE", dataSize: CurveLayout.Initiate.box + boxSize, to: &output)
            contents.withUnsafeBytes { output.append(contentsOf: $0.part(from: CurveLayout.key)) }
            output.appendBigEndian(UInt64(2))
            session.seal(initiation, CurveNonce(CurveNonceName.initiate, 2), to: &output)
            return session
        }

        /// Opens READY.
        private borrowing func complete(
            _ data: UnsafeRawBufferPointer,
            _ session: SharedKey
        ) throws(ProtocolError) -> Handshake.Step {
            typealias Layout = CurveLayout.Ready
            guard data.count >= Layout.minimum else { throw .malformedCommand("READY of the wrong size") }
            let number = data.number(at: 0)
            let nonce = CurveNonce(CurveNonceName.ready, number)
            guard let contents = session.open(data.part(from: Layout.box), nonce) else { throw .notAuthentic("READY") }
            let profile = profile
            let peer = try contents.withUnsafeBytes { bytes throws(ProtocolError) in
                try profile.peer(profile.metadata(bytes))
            }
            return .done(peer, CurveTransform(session, .client, sent: 2, received: number, profile.limits))
        }
    }
#endif
