#if TLS
    import Glibc
    import Testing
    import ZMQReactorTestSupport
    import ZMTP

    @testable import ZMQReactor

    @Suite(.hangLimit, .serialized) struct TLSTests {
        private static let anyEndpoint = "wss://127.0.0.1:*/path"

        @Test("messages of every size travel both ways", arguments: ["127.0.0.1", "localhost"])
        func messages(host: String) throws {
            try withScene { scene in
                let authority = try CertificateAuthority()
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
                let (authority, other) = try (CertificateAuthority(), CertificateAuthority())
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
                let authority = try CertificateAuthority()
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
                let authority = try CertificateAuthority()
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
                let authority = try CertificateAuthority()
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
                let authority = try CertificateAuthority()
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
                let authority = try CertificateAuthority()
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

        @Test("an independent client speaks wss") func websockets() throws {
            try withScene { scene in
                let authority = try CertificateAuthority()
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
