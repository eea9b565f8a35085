import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Servers that ask a handler of ZAP, and the handler that comes with the framework.
@Suite(.hangLimit) struct ZAPTests {
    private func plain(_ scene: Scene, _ zap: ZAPClient) throws -> (pull: PullSocket, push: PushSocket) {
        var security = SocketSecurity.plainServer(authenticator: zap.authenticator)
        security.domain = "global"
        let pull = try scene.pull { $0.security = security }
        let credentials = try SocketSecurity.plainClient(username: "admin", password: Password("secret"))
        let push = try scene.push { $0.security = credentials }
        try push.connect(pull.bind(scene.anyEndpoint))
        _ = try push.send("hello")
        return (pull, push)
    }

    @Test("RFC 27: a handler of one's own, on a REP socket, is asked and answers") func own() throws {
        try withVirtualScene { scene in
            let rep = try scene.rep()
            try rep.bind(ZAPClient.endpoint)
            let zap = try ZAPClient(on: scene.reactor, in: scene.context)
            let (pull, _) = try plain(scene, zap)
            let question = try scene.receive(rep)
            #expect(
                question.strings.enumerated().filter { $0.offset != 1 }.map(\.element)
                    == ["1.0", "global", "memory #1", "", "PLAIN", "admin", "secret"]
            )
            let metadata: [UInt8] = [4] + Array("Team".utf8) + [0, 0, 0, 4] + Array("blue".utf8)
            _ = try rep.send(Message(frames: ["1.0", question[1], "200", "OK", "alice", Frame(metadata)]))
            #expect(try scene.receive(pull) == "hello")
            #expect(pull.sender?.userID == "alice" && pull.sender?.properties == ["team": Array("blue".utf8)])
            zap.close()
        }
    }

    @Test("Z-1: the statuses of a handler of one's own", arguments: ["300", "400", "500"]) func statuses(status: String)
        throws
    {
        try withVirtualScene { scene in
            let rep = try scene.rep()
            try rep.bind(ZAPClient.endpoint)
            let zap = try ZAPClient(on: scene.reactor, in: scene.context)
            let (pull, push) = try plain(scene, zap)
            var reasons: [EventReason] = []
            var isOver = false
            pull.onEvent = { if let reason = $1.reason { reasons.append(reason) } }
            push.onEvent = { if $1.reason?.kind == .refusedByPeer { isOver = true } }
            let question = try scene.receive(rep)
            _ = try rep.send(Message(frames: ["1.0", question[1], Frame(status), "no reason", "", ""]))
            try scene.run(until: { !reasons.isEmpty }, "a refusal")
            #expect(reasons[0].message == "the peer was refused with status \(status): no reason")
            scene.run(for: .milliseconds(50))
            #expect(isOver == (status != "300"))
            zap.close()
        }
    }

    @Test("Z-5: replies that are malformed, to another question, or to an answered one, are ignored") func malformed()
        throws
    {
        try withVirtualScene { scene in
            let rep = try scene.router()
            try rep.bind(ZAPClient.endpoint)
            let zap = try ZAPClient(on: scene.reactor, in: scene.context)
            let (pull, _) = try plain(scene, zap)
            let question = try scene.receive(rep)
            let (peer, id) = (question[0], question[3])
            let wrong: [[Frame]] = [
                ["1.0", id, "200"], ["2.0", id, "200", "", "", ""], ["1.0", "other", "200", "", "", ""],
                ["1.0", id, "201", "", "", ""], ["1.0", id, "400", "", "user", ""], [],
            ]
            for frames in wrong { _ = try rep.send(Message(frames: [peer, ""] + frames)) }
            scene.run(for: .milliseconds(10))
            #expect(pull.peerCount == 0)
            _ = try rep.send(Message(frames: [peer, "", "1.0", id, "200", "", "alice", ""]))
            #expect(try scene.receive(pull) == "hello")
            for status in ["400", "200"] as [Frame] {
                _ = try rep.send(Message(frames: [peer, "", "1.0", id, status, "", status == "200" ? "eve" : "", ""]))
            }
            scene.run(for: .milliseconds(10))
            #expect(pull.peerCount == 1 && pull.connections.first?.peer.userID == "alice")
            zap.close()
        }
    }

    @Test("the question of a cancelled task is not asked, and its answer not awaited", arguments: [false, true])
    func cancelled(early: Bool) throws {
        try withVirtualScene { scene in
            let rep = try scene.rep()
            try rep.bind(ZAPClient.endpoint)
            let zap = try ZAPClient(on: scene.reactor, in: scene.context)
            let authenticator = zap.authenticator
            var error: (any Error)?
            let task = scene.reactor.task { _ in
                if early { withUnsafeCurrentTask { $0?.cancel() } }
                do { _ = try await authenticator(AuthenticationRequest(.null)) } catch let found { error = found }
            }
            if !early {
                _ = try scene.receive(rep)
                task.cancel()
            }
            try scene.run(until: { error != nil }, "the cancellation")
            #expect(error is CancellationError)
            if early { #expect(try rep.tryReceive() == nil) }
            zap.close()
        }
    }

    @Test("both roles together, with connections on I/O threads and without", arguments: [0, 1])
    func both(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let authenticator = Authenticator { request in
                guard case .plain("admin", let password) = request.credentials, password == Password("secret"),
                    request.domain == "global", request.address == "127.0.0.1"
                else { return .refuse() }
                return .accept(userID: "root")
            }
            let handler = try ZAPHandler(on: scene.reactor, in: scene.context, authenticator: authenticator)
            let zap = try ZAPClient(on: scene.reactor, in: scene.context)
            let (pull, _) = try plain(scene, zap)
            #expect(try scene.receive(pull) == "hello")
            #expect(pull.sender?.userID == "root")
            zap.close()
            handler.close()
        }
    }

    @Test("MD-5: of properties whose names differ in case, the reply has the first") func sameName() throws {
        try withVirtualScene { scene in
            let accept = Authenticator { _ in .accept(properties: ["email": [2], "Email": [1], "Team": [3]]) }
            let handler = try ZAPHandler(on: scene.reactor, in: scene.context, authenticator: accept)
            let zap = try ZAPClient(on: scene.reactor, in: scene.context)
            let (pull, _) = try plain(scene, zap)
            #expect(try scene.receive(pull) == "hello")
            #expect(pull.sender?.properties == ["email": [1], "team": [3]])
            #expect(pull.statistics.limits[.authenticationTime] == 0)
            zap.close()
            handler.close()
        }
    }

    @Test("without a handler, or with a closed client, every client is refused for now", arguments: [false, true])
    func none(closes: Bool) throws {
        try withVirtualScene { scene in
            let zap = try ZAPClient(on: scene.reactor, in: scene.context)
            let (pull, _) = try plain(scene, zap)
            if closes { zap.close() }
            try scene.run(
                until: { closes || pull.statistics.limits[.authenticationTime] > 0 },
                "the limit",
                within: .seconds(30)
            )
            scene.run(for: .seconds(1))
            #expect(pull.peerCount == 0)
            zap.close()
        }
    }

    @Test("Z-3, Z-5, Z-6: the handler answers whatever envelope, and malformed questions") func questions() throws {
        try withVirtualScene { scene in
            let accept = Authenticator { _ in .accept(userID: "u") }
            let handler = try ZAPHandler(on: scene.reactor, in: scene.context, authenticator: accept)
            let dealer = try scene.dealer()
            try dealer.connect(ZAPClient.endpoint)
            func ask(_ frames: Frame...) throws -> [String] {
                #expect(try dealer.send(Message(frames: frames)) == .accepted)
                return try scene.receive(dealer).strings
            }
            #expect(
                try ask("hop", "", "1.0", "7", "d", "a", "", "NULL") == ["hop", "", "1.0", "7", "200", "OK", "u", ""]
            )
            #expect(try ask("", "1.0", "7", "d", "a", "", "GSSAPI", "x")[2...3] == ["7", "400"])
            #expect(try ask("", "1.0", "7", "d", "a", "", "PLAIN", "x")[2...3] == ["7", "500"])
            #expect(try ask("", "2.0", "7", "d", "a", "", "NULL")[2...3] == ["7", "500"])
            handler.close()
        }
    }
}
