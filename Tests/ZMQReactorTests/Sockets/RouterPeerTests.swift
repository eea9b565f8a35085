import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

/// Peers of a ROUTER that connect and disconnect, and those with the same routing id.
@Suite(.hangLimit)
struct RouterPeerTests {
    @Test("RTR-7: peers are reported when they connect and disconnect, with their properties")
    func comingAndGoing() throws {
        try withScene { scene in
            let recorder = Recorder()
            let router = try scene.router(handler: recorder)
            let endpoint = try scene.endpoint(of: router)
            let dealer = try scene.dealer(named: "d", to: router)
            let peer = try #require(recorder.connected.first)
            #expect(peer.routingID == "d")
            #expect(peer.socketType == .dealer)
            #expect(peer.endpoint == endpoint)
            #expect(peer.isConnected)
            #expect(peer.property("socket-type") == bytes("DEALER"))
            #expect(peer.property("IDENTITY") == bytes("d"))
            #expect(peer.property("X-Unknown") == nil)
            #expect(router.peer("d")?.socketType == .dealer)
            #expect(router.peer("e") == nil)
            try scene.close(dealer)
            try scene.wait("the end") { recorder.disconnected.count == 1 }
            #expect(recorder.disconnected[0].routingID == "d")
            #expect(!peer.isConnected && !recorder.disconnected[0].isConnected)
            #expect(recorder.disconnected[0].socketType == .dealer)
            #expect(recorder.disconnected[0].property("Identity") == bytes("d"))
            #expect(router.peer("d") == nil)
            peer.disconnect()
        }
    }

    @Test(
        "RTR-6: a hundred unnamed peers connect and disconnect; each is reported once, and leaves nothing behind",
        .nothingMovesByItself
    )
    func manyComeAndGo() throws {
        try withScene { scene in
            let recorder = Recorder()
            let router = try scene.router(handler: recorder)
            for round in 1...100 {
                let req = try scene.req()
                try req.connect(scene.endpoint(of: router))
                #expect(try req.send("x") == .accepted)
                try scene.wait("the request") { recorder.count == round }
                try scene.close(req)
                try scene.wait("the end") { router.peerCount == 0 }
            }
            #expect(recorder.connected.map(\.routingID) == recorder.disconnected.map(\.routingID))
            #expect(Set(recorder.connected.map(\.routingID)).count == 100)
            #expect(router.pipes.count <= 2)
        }
    }

    @Test("RTR-6: a peer can be disconnected; one that had connected may return")
    func disconnect() throws {
        try withScene { scene in
            let recorder = Recorder()
            let router = try scene.router(handler: recorder)
            let dealer = try scene.dealer(named: "d", to: router)
            recorder.connected[0].disconnect()
            #expect(!recorder.connected[0].isConnected)
            #expect(recorder.disconnected.map(\.routingID) == ["d"])
            try scene.wait("it to come back") { recorder.connected.count == 2 && dealer.peerCount == 1 }
            #expect(recorder.connected[1].routingID == "d" && recorder.connected[1].isConnected)
            #expect(try router.send("x", to: "d") == .accepted)
            #expect(try scene.receive(dealer).text == "x")
        }
    }

    @Test("RTR-6: a handler may disconnect a peer when it connects, and in the middle of its messages")
    func disconnectInHandler() throws {
        try withTimedScene { scene in
            final class Doorman: RouterHandler {
                var received = 0
                var refused = 0
                func socket(_ socket: RouterSocket, received message: Message) {
                    received += 1
                    socket.peer(message[0])?.disconnect()
                }
                func socket(_ socket: RouterSocket, connected peer: RouterPeer) {
                    guard peer.routingID == "bad" else { return }
                    refused += 1
                    peer.disconnect()
                }
            }
            let doorman = Doorman()
            let router = try scene.router(handler: doorman)
            let bad = try scene.dealer()
            try bad.setRoutingID("bad")
            try bad.connect(scene.endpoint(of: router))
            try scene.wait("refusals") { doorman.refused >= 3 }
            #expect(router.peer("bad") == nil)
            let peer = try scene.rawPeer("DEALER", of: router)
            peer.send(Wire.message(bytes("1")) + Wire.message(bytes("2")) + Wire.message(bytes("3")))
            try scene.wait("the first") { doorman.received > 0 }
            scene.settle()
            peer.poll()
            #expect(peer.isClosed)
        }
    }

    @Test("RTR-6, RTR-7: a second peer with the same id is rejected with the reason, until the first has left")
    func duplicate() throws {
        try withTimedScene { scene in
            let recorder = Recorder()
            let router = try scene.router(handler: recorder)
            var reasons: Set<String> = []
            router.onEvent = { if $1.isFailure { reasons.insert($1.reason?.message ?? "") } }
            let first = try scene.dealer(named: "d", to: router)
            let second = try scene.dealer()
            try second.setRoutingID("d")
            try second.connect(scene.endpoint(of: router))
            #expect(try second.send("second") == .accepted)
            try scene.wait("a refusal") { !reasons.isEmpty }
            scene.settle()
            #expect(reasons == ["another peer has the routing id d"])
            #expect(recorder.connected.count == 1 && recorder.disconnected.count == 0)
            #expect(try router.send("x", to: "d") == .accepted)
            #expect(try scene.receive(first).text == "x")
            #expect(try first.send("first") == .accepted)
            try scene.wait("it") { recorder.texts == ["d|first"] }
            try scene.close(first)
            try scene.wait("the other to get in") { recorder.connected.count == 2 && second.peerCount == 1 }
            #expect(try router.send("y", to: "d") == .accepted)
            #expect(try scene.receive(second).text == "y")
        }
    }

    @Test("RTR-7: with handover the new peer replaces the first, which is disconnected")
    func handover() throws {
        try withScene { scene in
            let recorder = Recorder()
            let router = try scene.router(handler: recorder)
            router.allowsHandover = true
            let first = try scene.rawPeer("DEALER", of: router, identity: bytes("d"))
            #expect(try router.send("for the first", to: "d") == .accepted)
            let second = try RawPeer(scene.endpoint(of: router))
            second.send(Wire.greeting() + Wire.ready("DEALER", identity: bytes("d")) + Wire.message(bytes("x")))
            try scene.wait("the handover") {
                first.poll()
                return first.isClosed && recorder.texts == ["d|x"]
            }
            #expect(recorder.connected.map(\.routingID) == ["d", "d"])
            #expect(recorder.disconnected.map(\.routingID) == ["d"])
            #expect(router.peerCount == 1 && router.peer("d")?.isConnected == true)
            second.poll()
            second.received = []
            #expect(try router.send("y", to: "d") == .accepted)
            #expect(scene.heard(second) == Wire.message(bytes("y")))
        }
    }

    @Test(
        "RTR-7: messages queued for a peer that is disconnected, or loses its id, are dropped and counted",
        arguments: [0, 1],
        [false, true]
    )
    func queueOfARejectedPeer(ioThreads: Int, losesName: Bool) throws {
        try withTimedScene(ioThreads: ioThreads) { scene in
            let router = try scene.router { $0.sendBuffer = 16_384 }
            router.allowsHandover = true
            let first = try scene.rawPeer("DEALER", of: router, identity: bytes("d"), receiveBuffer: 2048)
            let large = Message([UInt8](repeating: 1, count: 1_000_000))
            for _ in 0..<3 { _ = try router.send(large, to: "d") }
            scene.settle()
            if losesName {
                _ = try scene.rawPeer("DEALER", of: router, identity: bytes("d"))
            } else {
                try #require(router.peer("d")).disconnect()
            }
            try scene.wait("the end") {
                first.poll()
                return first.isClosed && router.messagesQueued == 0
            }
            #expect(router.statistics.dropped[.peerGone] == 3 && router.statistics.messagesSent == 0)
        }
    }

    @Test("RTR-7, RTR-9: queued messages that the first sent before the handover keep its id")
    func handoverWhilePaused() throws {
        try withScene { scene in
            let recorder = Recorder()
            let router = try scene.router(handler: recorder)
            router.allowsHandover = true
            router.pause()
            var peers: [RawPeer] = []
            for text in ["1", "2", "3"] {
                let received = router.statistics.messagesReceived
                let peer = try RawPeer(scene.endpoint(of: router))
                let messages = Wire.message(bytes(text), []) + Wire.message(bytes(text))
                peer.send(Wire.greeting() + Wire.ready("DEALER", identity: bytes("d")) + messages)
                try scene.wait("it") { router.statistics.messagesReceived == received + 2 }
                peers.append(peer)
            }
            #expect(recorder.disconnected.count == 2 && router.peerCount == 1)
            router.resume()
            try scene.wait("all") { recorder.count == 6 }
            #expect(recorder.texts.sorted() == ["d|1", "d|1|", "d|2", "d|2|", "d|3", "d|3|"])
        }
    }

    @Test("RTR-7: an id given by the application is not handed over")
    func givenNameStays() throws {
        try withScene { scene in
            let (router, service) = try (scene.router(), scene.dealer())
            router.allowsHandover = true
            try router.connect(scene.endpoint(of: service), as: "service")
            try scene.wait("the handshake") { service.peerCount == 1 && router.peerCount == 1 }
            var isRefused = false
            router.onEvent = { if $1.isFailure { isRefused = true } }
            let other = try scene.dealer()
            try other.setRoutingID("service")
            try other.connect(scene.endpoint(of: router))
            try scene.wait("the refusal") { isRefused }
            #expect(try router.send("x", to: "service") == .accepted)
            #expect(try scene.receive(service).text == "x")
            #expect(try service.send("y") == .accepted)
            #expect(try scene.receive(router).text == "service|y")
        }
    }

    @Test("RTR-3, RTR-7: after a reconnect, the peer is known by its current id")
    func anotherPeerAtTheSameEndpoint() throws {
        try withScene { scene in
            let recorder = Recorder()
            let router = try scene.router(handler: recorder)
            router.isMandatory = true
            let endpoint = try freeEndpoint()
            try router.connect(endpoint)
            for (round, name) in ["one", "two", ""].enumerated() {
                let dealer = try scene.dealer()
                try dealer.setRoutingID(name)
                try dealer.bind(endpoint)
                try scene.wait("it to come") { recorder.connected.count == round + 1 }
                let id = recorder.connected[round].routingID
                #expect(name.isEmpty ? id.count == 5 : id == name)
                #expect(try router.send("x", to: id) == .accepted)
                #expect(try scene.receive(dealer).text == "x")
                if round > 0 { #expect(router.peer(recorder.connected[round - 1].routingID) == nil) }
                try scene.close(dealer)
                try scene.wait("it to go") { recorder.disconnected.count == round + 1 }
                #expect(recorder.disconnected[round].routingID == id)
            }
        }
    }

    @Test("RTR-7: a probe announces REQ, DEALER and ROUTER to a ROUTER before their first message")
    func probe() throws {
        try withTimedScene { scene in
            let router = try scene.router()
            let (req, dealer, other) = try (scene.req(), scene.dealer(), scene.router())
            req.probesPeers = true
            dealer.probesPeers = true
            other.probesPeers = true
            for (socket, name) in [(req, "req"), (dealer, "dealer"), (other, "other")] as [(any RoutableSocket, String)]
            {
                try socket.setRoutingID(name)
                try scene.connect(socket, to: router)
                #expect(try scene.receive(router).text == "\(name)|")
            }
            #expect(try dealer.send("x") == .accepted)
            #expect(try scene.receive(router).text == "dealer|x")
            #expect(try req.send("y") == .accepted)
            #expect(try scene.receive(router).text == "req||y")
            #expect(try scene.receiveAll(router) == [])
        }
    }

    @Test("RTR-7: a probe is sent on every new connection")
    func probeAgain() throws {
        try withScene { scene in
            let recorder = Recorder()
            let router = try scene.router(handler: recorder)
            let dealer = try scene.dealer()
            dealer.probesPeers = true
            try dealer.setRoutingID("d")
            try scene.connect(dealer, to: router)
            try scene.wait("the probe") { recorder.texts == ["d|"] }
            recorder.connected[0].disconnect()
            try scene.wait("the probe") { recorder.texts == ["d|", "d|"] }
        }
    }

    @Test(
        "RTR-14: a handler may close the socket in each of its calls",
        arguments: ["connected", "disconnected", "received"]
    )
    func closesInHandler(call: String) throws {
        try withScene { scene in
            final class Closer: RouterHandler {
                let call: String
                var hasClosed = false
                init(_ call: String) { self.call = call }
                func note(_ name: String, _ socket: RouterSocket) {
                    if name == call { socket.close { _ in self.hasClosed = true } }
                }
                func socket(_ socket: RouterSocket, received message: Message) { note("received", socket) }
                func socket(_ socket: RouterSocket, connected peer: RouterPeer) { note("connected", socket) }
                func socket(_ socket: RouterSocket, disconnected peer: RouterPeer) { note("disconnected", socket) }
            }
            let closer = Closer(call)
            let router = try scene.router({ $0.linger = .none }, handler: closer)
            router.allowsHandover = true
            let endpoint = try scene.endpoint(of: router)
            let peers = try (0..<2).map { _ in try RawPeer(endpoint) }
            for peer in peers {
                peer.send(Wire.greeting() + Wire.ready("DEALER", identity: bytes("d")))
                peer.send(Wire.message(bytes("1")) + Wire.message(bytes("2")))
            }
            try scene.wait("the end") { closer.hasClosed }
        }
    }

    @Test("RTR-7, RTR-11: messages can be sent to a peer in the call that reports it")
    func welcome() throws {
        try withScene { scene in
            final class Host: RouterHandler {
                func socket(_ socket: RouterSocket, received message: Message) {}
                func socket(_ socket: RouterSocket, connected peer: RouterPeer) {
                    _ = try? socket.send("welcome", to: peer.routingID)
                }
            }
            let router = try scene.router(handler: Host())
            let dealer = try scene.dealer(named: "d", to: router)
            #expect(try scene.receive(dealer).text == "welcome")
            let other = try scene.dealer()
            try other.connect(router.bind(Unique.inprocEndpoint()))
            #expect(try scene.receive(other).text == "welcome")
        }
    }

    @Test("RTR-7, ID-2: the identity of a 1.0 and of a 2.0 peer is its routing id", arguments: [1, 2])
    func legacyPeers(version: Int) throws {
        try withScene { scene in
            let router = try scene.router()
            let peer = try RawPeer(scene.endpoint(of: router))
            if version == 1 {
                peer.send([4, 0] + bytes("old") + Wire.message1([], bytes("x")))
            } else {
                peer.send(Wire.signature() + [1, 5, 0, 3] + bytes("old") + Wire.message([], bytes("x")))
            }
            #expect(try scene.receive(router).text == "old||x")
            peer.poll()
            peer.received = []
            #expect(try router.send(["old", "", "y"]) == .accepted)
            let answer = version == 1 ? Wire.message1([], bytes("y")) : Wire.message([], bytes("y"))
            #expect(scene.heard(peer) == answer)
        }
    }
}
