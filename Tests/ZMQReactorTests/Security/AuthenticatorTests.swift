import Synchronization
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// The peers that may connect to a server, over PLAIN and CURVE and with NULL.
@Suite(.hangLimit) struct AuthenticatorTests {
    enum Scheme: CaseIterable {
        case null, plain
        #if Curve
            case curve
        #endif

        /// Both sides, with the right credentials.
        func sides(_ authenticator: Authenticator?) throws -> (server: SocketSecurity, client: SocketSecurity) {
            switch self {
            case .null: return (.null(authenticator: authenticator!), .none)
            case .plain:
                let client = try SocketSecurity.plainClient(username: "alice", password: Password("secret"))
                return (.plainServer(authenticator: authenticator), client)
            #if Curve
                case .curve:
                    let keys = try CurveKeyPair()
                    let client = try SocketSecurity.curveClient(serverKey: keys.publicKey)
                    return (try .curveServer(keys, authenticator: authenticator), client)
            #endif
            }
        }
    }

    /// A PULL server, a PUSH client that connects to it, and their events.
    private final class Pair {
        let (pull, push): (PullSocket, PushSocket)
        let scene: Scene
        var serverEvents: [SocketEvent] = []
        var clientEvents: [SocketEvent] = []

        init(_ scene: Scene, _ sides: (server: SocketSecurity, client: SocketSecurity), serverConnects: Bool = false)
            throws
        {
            self.scene = scene
            pull = try scene.pull { $0.security = sides.server }
            push = try scene.push { $0.security = sides.client }
            pull.onEvent = { [weak self] in self?.serverEvents.append($1) }
            push.onEvent = { [weak self] in self?.clientEvents.append($1) }
            let (binder, connector): (Socket, Socket) = serverConnects ? (push, pull) : (pull, push)
            try connector.connect(binder.bind(scene.anyEndpoint))
        }

        var reason: EventReason? { serverEvents.lazy.compactMap(\.reason).first }

        func isServed() throws {
            try scene.run(until: { self.push.peerCount == 1 }, "a peer")
            _ = try push.send("hello")
            let message = try scene.receive(pull)
            #expect(message == "hello")
        }

        /// Runs until the server has refused the client.
        func isRefused(_ kind: EventReason.Kind = .notAuthenticated) throws -> EventReason {
            try scene.run(until: { self.reason != nil }, "a refusal")
            let reason = try #require(self.reason)
            #expect(reason.kind == kind)
            #expect(pull.peerCount == 0 && pull.statistics.messagesReceived == 0)
            return reason
        }
    }

    private func with(
        _ scheme: Scheme,
        _ authenticator: Authenticator?,
        serverConnects: Bool = false,
        _ body: (Pair) throws -> Void
    ) throws {
        try withVirtualScene { scene in
            let pair = try Pair(scene, scheme.sides(authenticator), serverConnects: serverConnects)
            try body(pair)
        }
    }

    @Test("P-1: an accepted peer is served, whichever side connects", arguments: Scheme.allCases, [false, true])
    func accepted(scheme: Scheme, serverConnects: Bool) throws {
        let accept = Authenticator { _ in .accept(userID: "alice", properties: ["X-Team": Array("blue".utf8)]) }
        try with(scheme, accept, serverConnects: serverConnects) { pair in
            try pair.isServed()
            let peer = try #require(pair.pull.connections.first?.peer)
            #expect(peer.userID == "alice" && peer.properties == ["x-team": Array("blue".utf8)])
            #expect("\(peer)".hasPrefix("alice@"))
            let event = try #require(
                pair.serverEvents.first { if case .handshakeSucceeded = $0 { true } else { false } }
            )
            #expect(event.peer?.userID == "alice")
            #expect(pair.push.connections.first?.peer.userID == nil)
        }
    }

    @Test("an asynchronous authenticator is waited for", arguments: Scheme.allCases) func eventual(scheme: Scheme)
        throws
    {
        let gate = Gate()
        try with(scheme, .async { _ in await gate.wait() }) { pair in
            try pair.scene.run(until: { gate.isAwaited }, "the question")
            pair.scene.run(for: .seconds(2))
            #expect(pair.pull.peerCount == 0)
            gate.open(.accept(userID: "bob"))
            try pair.isServed()
            #expect(pair.pull.connections.first?.peer.userID == "bob")
        }
    }

    @Test(
        "CU-8, P-2: a refused peer makes no further attempt, and learns a number",
        arguments: Scheme.allCases,
        [false, true]
    )
    func refused(scheme: Scheme, isAsync: Bool) throws {
        let refuse: Authenticator =
            isAsync ? .async { _ in .refuse("no alice") } : Authenticator { _ in .refuse("no alice") }
        try with(scheme, refuse) { pair in
            #expect(try pair.isRefused().message == "the peer was refused with status 400: no alice")
            try pair.scene.run(until: { pair.clientEvents.contains { $0.reason?.kind == .refusedByPeer } })
            #expect(!pair.clientEvents.contains { "\($0)".contains("alice") })
            pair.scene.run(for: .seconds(20))
            #expect(pair.serverEvents.count { if case .accepted = $0 { true } else { false } } == 1)
        }
    }

    @Test("CU-8: a peer that is refused for now tries again", arguments: Scheme.allCases) func temporarily(
        scheme: Scheme
    ) throws {
        let count = Atomic(0)
        let busy = Authenticator { _ in
            count.add(1, ordering: .relaxed).newValue < 3 ? .refuseTemporarily("busy") : .accept
        }
        try with(scheme, busy) { pair in
            try pair.isServed()
            #expect(count.load(ordering: .relaxed) == 3)
            #expect(pair.reason?.message == "the peer was refused with status 300: busy")
        }
    }

    private struct Secret: Error { let password = "hunter2" }

    @Test(
        "an authenticator that throws refuses, and shows nothing of its error",
        arguments: Scheme.allCases,
        [false, true]
    )
    func thrown(scheme: Scheme, isAsync: Bool) throws {
        let failing: Authenticator = isAsync ? .async { _ in throw Secret() } : Authenticator { _ in throw Secret() }
        try with(scheme, failing) { pair in
            let reason = try pair.isRefused()
            #expect(reason.message == "the peer was refused with status 500: the authenticator threw Secret")
        }
    }

    @Test("a user id or a property that is not legal is a refusal with status 500") func illegal() throws {
        // The bytes of a peer, each of which becomes three of a string.
        let long = String(decoding: [UInt8](repeating: 0xFF, count: 255), as: UTF8.self)
        let verdicts: [(AuthenticationVerdict, String)] = [
            (.accept(userID: long), "the authenticator's user id has 765 bytes, more than 255"),
            (.accept(properties: ["a\n": [1]]), "the authenticator's property \"a\\n\" with 1 bytes is not legal"),
            (.accept(properties: ["": []]), "the authenticator's property \"\" with 0 bytes is not legal"),
        ]
        for (verdict, reason) in verdicts {
            try with(.plain, Authenticator { _ in verdict }) { pair in
                let message = try pair.isRefused().message
                #expect(message == "the peer was refused with status 500: \(reason)")
            }
        }
        #expect(AuthenticationVerdict.accept(userID: String(repeating: "x", count: 255)).isAccepted)
    }

    @Test("the reason of a refusal is one line of a log", arguments: [false, true]) func oneLine(isTemporary: Bool)
        throws
    {
        let reason = "no user eve\n\u{1B}[2Jadmin"
        try with(.plain, Authenticator { _ in isTemporary ? .refuseTemporarily(reason) : .refuse(reason) }) { pair in
            let message = try pair.isRefused().message
            #expect(message.hasSuffix(": no user eve\\n\\u{1B}[2Jadmin"))
        }
    }

    @Test("an authenticator that never answers is a refusal after its limit", arguments: Scheme.allCases)
    func silent(scheme: Scheme) throws {
        let gate = Gate()
        try with(scheme, .async { _ in await gate.wait() }) { pair in
            try pair.scene.run(until: { gate.isAwaited }, "the question")
            pair.scene.run(for: .seconds(9))
            #expect(pair.reason == nil)
            let reason = try pair.isRefused(.limitExceeded(.authenticationTime))
            #expect(reason.message.contains("10.0 seconds"))
            #expect(pair.pull.statistics.limits[.authenticationTime] == 1)
            // The answer comes too late, and does nothing.
            gate.open(.accept)
            pair.pull.close()
            pair.scene.run(for: .milliseconds(50))
            #expect(pair.pull.peerCount == 0)
        }
    }

    @Test("the shortest and the longest limit for an answer", arguments: Scheme.allCases) func limits(scheme: Scheme)
        throws
    {
        for limit in [Duration.nanoseconds(1), .seconds(Int64.max)] {
            let gate = Gate()
            var sides = try scheme.sides(.async { _ in await gate.wait() })
            sides.server.authenticationTimeout = limit
            try withVirtualScene { scene in
                let pair = try Pair(scene, sides)
                guard limit > .seconds(1) else {
                    return _ = try pair.isRefused(.limitExceeded(.authenticationTime))
                }
                try scene.run(until: { gate.isAwaited }, "the question")
                gate.open(.accept)
                try pair.isServed()
            }
            gate.open(.refuse())
        }
    }

    @Test("the question is cancelled when the connection ends", arguments: Scheme.allCases) func cancelled(
        scheme: Scheme
    ) throws {
        let wasCancelled = Atomic(false)
        let isAsked = Atomic(false)
        let waiting = Authenticator.async { _ in
            isAsked.store(true, ordering: .releasing)
            while !Task.isCancelled { await Task.yield() }
            wasCancelled.store(true, ordering: .releasing)
            return .accept
        }
        try with(scheme, waiting) { pair in
            try pair.scene.run(until: { isAsked.load(ordering: .acquiring) }, "the question")
            pair.pull.close()
            try pair.scene.run(until: { wasCancelled.load(ordering: .acquiring) }, "the cancellation")
        }
    }

    @Test(
        "without an authenticator a PLAIN or CURVE server refuses every client",
        arguments: Scheme.allCases.dropFirst()
    )
    func none(scheme: Scheme) throws {
        try with(scheme, nil) { pair in
            let reason = try pair.isRefused()
            #expect(reason.message.hasSuffix("the server has no authenticator"))
        }
    }

    @Test("G-7, D-2: a socket with one mechanism serves no peer over another one") func mismatch() throws {
        for server in Scheme.allCases {
            for client in Scheme.allCases where client != server {
                let sides = (
                    server: try server.sides(.acceptAll).server, client: try client.sides(.acceptAll).client
                )
                try withVirtualScene { scene in
                    let pair = try Pair(scene, sides)
                    #expect(try pair.isRefused(.protocolError).message.contains("mechanism"))
                }
            }
        }
    }

    @Test("an authenticator sees credentials, address, domain and properties") func request() throws {
        let seen = Mutex<[AuthenticationRequest]>([])
        for scheme in Scheme.allCases {
            let watching = Authenticator { request in
                seen.withLock { $0.append(request) }
                return .accept
            }
            var sides = try scheme.sides(watching)
            sides.server.domain = "public"
            try withScene { scene in try Pair(scene, sides).isServed() }
        }
        let requests = seen.withLock { $0 }
        #expect(requests.map(\.domain) == requests.map { _ in "public" })
        #expect(requests.map(\.address) == requests.map { _ in "127.0.0.1" })
        #expect(requests.map(\.credentials.mechanism) == Array(["NULL", "PLAIN", "CURVE"].prefix(requests.count)))
        #expect(requests[0].properties["socket-type"] == Array("PUSH".utf8))
        #expect(requests[1].credentials == .plain(username: "alice", Password("secret")))
    }

    @Test("two authenticators, both of which must accept") func both() async throws {
        let request = AuthenticationRequest(.null)
        let (yes, no) = (Authenticator { _ in .accept(userID: "a") }, Authenticator { _ in .refuse("no") })
        let later = Authenticator.async { _ in .accept(userID: "b") }
        #expect(try await yes.and(later)(request).userID == "b")
        #expect(try await later.and(yes)(request).userID == "a")
        #expect(try await no.and(later)(request) == .refuse("no"))
        #expect(try await yes.and(no)(request) == .refuse("no"))
    }

    @Test("with connections on I/O threads, on tcp and ipc", arguments: Scheme.allCases, Road.wire)
    func ioThreads(scheme: Scheme, road: Road) throws {
        let later = Authenticator.async { _ in .accept(userID: "carol") }
        try withScene(in: Context(ioThreads: 1)) { scene in
            let sides = try scheme.sides(later)
            let pull = try scene.pull { $0.security = sides.server }
            let push = try scene.push { $0.security = sides.client }
            try push.connect(pull.bind(road.endpoint))
            #expect(try push.send("hello") == .accepted)
            #expect(try scene.receive(pull) == "hello")
            #expect(pull.connections.first?.peer.userID == "carol")
        }
    }

    @Test("options of security are checked, and show no secret") func options() throws {
        #expect(throws: ZMQError.self) {
            try SocketSecurity.plainClient(username: String(repeating: "x", count: 256), password: Password(""))
        }
        let security = try SocketSecurity.plainClient(username: "u", password: Password("hunter2"))
        var options = SocketOptions()
        options.security = security
        options.socksPassword = Password("hunter2")
        var text = ""
        dump(options, to: &text)
        #expect(!text.contains("hunter2") && "\(security)" == "PLAIN" && !security.isServer)
        try withVirtualScene { scene in
            let pull = try scene.pull()
            for domain in ["\n", String(repeating: "x", count: 256)] {
                let error = #expect(throws: ZMQError.self) {
                    try pull.configure {
                        $0.security = security
                        $0.security.domain = domain
                    }
                }
                #expect(error?.option == "security.domain")
            }
        }
    }

    @Test("a STREAM socket refuses security: its peers do not speak ZMTP, so nothing would be secured")
    func stream() throws {
        for scheme in Scheme.allCases {
            try withVirtualScene { scene in
                var options = SocketOptions()
                options.security = try scheme.sides(.acceptAll).server
                let error = #expect(throws: ZMQError.self) {
                    _ = try StreamSocket(on: scene.reactor, in: scene.context, options: options)
                }
                #expect(error?.code == .invalidArgument && error?.option == "security")
            }
        }
    }
}

/// Holds an asynchronous authenticator back.
final class Gate: Sendable {
    private struct State {
        var verdict: AuthenticationVerdict?
        var waiting: [CheckedContinuation<AuthenticationVerdict, Never>] = []
    }

    private let state = Mutex(State())

    var isAwaited: Bool { state.withLock { !$0.waiting.isEmpty } }

    func wait() async -> AuthenticationVerdict {
        await withCheckedContinuation { continuation in
            let verdict = state.withLock { state in
                if state.verdict == nil { state.waiting.append(continuation) }
                return state.verdict
            }
            if let verdict { continuation.resume(returning: verdict) }
        }
    }

    func open(_ verdict: AuthenticationVerdict) {
        let waiting = state.withLock { state in
            state.verdict = verdict
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: verdict) }
    }
}
