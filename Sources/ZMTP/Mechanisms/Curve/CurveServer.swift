#if Curve
    // The server's side of the CURVE mechanism (RFC 25 and 26).
    //
    //     HELLO ----> WELCOME ----> INITIATE ----> READY
    //                                       decides
    //
    //   CU-1  The numbers in the nonces rise with each command, in either direction.
    //   CU-2  A command of another size, or that does not open, closes the connection without an answer.
    //   CU-3  Every field is checked: the version, the padding and the contents of HELLO, both keys in the vouch.
    //   CU-4  Until INITIATE the server remembers no key of the connection: see `CurveCookies`.
    //   CU-5  The transient keys are new for each connection, and wiped when they are no longer needed.
    //   CU-8  A client that is refused gets an ERROR in the place of READY, and so does one of an incompatible type.

    /// The server's side.
    struct CurveServer: ~Copyable {
        /// What the socket's connections have in common.
        struct Settings: Sendable {
            let keys: CurveKeyPair
            let entropy: CurveEntropy
            let cookies: CurveCookies

            init(_ keys: CurveKeyPair, entropy: CurveEntropy = .system) throws(CurveError) {
                try Sodium.prepare()
                self.keys = keys
                self.entropy = entropy
                cookies = CurveCookies(entropy)
            }
        }

        private enum State {
            case hello
            /// INITIATE is expected, with this cookie, and a number above HELLO's.
            case initiate(cookie: CurveCookies.Issued, after: UInt64)
        }

        private let settings: Settings
        private let profile: HandshakeProfile
        private let state: State

        /// Starts: the client speaks first.
        init(_ settings: Settings, _ profile: HandshakeProfile) { self.init(settings, profile, .hello) }

        private init(_ settings: Settings, _ profile: HandshakeProfile, _ state: State) {
            self.settings = settings
            self.profile = profile
            self.state = state
        }

        /// Handles the client's command.
        consuming func receive(_ command: Command, output: inout [UInt8]) throws(ProtocolError) -> Handshake.Step {
            switch (command.name, state) {
            case (.hello, .hello):
                let state = try welcome(command.data, output: &output)
                return .next(.curveServer(CurveServer(settings, profile, state)))
            case (.initiate, .initiate(let cookie, let number)):
                return try authenticate(command.data, cookie: cookie, after: number)
            default:
                throw .unexpectedCommand(command.printableName)
            }
        }

        /// Opens HELLO and sends WELCOME.
        private borrowing func welcome(
            _ data: UnsafeRawBufferPointer,
            output: inout [UInt8]
        ) throws(ProtocolError) -> State {
            typealias Layout = CurveLayout.Hello
            guard data.count == Layout.size else { throw .malformedCommand("HELLO of the wrong size") }
            guard data[0] == 1, data[1] == 0 else { throw .malformedCommand("HELLO of another version") }
            guard data.part(Layout.padding).allSatisfy({ $0 == 0 }) else {
                throw .malformedCommand("HELLO with another padding")
            }
            let clientKey = data.part(Layout.clientKey)
            guard let shared = SharedKey(with: clientKey.baseAddress!, settings.keys.secretKey) else {
                throw .notAuthentic("the client's transient key is weak")
            }
            let number = data.number(at: Layout.number)
            let contents = shared.open(data.part(Layout.box), CurveNonce(CurveNonceName.hello, number))
            guard let contents else { throw .notAuthentic("HELLO") }
            guard contents.withUnsafeBytes({ $0.allSatisfy { $0 == 0 } }) else {
                throw .malformedCommand("HELLO with other contents")
            }

            let transient = try settings.entropy.keyPair()
            var welcome = transient.publicKey.bytes
            let cookie = settings.cookies.append(
                clientKey: clientKey,
                secretKey: transient.secretKey,
                to: &welcome
            )
            let nonce = settings.entropy.bytes(CurveNonce.randomSize)
            Command.append("WELCOME", dataSize: CurveLayout.Welcome.size, to: &output)
            output += nonce
            shared.seal(welcome, CurveNonce(CurveNonceName.welcome, random: nonce), to: &output)
            return .initiate(cookie: cookie, after: number)
        }

        /// Opens INITIATE, and has the application decide about the client.
        private borrowing func authenticate(
            _ data: UnsafeRawBufferPointer,
            cookie: CurveCookies.Issued,
            after last: UInt64
        ) throws(ProtocolError) -> Handshake.Step {
            typealias Layout = CurveLayout.Initiate
            guard data.count >= Layout.minimum else { throw .malformedCommand("INITIATE of the wrong size") }
            guard let known = settings.cookies.open(data.part(Layout.cookie), nonce: cookie.nonce) else {
                throw .notAuthentic("the cookie")
            }
            let number = data.number(at: Layout.number)
            guard number > last else { throw .numberUsed }
            let secretKey = known.secretKey
            guard let session = known.withClientKey({ SharedKey(with: $0, secretKey) }),
                let contents = session.open(
                    data.part(from: Layout.box),
                    CurveNonce(CurveNonceName.initiate, number)
                )
            else { throw .notAuthentic("INITIATE") }

            let (profile, serverKey) = (profile, settings.keys.publicKey)
            return try contents.withUnsafeBytes { bytes throws(ProtocolError) in
                let clientKey = CurvePublicKey(bytes.baseAddress!)
                let nonce = CurveNonce(CurveNonceName.vouch, random: bytes.part(Layout.vouchNonce))
                guard let vouching = SharedKey(with: clientKey, secretKey),
                    let vouch = vouching.open(bytes.part(Layout.vouch), nonce),
                    known.withClientKey({ Self.vouches(vouch, for: $0, serverKey) })
                else { throw .notAuthentic("the vouch") }
                let metadata = try profile.metadata(bytes.part(from: Layout.metadata))
                let undecided = Undecided(profile: profile, session: session, number: number, metadata: metadata)
                return .wait(PresentedCredentials(.curve(clientKey), metadata: metadata), .curveServer(undecided))
            }
        }

        /// Whether a vouch holds the client's transient key and the server's own.
        private static func vouches(
            _ vouch: SecretBytes,
            for transientKey: UnsafeRawPointer,
            _ serverKey: CurvePublicKey
        ) -> Bool {
            vouch.withUnsafeBytes { vouch in
                let transientKey = UnsafeRawBufferPointer(start: transientKey, count: CurveLayout.key)
                let isClient = vouch.part(0..<CurveLayout.key).isSame(as: transientKey)
                let isServer = serverKey.bytes.withUnsafeBytes { vouch.part(from: CurveLayout.key).isSame(as: $0) }
                return isClient && isServer
            }
        }

        /// INITIATE has arrived: the client has the secret half of its key. The application has not decided yet.
        struct Undecided: ~Copyable {
            fileprivate let profile: HandshakeProfile
            fileprivate let session: SharedKey
            /// The number of INITIATE.
            fileprivate let number: UInt64
            fileprivate let metadata: Metadata

            /// Sends READY.
            consuming func accept(
                _ acceptance: Acceptance,
                output: inout [UInt8]
            ) throws(ProtocolError) -> Handshake.Step {
                let peer = try profile.peerOrError(metadata, acceptance, output: &output)
                Command.append(
                    "READY",
                    dataSize: CurveLayout.Ready.minimum + profile.properties.count,
                    to: &output
                )
                output.appendBigEndian(UInt64(1))
                session.seal(profile.properties, CurveNonce(CurveNonceName.ready, 1), to: &output)
                return .done(peer, CurveTransform(session, .server, sent: 1, received: number, profile.limits))
            }
        }
    }
#endif
