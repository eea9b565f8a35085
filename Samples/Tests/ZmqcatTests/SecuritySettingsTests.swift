import Testing
import ZMQReactor
import ZMQReactorTestSupport

@testable import zmqcat

/// The options about security: what they need, what does not fit together, and that no message shows a secret.
@Suite(.hangLimit)
struct SecuritySettingsTests {
    private static let secret = "hunter2"
    private static let zeros = String(repeating: "0", count: 64)
    private static let ones = String(repeating: "1", count: 64)

    private func complaint(_ options: [String]) -> String? {
        do {
            _ = try SocketSettings(options, linger: .zero)
            return nil
        } catch { return error.description }
    }

    @Test(
        "what does not fit is refused by name",
        arguments: [
            (["security=none"], "security=none: expected one of null, plain-server,"),
            (["plain-username=a"], "plain-username: only with security=plain-client"),
            (["security=null", "plain-password=hunter2"], "plain-password: only with security=plain-client"),
            (["security=plain-server", "plain-username=a"], "plain-username"),
            (["security=plain-client", "plain-username=a"], "plain-password: missing"),
            (["security=plain-client", "plain-password=hunter2"], "plain-username: missing"),
            (["security=plain-client", "plain-username=a", "plain-password=b", "zap-domain=x"], "zap-domain"),
            (["security=plain-client", "plain-username=a", "plain-password=b", "allow=a:hunter2"], "--allow"),
            (["zap-domain=x"], "zap-domain: only with security=plain-server or security=curve-server"),
            (["allow=a:hunter2"], "--allow: only with"),
            (["security=plain-server", "allow=hunter2"], "--allow: expected USER:PASSWORD"),
            (["security=plain-server", "curve-secret-key=\(zeros)"], "curve-secret-key: only with"),
            (["plain-password:hunter2"], "option plain-password: expected NAME=VALUE"),
            (["ab[hunter2=x"], "option ab: unknown option"),
            (["curve-secret-key=hunter2"], "curve-secret-key: expected a key"),
            (["curve-public-key=hunter2"], "curve-public-key: expected a key"),
            (["curve-server-key=hunter2"], "curve-server-key: expected a key"),
            (["curve-server-key=\(zeros.dropLast())g"], "curve-server-key: expected a key"),
        ]
    )
    func misfits(options: [String], culprit: String) throws {
        let message = try #require(complaint(options))
        #expect(message.contains(culprit))
        #expect(!message.contains(Self.secret))
    }

    #if Curve
        @Test(
            "what does not fit CURVE",
            arguments: [
                (["security=curve-server"], "curve-secret-key: missing"),
                (["security=curve-client"], "curve-server-key: missing"),
                (
                    ["security=curve-server", "curve-secret-key=\(ones)", "curve-server-key=\(ones)"],
                    "curve-server-key: only"
                ),
                (["security=curve-server", "curve-secret-key=\(ones)", "curve-public-key=\(ones)"], "does not belong"),
                (["security=curve-server", "curve-secret-key=\(ones)", "allow=a:hunter2"], "--allow: expected a key"),
                (["security=curve-client", "curve-public-key=\(ones)"], "only together with curve-secret-key"),
                (["security=curve-client", "curve-server-key=\(zeros)"], "curve-server-key: the key is a point"),
            ]
        )
        func curveMisfits(options: [String], culprit: String) throws {
            let message = try #require(complaint(options))
            #expect(message.contains(culprit))
            #expect(!message.contains(Self.secret) && !message.contains(Self.ones))
        }

        @Test("keys are Z85 or hexadecimal")
        func keys() throws {
            let keys = try CurveKeyPair()
            #expect(try KeyText.publicKey(keys.publicKey.z85) == keys.publicKey)
            #expect(try KeyText.publicKey(hexadecimal(keys.publicKey.bytes)) == keys.publicKey)
            #expect(try KeyText.secretKey(keys.secretKey.exportedZ85()) == keys.secretKey)
            let digits = keys.secretKey.withUnsafeBytes { hexadecimal($0) }
            #expect(try KeyText.secretKey(digits.uppercased()) == keys.secretKey)
        }
    #else
        @Test("a build without CURVE says so", arguments: ["curve-server", "curve-client"])
        func unavailable(kind: String) throws {
            let message = try #require(complaint(["security=\(kind)"]))
            #expect(message.hasPrefix("option security=\(kind): this build has no CURVE"))
            let cat = try Cat("keygen")
            try cat.output(1)
            #expect(cat.complaints.first?.hasPrefix("keygen: this build has no CURVE") == true)
        }
    #endif

    @Test("each kind, with the options that it has")
    func kinds() throws {
        func security(_ options: String...) throws -> SocketSecurity {
            try SocketSettings(options, linger: .zero).options.security
        }
        #expect(try security("security=null") == .none)
        let server = try security("security=plain-server", "zap-domain=public", "allow=a:b")
        #expect(server.mechanismName == "PLAIN" && server.isServer && server.domain == "public")
        let client = try security("security=plain-client", "plain-username=a", "plain-password=")
        #expect(client.mechanismName == "PLAIN" && !client.isServer)
    }

    @Test("a server lets in those of --allow, and knows them by name")
    func allowed() async throws {
        let users = try AllowedUsers(["alice:a:b", "alice:second", "bob:"]).authenticator
        func name(_ user: String, _ password: String) async throws -> String? {
            try await users(AuthenticationRequest(.plain(username: user, Password(password)))).userID
        }
        #expect(try await name("alice", "a:b") == "alice")
        #expect(try await name("alice", "second") == "alice")
        #expect(try await name("bob", "") == "bob")
        for (user, password) in [("alice", "a"), ("alice", ""), ("bob", "second"), ("carol", ""), ("", "")] {
            #expect(try await name(user, password) == nil)
        }
        #expect(try await users(AuthenticationRequest(.null)).userID == nil)
        // A name is its bytes: another spelling of the same text is another user.
        let accented = try AllowedUsers(["Ren\u{E9}:a"]).authenticator
        for (user, isAllowed) in [("Ren\u{E9}", true), ("Rene\u{301}", false)] {
            let request = AuthenticationRequest(.plain(username: user, Password("a")))
            #expect(try await accented(request).isAccepted == isAllowed)
        }

        let key = try CurvePublicKey(repeatElement(7, count: 32))
        let keys = try AllowedKeys([key.z85]).authenticator
        #expect(try await keys(AuthenticationRequest(.curve(key))).userID == key.z85)
        #expect(
            try await keys(AuthenticationRequest(.curve(CurvePublicKey(repeatElement(8, count: 32))))).userID == nil
        )
    }

    @Test(
        "a secret in the wrong place is not shown",
        arguments: [
            ["--option", "plain-password", "hunter2"], ["--allow", "a:b", "c:hunter2"], ["--plain-password=hunter2"],
            ["--plain-password", "hunter2"], ["--option", "plain-pasword=hunter2"],
            [
                "--option", "security=plain-client", "--option", "plain-username=a", "--option",
                "plain-password:hunter2",
            ],
        ]
    )
    func misplaced(arguments: [String]) throws {
        let process = try ChildProcess(
            Project.executable("zmqcat"),
            ["push", "--connect", "tcp://127.0.0.1:9"] + arguments
        )
        try process.expectExit(.exited(2))
        #expect(process.standardError.hasPrefix("error: ") && !process.standardError.contains(Self.secret))
    }

    @Test(
        "nor is a user with a password that no --allow precedes; other words in the wrong place are named",
        arguments: [
            (["pull", "--bind", "tcp://127.0.0.1:*", "alice:hunter2"], "--allow"),
            (["pull", "alice:hunter2", "extra", "--bind", "tcp://127.0.0.1:*"], "--allow"),
            (["pull", "--bind", "tcp://127.0.0.1:*", "alice:tcp://hunter2"], "--allow"),
            (["alice:hunter2", "--bind", "tcp://127.0.0.1:*"], "'<type>'"),
            (["keygen", "alice:hunter2"], "unexpected argument"),
            (["pull", "extra", "--bind", "tcp://127.0.0.1:*"], "extra"),
            (["pull", "tcp://127.0.0.1:9", "--bind", "tcp://127.0.0.1:*"], "'tcp://127.0.0.1:9'"),
        ]
    )
    func withoutAllow(arguments: [String], hint: String) throws {
        let process = try ChildProcess(Project.executable("zmqcat"), arguments)
        try process.expectExit(.exited(2))
        let text = process.standardError
        #expect(text.hasPrefix("error: ") && text.contains(hint) && !text.contains(Self.secret), "\(text)")
    }

    @Test("--allow holds for any domain, and a domain that ZAP cannot carry is refused by name")
    func domain() async throws {
        for domain in ["", "public"] {
            let options = ["security=plain-server", "zap-domain=\(domain)", "allow=a:b"]
            let security = try SocketSettings(options, linger: .zero).options.security
            #expect(security.domain == domain)
        }
        let users = try AllowedUsers(["a:b"]).authenticator
        let request = AuthenticationRequest(.plain(username: "a", Password("b")), domain: "public")
        #expect(try await users(request).userID == "a")
        for domain in ["a\tb", String(repeating: "x", count: 256)] {
            let process = try ChildProcess(
                Project.executable("zmqcat"),
                ["pull", "--bind", "tcp://127.0.0.1:*", "--option", "security=plain-server"]
                    + ["--option", "zap-domain=\(domain)"],
                environment: abruptEnd
            )
            try process.expectExit(.exited(2))
            #expect(process.standardError.hasPrefix("error: option zap-domain: security.domain must be at most 255 "))
        }
    }

    @Test("a STREAM socket has no security")
    func stream() throws {
        let process = try ChildProcess(
            Project.executable("zmqcat"),
            ["stream", "--bind", "tcp://127.0.0.1:*", "--option", "security=plain-server"],
            environment: abruptEnd
        )
        try process.expectExit(.exited(2))
        #expect(
            process.standardError == "error: option security: security must be none for a STREAM socket, not PLAIN\n"
        )
    }
}
