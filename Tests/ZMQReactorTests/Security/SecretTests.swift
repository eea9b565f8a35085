import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

/// Secrets are in no description, dump, event or error, whatever holds them.
@Suite(.hangLimit) struct SecretTests {
    typealias Scheme = AuthenticatorTests.Scheme

    private static let password = "hunter2 hunter2 hunter2 hunter2"

    /// The credentials of a client, those of another one, and the bytes that may be nowhere.
    private struct Parties {
        var server: SocketSecurity
        var client: SocketSecurity
        var stranger: SocketSecurity
        var holders: [Any]
        var secrets: [[UInt8]]

        init(_ scheme: Scheme) throws {
            switch scheme {
            case .null:
                let security = SocketSecurity.null(authenticator: .acceptAll)
                (server, client, stranger, holders, secrets) = (security, .none, .none, [], [])
            case .plain:
                let password = Password(SecretTests.password)
                let authenticator = Authenticator { [password] request in
                    guard case .plain(let name, let shown) = request.credentials else { return .refuse() }
                    return shown == password ? .accept(userID: name) : .refuse()
                }
                server = .plainServer(authenticator: authenticator)
                client = try .plainClient(username: "alice", password: password)
                stranger = try .plainClient(username: "eve", password: Password("sesame sesame sesame"))
                holders = [
                    password, authenticator, Credentials.plain(username: "alice", password),
                    AuthenticationRequest(.plain(username: "alice", password)),
                    PlainCredentials(username: [], password: password),
                ]
                secrets = [SecretTests.password, "sesame sesame sesame"].map { Array($0.utf8) }
            #if Curve
                case .curve:
                    let (own, alice, eve) = (try CurveKeyPair(), try CurveKeyPair(), try CurveKeyPair())
                    server = try .curveServer(own, authenticator: .keys([alice.publicKey]))
                    client = try .curveClient(alice, serverKey: own.publicKey)
                    stranger = try .curveClient(eve, serverKey: own.publicKey)
                    holders = [own, alice.secretKey, Credentials.curve(alice.publicKey)]
                    secrets = [own, alice, eve].flatMap { pair in
                        [pair.secretKey.withUnsafeBytes { Array($0) }, Array(pair.secretKey.exportedZ85().utf8)]
                    }
            #endif
            }
        }
    }

    /// What dump(_:), print(_:) and debugPrint(_:) say.
    private func said(of value: Any) -> String {
        var text = "\(value)\n" + String(reflecting: value) + "\n"
        dump(value, to: &text)
        return text
    }

    /// Whether the bytes stand in the text: as they are, as hexadecimal digits, or as the elements of an array.
    private func shows(_ text: String, _ secret: [UInt8]) -> Bool {
        let digits = hexadecimal(secret)
        let lines = text.split(separator: "\n").map { $0.drop { $0 == " " } }.filter { $0.hasPrefix("- ") }
        let elements = lines.map { $0.dropFirst(2) }.joined(separator: ",")
        let list = secret.map { "\($0)" }
        return text.contains(String(decoding: secret, as: UTF8.self)) || text.lowercased().contains(digits)
            || text.contains(list.joined(separator: ", ")) || elements.contains(list.joined(separator: ","))
    }

    @Test("the check finds secrets of every form") func check() {
        let secret = Array("abc".utf8)
        for text in ["x abc", "00616263", "[97, 98, 99]", said(of: [1, 97, 98, 99] as [UInt8])] {
            #expect(shows(text, secret))
        }
        #expect(!shows(said(of: [97, 98, 98] as [UInt8]), secret))
    }

    @Test("sockets, options, authenticators, credentials, events and errors", arguments: Scheme.allCases)
    func everything(scheme: Scheme) throws {
        let parties = try Parties(scheme)
        try withVirtualScene { scene in
            var events: [SocketEvent] = []
            let pull = try scene.pull { $0.security = parties.server }
            pull.onEvent = { events.append($1) }
            let endpoint = try pull.bind(scene.anyEndpoint)
            let push = try scene.push { $0.security = parties.client }
            let stranger = try scene.push { $0.security = parties.stranger }
            for socket in [push, stranger] {
                socket.onEvent = { events.append($1) }
                try socket.connect(endpoint)
                // In the middle of the handshake, and at its end.
                scene.reactor.run(.nowait)
                check([socket.options, socket.options.security, socket.connections], parties.secrets)
                scene.settle()
            }
            try scene.run(until: { pull.peerCount == (scheme == .null ? 2 : 1) }, "the peers")
            #expect(try push.send("hello") == .accepted)
            #expect(try scene.receive(pull) == "hello")
            let errors = [#expect(throws: ZMQError.self) { try pull.configure { $0.security.domain = "\n" } } as Any]
            check([pull.options, pull.connections, pull.sender as Any, events] + errors, parties.secrets)
            check(parties.holders, parties.secrets)
            #expect(events.contains { $0.reason?.kind == .notAuthenticated } == (scheme != .null))
        }
    }

    private func check(_ values: [Any], _ secrets: [[UInt8]]) {
        for value in values {
            let text = said(of: value)
            for secret in secrets { #expect(!shows(text, secret), "\(text)") }
        }
    }
}
