import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// What an authenticator knows of a peer, at its messages and as the owner of its routing id.
@Suite(.hangLimit) struct UserTests {
    /// Accepts every client, with the name that it presents.
    private static let byName = Authenticator { request in
        guard case .plain(let name, _) = request.credentials else { return .refuse() }
        return .accept(userID: name)
    }

    private func client(_ name: String) throws -> Scene.Change {
        let security = try SocketSecurity.plainClient(username: name, password: Password(""))
        return { $0.security = security }
    }

    @Test("messages carry the user id of their sender, received or delivered", arguments: [false, true])
    func senders(hasHandler: Bool) throws {
        try withVirtualScene { scene in
            var found: [String: String] = [:]
            var options = SocketOptions()
            options.security = .plainServer(authenticator: Self.byName)
            let pull =
                try hasHandler
                ? PullSocket(on: scene.reactor, in: scene.context, options: options) {
                    found[$1.string] = $0.sender?.userID
                } : PullSocket(on: scene.reactor, in: scene.context, options: options)
            _ = scene.track(pull)
            let endpoint = try pull.bind(scene.anyEndpoint)
            #expect(pull.sender == nil)
            for name in ["alice", "bob", "carol"] {
                let push = try scene.push(client(name))
                try push.connect(endpoint)
                for number in 0..<3 { _ = try push.send("\(name)\(number)") }
            }
            if hasHandler {
                try scene.run(until: { found.count == 9 }, "the messages")
            } else {
                for _ in 0..<9 {
                    let message = try scene.receive(pull)
                    found[message.string] = pull.sender?.userID
                }
            }
            #expect(found.allSatisfy { $0.key.dropLast() == $0.value } && found.count == 9)
        }
    }

    @Test("the sender of a peer that is gone is none, also when another one has its place") func gone() throws {
        try withVirtualScene { scene in
            let pull = try scene.pull { $0.security = .plainServer(authenticator: Self.byName) }
            let endpoint = try pull.bind(scene.anyEndpoint)
            let first = try scene.push(client("alice"))
            try first.connect(endpoint)
            _ = try first.send("x")
            _ = try scene.receive(pull)
            #expect(pull.sender?.userID == "alice")
            try scene.close(first)
            try scene.run(until: { pull.peerCount == 0 })
            #expect(pull.sender == nil)
            let second = try scene.push(client("bob"))
            try second.connect(endpoint)
            try scene.run(until: { pull.peerCount == 1 })
            #expect(pull.sender == nil)
        }
    }

    @Test("a user id with control characters is one line of a log") func oneLine() throws {
        let name = "eve\n\u{1B}[2Jadmin\u{2028}\u{85}"
        try withVirtualScene { scene in
            let router = try scene.router { $0.security = .plainServer(authenticator: Self.byName) }
            router.bindsRoutingIDsToUsers = true
            var events: [String] = []
            router.onEvent = { events.append("\($1)") }
            let endpoint = try router.bind(scene.anyEndpoint)
            let dealer = try scene.dealer(client(name))
            try dealer.connect(endpoint)
            try scene.run(until: { router.peerCount == 1 }, "the peer")
            let peer = try #require(router.connections.first?.peer)
            #expect(peer.userID == name)
            #expect(peer.description.hasPrefix("eve\\n\\u{1B}[2Jadmin\\u{2028}\\u{0085}@"))
            let thief = try scene.dealer(client(name))
            try thief.setRoutingID("other")
            try thief.connect(endpoint)
            try scene.run(until: { events.contains { $0.contains("does not belong") } }, "a refusal")
            #expect(events.allSatisfy { $0.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value < 0x7F } })
        }
    }

    @Test("a ROUTER that binds routing ids to users lets no user take another's", arguments: [false, true])
    func routingIDs(allowsHandover: Bool) throws {
        try withVirtualScene { scene in
            let router = try scene.router { $0.security = .plainServer(authenticator: Self.byName) }
            (router.bindsRoutingIDsToUsers, router.allowsHandover) = (true, allowsHandover)
            let endpoint = try router.bind(scene.anyEndpoint)
            func connect(_ name: String, _ id: String) throws -> (reason: EventReason?, userID: String?) {
                let dealer = try scene.dealer(client(name))
                try dealer.setRoutingID(id)
                var reason: EventReason?
                router.onEvent = { if let found = $1.reason { reason = found } }
                try dealer.connect(endpoint)
                try scene.run(until: { reason != nil || dealer.peerCount == 1 })
                let (refusal, userID) = (reason, router.peer(Frame(id))?.userID)
                try scene.close(dealer)
                try scene.run(until: { router.peerCount == 0 })
                return (refusal, userID)
            }
            #expect(try connect("alice", "alice").userID == "alice")
            #expect(try connect("alice", "alice/phone").userID == "alice")
            #expect(try connect("alice", "").reason == nil)
            for (name, id) in [
                ("bob", "alice"), ("bob", "alice/phone"), ("ali", "alice"), ("", "x"), ("alice", "alice2"),
            ] {
                let reason = try connect(name, id).reason
                #expect(reason?.kind == .rejected)
                #expect(reason?.message == "the routing id \(Frame(id)) does not belong to the user '\(name)'")
            }
        }
    }

    @Test("nor while its owner is connected, and routing ids are handed over between connections of one user")
    func thief() throws {
        try withVirtualScene { scene in
            let router = try scene.router { $0.security = .plainServer(authenticator: Self.byName) }
            (router.bindsRoutingIDsToUsers, router.allowsHandover) = (true, true)
            let endpoint = try router.bind(scene.anyEndpoint)
            func dealer(of name: String) throws -> DealerSocket {
                let secured = try client(name)
                let dealer = try scene.dealer {
                    secured(&$0)
                    $0.linger = .none
                }
                try dealer.setRoutingID("alice")
                try dealer.connect(endpoint)
                return dealer
            }
            var reasons: [EventReason] = []
            router.onEvent = { if let reason = $1.reason { reasons.append(reason) } }
            let owner = try dealer(of: "alice")
            try scene.run(until: { router.peerCount == 1 && owner.peerCount == 1 }, "the owner")
            let thief = try dealer(of: "bob")
            #expect(try thief.send("as alice") == .accepted)
            try scene.run(until: { !reasons.isEmpty }, "a refusal")
            for number in 0..<3 {
                #expect(try router.send(Message("\(number)"), to: "alice") == .accepted)
                #expect(try scene.receive(owner).string == "\(number)")
                #expect(try owner.send(Message("\(number)")) == .accepted)
                #expect(try scene.receive(router).strings == ["alice", "\(number)"])
                #expect(router.sender?.userID == "alice")
            }
            for socket in [thief, router] as [any ReceivingSocket] { #expect(try scene.receiveAll(socket).isEmpty) }
            #expect(owner.statistics.reconnects == 0 && router.peer("alice")?.userID == "alice")
            let id: Frame = "alice"
            let refusal = "the routing id \(id) does not belong to the user 'bob'"
            #expect(reasons.allSatisfy { $0.kind == .rejected && $0.message == refusal }, "\(reasons)")
            try scene.close(thief)
            // Another connection of the same user may have it.
            let heir = try dealer(of: "alice")
            try scene.run(until: { owner.peerCount == 0 }, "the handover")
            try scene.close(owner)
            try scene.run(until: { router.peerCount == 1 && heir.peerCount == 1 }, "the heir")
            #expect(try router.send("for the heir", to: "alice") == .accepted)
            #expect(try scene.receive(heir) == "for the heir")
        }
    }
}
