#if TLS
    import Glibc
    import Testing
    import ZMQReactorTestSupport
    import ZMTP

    @testable import ZMQReactor

    /// An authority of a test, and certificates of it.
    private final class Authority {
        let directory = Unique.path()

        init() throws {
            mkdir(directory, 0o700)
            try run("-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem")
        }

        deinit {
            for name in ["ca", "server", "client"] {
                unlink("\(directory)/\(name).key")
                unlink("\(directory)/\(name).pem")
            }
            rmdir(directory)
        }

        private func run(_ arguments: String...) throws {
            let key = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
            try ChildProcess("openssl", key + ["-days", "2"] + arguments, directory: directory).expectExit(.exited(0))
        }

        /// Makes a certificate for the names.
        func certificate(_ name: String, for names: String) throws -> TLSSettings {
            try run(
                "-subj",
                "/CN=\(name)",
                "-addext",
                "subjectAltName=\(names)",
                "-addext",
                "basicConstraints=critical,CA:FALSE",
                "-CA",
                "ca.pem",
                "-CAkey",
                "ca.key",
                "-keyout",
                "\(name).key",
                "-out",
                "\(name).pem"
            )
            var settings = trusting
            settings.certificateFile = "\(directory)/\(name).pem"
            settings.privateKeyFile = "\(directory)/\(name).key"
            return settings
        }

        func server(for names: String = "DNS:localhost,IP:127.0.0.1") throws -> TLSSettings {
            try certificate("server", for: names)
        }

        var authoritiesFile: String { "\(directory)/ca.pem" }

        /// The settings of a client that trusts this authority.
        var trusting: TLSSettings {
            var settings = TLSSettings()
            settings.authoritiesFile = authoritiesFile
            return settings
        }
    }

    /// Sockets over `wss://`.
    @Suite(.hangLimit, .serialized) struct TLSTests {
        private static let anyEndpoint = "wss://127.0.0.1:*/path"

        @Test("messages of every size travel both ways", arguments: ["127.0.0.1", "localhost"])
        func messages(host: String) throws {
            try withScene { scene in
                let authority = try Authority()
                defer { withExtendedLifetime(authority) {} }
                let server = try authority.server()
                let pair = try scene.pair { $0.tls = server }
                let other = try scene.pair { $0.tls = authority.trusting }
                try other.connect(pair.bind(Self.anyEndpoint).replacing("127.0.0.1", with: host))
                try scene.wait("a connection") { pair.peerCount == 1 && other.peerCount == 1 }
                for size in Shape.sizes {
                    for (sender, receiver) in [(pair, other), (other, pair)] {
                        #expect(try sender.send(Message(Pattern.bytes(size))) == .accepted)
                        #expect(try scene.receive(receiver) == Message(Pattern.bytes(size)))
                    }
                }
            }
        }

        /// The reasons with which a connection fails at both sides.
        private func failure(
            _ scene: Scene,
            _ server: TLSSettings,
            _ client: TLSSettings,
            host: String = "127.0.0.1"
        ) throws -> (server: String, client: String) {
            let pull = try scene.pull { $0.tls = server }
            let push = try scene.push { $0.tls = client }
            var (ofServer, ofClient): (String?, String?)
            pull.onEvent = { _, event in if event.isFailure { ofServer = ofServer ?? event.reason?.message } }
            push.onEvent = { _, event in if event.isFailure { ofClient = ofClient ?? event.reason?.message } }
            try push.connect(pull.bind(Self.anyEndpoint).replacing("127.0.0.1", with: host))
            try scene.wait("both failures") { ofServer != nil && ofClient != nil }
            #expect(pull.peerCount == 0 && push.peerCount == 0)
            return (ofServer ?? "", ofClient ?? "")
        }

        @Test("a server of another authority is refused, and one of another name") func strangers() throws {
            try withScene { scene in
                let (authority, other) = try (Authority(), Authority())
                defer { withExtendedLifetime((authority, other)) {} }
                let server = try authority.server()
                let strange = try failure(scene, server, other.trusting)
                #expect(strange.client.contains("certificate"), "\(strange)")
                #expect(strange.server.contains("TLS"), "\(strange)")
                let elsewhere = try authority.server(for: "DNS:example.org")
                let wrong = try failure(scene, elsewhere, authority.trusting)
                #expect(wrong.client.contains("mismatch"), "\(wrong)")
                #expect(
                    try failure(scene, elsewhere, authority.trusting, host: "localhost").client.contains("mismatch")
                )
            }
        }

        @Test("certificates that are replaced are used by the next connection") func renewal() throws {
            try withScene { scene in
                let authority = try Authority()
                defer { withExtendedLifetime(authority) {} }
                let server = try authority.server()
                let pull = try scene.pull { $0.tls = server }
                let endpoint = try pull.bind(Self.anyEndpoint)
                let push = try scene.push { $0.tls = authority.trusting }
                try push.connect(endpoint)
                try scene.wait("a connection") { pull.peerCount == 1 }
                _ = try authority.server(for: "DNS:example.org")
                var reason: String?
                let other = try scene.push { $0.tls = authority.trusting }
                other.onEvent = { _, event in if event.isFailure { reason = event.reason?.message } }
                try other.connect(endpoint)
                try scene.wait("the refusal") { reason != nil }
                #expect(reason?.contains("mismatch") == true, "\(reason ?? "")")
            }
        }

        @Test("another name of the server can be given") func serverName() throws {
            try withScene { scene in
                let authority = try Authority()
                defer { withExtendedLifetime(authority) {} }
                let server = try authority.server(for: "DNS:example.org")
                var client = authority.trusting
                client.serverName = "example.org"
                let pull = try scene.pull { $0.tls = server }
                let push = try scene.push { $0.tls = client }
                try push.connect(pull.bind(Self.anyEndpoint))
                try scene.wait("a connection") { pull.peerCount == 1 }
            }
        }

        @Test("a server may require certificates of its clients") func clientCertificates() throws {
            try withScene { scene in
                let authority = try Authority()
                defer { withExtendedLifetime(authority) {} }
                var server = try authority.server()
                server.requiresClientCertificate = true
                let client = try authority.certificate("client", for: "DNS:client")
                let without = try failure(scene, server, authority.trusting)
                #expect(without.server.contains("certificate"), "\(without)")
                let pull = try scene.pull { $0.tls = server }
                let push = try scene.push { $0.tls = client }
                try push.connect(pull.bind(Self.anyEndpoint))
                try scene.wait("a connection") { pull.peerCount == 1 }
            }
        }

        @Test("files that cannot be used are errors that name them") func files() throws {
            try withScene { scene in
                let authority = try Authority()
                defer { withExtendedLifetime(authority) {} }
                var settings = try authority.server()
                let pull = try scene.pull()
                let none = #expect(throws: ZMQError.self) { try pull.bind(Self.anyEndpoint) }
                #expect(none?.option == "tls.certificateFile")
                for (path, option) in [
                    (\TLSSettings.certificateFile, "tls.certificateFile"), (\.privateKeyFile, "tls.privateKeyFile"),
                    (\.authoritiesFile, "tls.authoritiesFile"),
                ] as [(WritableKeyPath<TLSSettings, String?>, String)] {
                    let good = settings[keyPath: path]
                    settings[keyPath: path] = "/nowhere/x.pem"
                    try pull.configure { $0.tls = settings }
                    let calls: [() throws -> Void] = [
                        { _ = try pull.bind(Self.anyEndpoint) }, { try pull.connect("wss://127.0.0.1:1/") },
                    ]
                    for call in calls {
                        let error = #expect(throws: ZMQError.self) { try call() }
                        #expect(error?.option == option)
                        #expect(error?.message.contains("/nowhere/x.pem") == true, "\(error?.message ?? "")")
                        #expect(error?.endpoint?.hasPrefix("wss://") == true)
                    }
                    settings[keyPath: path] = good
                }
            }
        }

        @Test("what is not TLS is refused at its first bytes") func notTLS() throws {
            try withScene { scene in
                let authority = try Authority()
                defer { withExtendedLifetime(authority) {} }
                let server = try authority.server()
                let pull = try scene.pull { $0.tls = server }
                var reason: String?
                pull.onEvent = { _, event in if event.isFailure { reason = event.reason?.message } }
                let endpoint = try pull.bind(Self.anyEndpoint)
                let tcp = endpoint.replacing("wss://", with: "tcp://").replacing("/path", with: "")
                let peer = try RawPeer(tcp)
                peer.send(WebSocketBytes.request("/path"))
                try scene.wait("the refusal") { reason != nil }
                #expect(reason?.contains("does not speak TLS") == true)
            }
        }

        @Test("records mean the same however they are split") func splits() throws {
            let authority = try Authority()
            defer { withExtendedLifetime(authority) {} }
            let server = TLSCodec(try TLSContext(authority.server(), isServer: true), connectingTo: nil)
            let client = TLSCodec(try TLSContext(authority.trusting, isServer: false), connectingTo: "127.0.0.1")
            // Both preludes, byte by byte.
            var (toServer, toClient) = ([] as [UInt8], [] as [UInt8])
            var (stepOfServer, stepOfClient) = (server.start(), client.start())
            func advance(_ codec: TLSCodec, _ step: inout PreludeStep, _ input: inout [UInt8], _ output: inout [UInt8])
            {
                while true {
                    switch step {
                    case .send(let bytes, let count):
                        output += bytes
                        step = .read(count)
                    case .read(let count):
                        guard input.count >= count else { return }
                        let bytes = Array(input[..<count])
                        input.removeFirst(count)
                        step = codec.receive(bytes)
                    case .done, .failed: return
                    }
                }
            }
            for _ in 0..<5 {
                advance(client, &stepOfClient, &toClient, &toServer)
                advance(server, &stepOfServer, &toServer, &toClient)
            }
            #expect(stepOfServer == .done && stepOfClient == .done)
            func seal(_ text: [UInt8]) -> [UInt8] {
                var sealed: [UInt8] = []
                text.withUnsafeBytes { text in
                    var rest = text
                    while !rest.isEmpty {
                        var room = [UInt8](repeating: 0, count: 20_000)
                        let (consumed, produced) = room.withUnsafeMutableBytes { server.encode(rest, into: $0) }
                        sealed += room[..<produced]
                        rest = UnsafeRawBufferPointer(rebasing: rest[consumed...])
                    }
                }
                return sealed
            }
            func take(_ size: Int) -> [UInt8] {
                var room = [UInt8](repeating: 0, count: size)
                let count = room.withUnsafeMutableBytes { client.takeKept(into: $0) }
                return Array(room[..<count])
            }
            let text = Pattern.bytes(50_000)
            let sealed = toClient + seal(text)
            var opened: [UInt8] = []
            for start in stride(from: 0, to: sealed.count, by: 97) {
                let piece = Array(sealed[start..<min(start + 97, sealed.count)])
                piece.withUnsafeBytes { client.keep($0) }
                while client.hasKept { opened += take(1000) }
            }
            #expect(opened == text)
            #expect(!client.isOver)
            // Records of a byte: few are opened in one go.
            (0..<200).flatMap { _ in seal([7]) }.withUnsafeBytes { client.keep($0) }
            var portions: [Int] = []
            while client.hasKept { portions.append(take(1000).count) }
            #expect(portions == [64, 64, 64, 8])
            server.close(because: nil)
            server.takeControl().withUnsafeBytes { client.keep($0) }
            #expect(take(1).isEmpty)
            #expect(client.isOver && client.reasonOfEnd == nil)
        }

        @Test("an independent client speaks wss") func websockets() throws {
            try withScene { scene in
                let authority = try Authority()
                defer { withExtendedLifetime(authority) {} }
                let server = try authority.server()
                let rep = try scene.rep {
                    $0.tls = server
                } received: { _, request, reply in
                    reply.send(request)
                }
                let endpoint = try rep.bind(Self.anyEndpoint)
                let child = try ChildProcess(
                    "/usr/bin/python3",
                    [Project.file("Tests/Peers/websocket_peer.py"), "requests", endpoint, authority.authoritiesFile]
                )
                try scene.run(until: { child.exitStatus != nil }, "the end of the peer", within: .seconds(40))
                #expect(child.exitStatus == .exited(0), "\(child.standardError)")
            }
        }
    }
#endif
