import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Connecting again to the same endpoint, and to the socket itself.
struct ConnectTwiceTests {
    private static let onceTypes = MatrixType.all.filter { $0.type.traits.contains(.connectsOnce) }
    private static let oftenTypes = MatrixType.all.filter {
        $0.type.traits.isDisjoint(with: [.connectsOnce, .onePeer])
    }

    @Test("the types that connect once") func once() {
        let expected: [SocketType] = [.sub, .xsub, .pub, .xpub, .dealer, .req, .client, .radio, .dish]
        #expect(Set(Self.onceTypes.map(\.type)) == Set(expected))
    }

    /// A socket of the type, and a compatible one that has as many peers as connect.
    private func sockets(_ type: MatrixType, _ scene: Scene) throws -> (Socket, Socket) {
        (try type.socket(scene), try type.partner.socket(scene))
    }

    @Test("a second connect to an endpoint has no effect, and an event reports it", arguments: onceTypes, Road.allCases)
    func once(type: MatrixType, road: Road) throws {
        try withScene { scene in
            let (client, server) = try sockets(type, scene)
            let endpoint = try server.bind(road.endpoint)
            var ignored: [String] = []
            client.onEvent = { if case .connectIgnored(let endpoint) = $1 { ignored.append(endpoint) } }
            for _ in 0..<3 { try client.connect(endpoint) }
            #expect(ignored == [endpoint, endpoint])
            try scene.wait("the connection") { client.peerCount == 1 && server.peerCount == 1 }
            try client.connect(endpoint)
            #expect(ignored.count == 3)
            scene.settle()
            #expect(client.peerCount == 1 && server.peerCount == 1)
            // After a disconnect it can be connected to again, at once.
            try client.disconnect(endpoint)
            try client.connect(endpoint)
            #expect(ignored.count == 3)
            try scene.wait("a new connection") { client.connectors.count == 1 && client.peerCount == 1 }
        }
    }

    @Test("the same before a socket is bound there", arguments: onceTypes)
    func before(type: MatrixType) throws {
        try withScene { scene in
            let (client, server) = try sockets(type, scene)
            let endpoint = try freeEndpoint()
            try client.connect(endpoint)
            try client.connect(endpoint)
            #expect(client.connectors.count == 1)
            try server.bind(endpoint)
            try scene.wait("the connection") { client.peerCount == 1 }
        }
    }

    @Test("another spelling is the same endpoint; another source or transport is not")
    func spelling() throws {
        try withScene { scene in
            let pub = try scene.pub()
            let port = try pub.bind(anyPort).split(separator: ":").last!
            let sub = try scene.sub(to: "")
            try sub.connect("tcp://127.0.0.1:\(port)")
            try sub.connect("tcp://127.0.0.1:0\(port)")
            #expect(sub.connectors.count == 1)
            try sub.connect("tcp://127.0.0.1:*;127.0.0.1:\(port)")
            #expect(sub.connectors.count == 2)
        }
    }

    @Test("types whose connections get separate shares make a further connection", arguments: oftenTypes, Road.allCases)
    func often(type: MatrixType, road: Road) throws {
        try withScene { scene in
            let (client, server) = try sockets(type, scene)
            let endpoint = try server.bind(road.endpoint)
            try client.connect(endpoint)
            try client.connect(endpoint)
            try scene.wait("two connections") { client.peerCount == 2 && server.peerCount == 2 }
        }
    }

    @Test("a lingering connection does not prevent a new one to its endpoint")
    func whileLingering() throws {
        try withScene { scene in
            let endpoint = try freeEndpoint()
            let dealer = try scene.dealer()
            try dealer.connect(endpoint)
            #expect(try dealer.send("old") == .accepted)
            var report: CloseReport?
            try dealer.disconnect(endpoint) { report = $0 }
            try dealer.connect(endpoint)
            #expect(dealer.connectors.count == 2)
            #expect(try dealer.send("new") == .accepted)
            let router = try scene.router()
            try router.bind(endpoint)
            let texts = try Set((0..<2).map { _ in try scene.receive(router)[1].string })
            #expect(texts == ["old", "new"])
            try scene.wait("the report") { report != nil }
            #expect(report?.unsentMessages == 0)
        }
    }

    @Test("a socket can be its own peer", arguments: Road.allCases)
    func ownPeer(road: Road) throws {
        try withScene { scene in
            let dealer = try scene.dealer()
            try dealer.connect(dealer.bind(road.endpoint))
            try scene.wait("both ends") { dealer.peerCount == 2 }
            for text in ["one", "two"] { #expect(try dealer.send(Message(text)) == .accepted) }
            #expect(Set(try scene.receive(2, dealer)) == ["one", "two"])
        }
    }

    @Test("a tcp connection that meets itself counts as refused", arguments: [0, 1])
    func meetsItself(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let address = try freeEndpoint().dropFirst("tcp://".count)
            let dealer = try scene.dealer { $0.reconnectStop = .connectionRefused }
            var events: [SocketEvent] = []
            dealer.onEvent = { events.append($1) }
            try dealer.connect("tcp://\(address);\(address)")
            try scene.wait("the end") { dealer.connectors.isEmpty }
            #expect(events.map(\.name) == ["connect-failed", "closed"])
            #expect(events[0].reason?.kind == .connectionRefused)
            #expect(events[0].reason?.message.contains("itself") == true)
        }
    }

    @Test("RTR-6: an id generated by the ROUTER is not handed over to a peer that claims it")
    func madeUpID() throws {
        try withScene { scene in
            let router = try scene.router()
            router.allowsHandover = true
            var failures = 0
            router.onEvent = { if $1.isDisconnect || $1.isFailure { failures += 1 } }
            let client = try scene.dealer()
            try scene.connect(client, to: router)
            #expect(try client.send("x") == .accepted)
            let id = try scene.receive(router)[0].copy()
            let thief = try RawPeer(scene.endpoint(of: router))
            thief.send(Wire.greeting() + Wire.ready("DEALER", identity: Array(id)))
            try scene.wait("the refusal") { failures == 1 }
            #expect(try router.send([id, "for the client"]) == .accepted)
            #expect(try scene.receive(client).text == "for the client")
        }
    }
}
