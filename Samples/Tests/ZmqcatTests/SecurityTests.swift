import Glibc
import Testing
import ZMQReactor
import ZMQReactorTestSupport

/// Servers and clients of PLAIN and CURVE: zmqcat with zmqcat, and on each side with libzmq and its authenticator.
@Suite(.hangLimit)
struct SecurityTests {
    /// The arguments of zmqcat and the options of libzmq for each side, and what the server lets in.
    struct Sides {
        var (server, client, stranger): ([String], [String], [String])
        var (peerServer, peerClient, peerStranger): ([PeerOption], [PeerOption], [PeerOption])
        var users: [String: String] = [:]
        var keys: [String] = []
    }

    enum Scheme: CaseIterable {
        case plain
        #if Curve
            case curve
        #endif

        func sides() throws -> Sides {
            switch self {
            case .plain:
                func client(_ password: String) -> [String] {
                    ["security=plain-client", "plain-username=alice", "plain-password=\(password)"].map {
                        "--option=\($0)"
                    }
                }
                func peer(_ password: String) -> [PeerOption] {
                    [.bytes("PLAIN_USERNAME", "alice".utf8), .bytes("PLAIN_PASSWORD", password.utf8)]
                }
                return Sides(
                    server: ["--option", "security=plain-server", "--allow", "alice:sesame"],
                    client: client("sesame"),
                    stranger: client("hunter2"),
                    peerServer: [.flag("PLAIN_SERVER")],
                    peerClient: peer("sesame"),
                    peerStranger: peer("hunter2"),
                    users: ["alice": "sesame"]
                )
            #if Curve
                case .curve:
                    let (server, client, stranger) = (try CurveKeyPair(), try CurveKeyPair(), try CurveKeyPair())
                    func arguments(_ keys: CurveKeyPair) -> [String] {
                        [
                            "--option=security=curve-client", "--option=curve-server-key=\(server.publicKey)",
                            "--option=curve-public-key=\(keys.publicKey)",
                            "--option=curve-secret-key=\(keys.secretKey.exportedZ85())",
                        ]
                    }
                    func peer(_ keys: CurveKeyPair) -> [PeerOption] {
                        [
                            .bytes("CURVE_SERVERKEY", server.publicKey.bytes),
                            .bytes("CURVE_PUBLICKEY", keys.publicKey.bytes),
                            .bytes("CURVE_SECRETKEY", keys.secretKey.withUnsafeBytes { Array($0) }),
                        ]
                    }
                    return Sides(
                        server: [
                            "--option=security=curve-server",
                            "--option=curve-secret-key=\(server.secretKey.exportedZ85())",
                            "--allow", client.publicKey.z85,
                        ],
                        client: arguments(client),
                        stranger: arguments(stranger),
                        peerServer: [
                            .flag("CURVE_SERVER"),
                            .bytes("CURVE_SECRETKEY", server.secretKey.withUnsafeBytes { Array($0) }),
                        ],
                        peerClient: peer(client),
                        peerStranger: peer(stranger),
                        keys: [client.publicKey.z85]
                    )
            #endif
            }
        }
    }

    private func cat(_ type: String, _ arguments: [String]) throws -> ChildProcess {
        try ChildProcess(Project.executable("zmqcat"), [type, "--events"] + arguments)
    }

    /// One that is bound to a free port.
    private func bound(_ type: String, _ arguments: [String]) throws -> (ChildProcess, String) {
        let process = try cat(type, ["--bind", "tcp://127.0.0.1:*"] + arguments)
        let text = try process.expectOutput("bound tcp://127.0.0.1:", on: .error)
        try waitUntil("a line") { process.standardError.contains("\n") }
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("bound ") })
        return (process, String(line.dropFirst("bound ".count)))
    }

    private func expectNoSecret(_ process: ChildProcess) {
        #expect(!process.standardError.contains("hunter2") && !process.standardError.contains("sesame"))
    }

    @Test("zmqcat with zmqcat: the right client is served, after another one was refused", arguments: Scheme.allCases)
    func serverBinds(scheme: Scheme) throws {
        let sides = try scheme.sides()
        let (server, endpoint) = try bound("pull", ["--count", "1"] + sides.server)
        let stranger = try cat("push", ["--connect", endpoint] + sides.stranger)
        try stranger.write("stolen\n")
        try server.expectOutput("event handshake-failed", on: .error)
        try stranger.expectOutput("event handshake-failed", on: .error)
        let client = try cat("push", ["--connect", endpoint] + sides.client)
        try client.write("hello\n")
        client.closeInput()
        try client.expectExit()
        try server.expectExit()
        #expect(server.standardOutput == "hello\n")
        for process in [server, stranger, client] { expectNoSecret(process) }
    }

    @Test("zmqcat with zmqcat: the side of the mechanism does not depend on who binds", arguments: Scheme.allCases)
    func clientBinds(scheme: Scheme) throws {
        let sides = try scheme.sides()
        let (stranger, place) = try bound("push", sides.stranger)
        try stranger.write("stolen\n")
        let (client, endpoint) = try bound("push", sides.client)
        let server = try cat("pull", ["--connect", place, "--connect", endpoint, "--count", "1"] + sides.server)
        try stranger.expectOutput("rejected by the peer: 400", on: .error)
        try client.write("hello\n")
        client.closeInput()
        try client.expectExit()
        try server.expectExit()
        #expect(server.standardOutput == "hello\n")
    }

    @Test("libzmq's clients at zmqcat's server", arguments: Scheme.allCases, [false, true])
    func libzmqClients(scheme: Scheme, clientBinds: Bool) throws {
        let sides = try scheme.sides()
        let stranger = try LibzmqPeer(.push, sides.peerStranger)
        let client = try LibzmqPeer(.push, sides.peerClient)
        let server: ChildProcess
        if clientBinds {
            server = try cat(
                "pull",
                ["--connect", stranger.bind(), "--connect", client.bind(), "--count", "1"] + sides.server
            )
        } else {
            let endpoint: String
            (server, endpoint) = try bound("pull", ["--count", "1"] + sides.server)
            try stranger.connect(endpoint)
            try server.expectOutput("event handshake-failed", on: .error)
            try client.connect(endpoint)
        }
        try server.expectOutput("event handshake-failed", on: .error)
        try client.send("hello")
        try server.expectExit()
        #expect(server.standardOutput == "hello\n")
        expectNoSecret(server)
    }

    @Test("zmqcat's clients at libzmq's server and its authenticator", arguments: Scheme.allCases, [false, true])
    func libzmqServer(scheme: Scheme, clientBinds: Bool) throws {
        let sides = try scheme.sides()
        let server = try LibzmqPeer(.pull, sides.peerServer)
        try server.process.authenticate(passwords: sides.users, keys: sides.keys)
        let (stranger, client): (ChildProcess, ChildProcess)
        if clientBinds {
            let (place, endpoint): (String, String)
            (stranger, place) = try bound("push", sides.stranger)
            (client, endpoint) = try bound("push", sides.client)
            try server.connect(place)
            try stranger.expectOutput("event handshake-failed", on: .error)
            try server.connect(endpoint)
        } else {
            let endpoint = try server.bind()
            stranger = try cat("push", ["--connect", endpoint] + sides.stranger)
            try stranger.expectOutput("event handshake-failed", on: .error)
            client = try cat("push", ["--connect", endpoint] + sides.client)
        }
        try stranger.write("stolen\n")
        try client.write("hello\n")
        #expect(try server.receiveText() == ["hello"])
        client.closeInput()
        try client.expectExit()
        for process in [stranger, client] { expectNoSecret(process) }
    }

    @Test("without --allow every client is refused", arguments: Scheme.allCases)
    func noneAllowed(scheme: Scheme) throws {
        let sides = try scheme.sides()
        let server = try bound("pull", Array(sides.server.dropLast(2)))
        let client = try cat("push", ["--connect", server.1] + sides.client)
        try server.0.expectOutput("the server has no authenticator", on: .error)
        try client.expectOutput("event handshake-failed", on: .error)
    }

    @Test("a client without security gets nowhere", arguments: Scheme.allCases)
    func downgrade(scheme: Scheme) throws {
        let server = try bound("pull", scheme.sides().server)
        let client = try cat("push", ["--connect", server.1])
        try server.0.expectOutput("event handshake-failed", on: .error)
        try client.write("hello\n")
        #expect(server.0.standardOutput.isEmpty)
    }

    #if Curve
        @Test("keygen prints a new pair, which is a file of options")
        func keygen() throws {
            var pairs: Set<String> = []
            for _ in 0..<2 {
                let output = try Cat("keygen").output()
                pairs.insert(output)
                let lines = output.split(separator: "\n").map { $0.split(separator: " ") }
                try #require(lines.map { $0[0] } == ["curve-public-key", "curve-secret-key"])
                let pair = try CurveKeyPair(secretKey: CurveSecretKey(z85: lines[1][1]))
                #expect(pair.publicKey.z85 == lines[0][1])
            }
            #expect(pairs.count == 2)
            let wrong = try Cat("keygen", "extra")
            try wrong.output(2)
            #expect(wrong.complaints == ["Unexpected argument 'extra'"])
        }

        @Test("secrets in files: of keygen, and of clients that may connect")
        func files() throws {
            let (keys, more) = (Unique.path(), Unique.path())
            defer { for path in [keys, more] { unlink(path) } }
            try Cat.shell("umask 077; \"$@\" >\(keys)", "keygen").output()
            let serverKey = try readFile(keys).split(separator: "\n")[0].split(separator: " ")[1]
            let client = try CurveKeyPair()
            try Cat.shell("printf '# clients\\n\\nallow=\(hexadecimal(client.publicKey.bytes))\\n' >\(more)")
                .output()
            let files = ["--option-file", keys, "--option-file", more]
            let (server, endpoint) = try bound("pull", ["--option=security=curve-server", "--count", "1"] + files)
            let secret = client.secretKey.exportedZ85()
            let push = try cat(
                "push",
                ["--connect", endpoint, "--option=security=curve-client", "--option=curve-server-key=\(serverKey)"]
                    + ["--option=curve-secret-key=\(secret)"]
            )
            try push.write("hello\n")
            try server.expectExit()
            #expect(server.standardOutput == "hello\n")
            let wrong = try Cat("pull", "--bind", "tcp://127.0.0.1:*", "--option-file", "/no/such")
            try wrong.output(2)
            #expect(wrong.complaints.first?.hasPrefix("--option-file /no/such: cannot be read") == true)
        }
    #endif
}
