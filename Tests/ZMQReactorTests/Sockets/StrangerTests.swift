import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// A peer is lost, and another one is found at the endpoint: which state of the first one reaches the second.
@Suite(.hangLimit)
struct StrangerTests {
    /// An endpoint to which a socket connects, with one peer after another behind it.
    final class Place {
        private var listener: RawListener
        let endpoint: String
        private let port: Int
        private let scene: Scene

        init(_ scene: Scene) throws {
            self.scene = scene
            port = try freePort()
            listener = try RawListener(port: port, receiveBuffer: 64 << 10)
            endpoint = listener.endpoint
        }

        /// The next connection, after its handshake with `socket`; its received bytes begin behind the socket's READY.
        func peer(
            _ type: String,
            _ identity: String? = nil,
            of socket: Socket,
            minor: UInt8 = 1
        ) throws -> RawPeer {
            if listener.descriptor < 0 { listener = try RawListener(port: port, receiveBuffer: 64 << 10) }
            let peer = try listener.accept(scene.reactor)
            peer.send(RawPeer.greeting(minor: minor) + RawPeer.ready(type, identity: identity.map { Array($0.utf8) }))
            _ = try peer.receive(64, scene.reactor)
            let header = try peer.receive(2, scene.reactor)
            _ = try peer.receive(Int(header[1]), scene.reactor)
            try scene.wait("the handshake") { socket.peerCount == 1 }
            return peer
        }

        /// The peer disconnects, and the endpoint is closed until the next peer.
        func lose(_ peer: RawPeer, of socket: Socket) throws {
            listener.close()
            peer.hangUp()
            try scene.wait("the loss") { socket.peerCount == 0 }
        }
    }

    private func withPlace(_ ioThreads: Int, _ body: (Scene, Place) throws -> Void) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in try body(scene, Place(scene)) }
    }

    // MARK: ROUTER

    @Test("RTR-12: messages queued for one peer of a ROUTER do not reach another one", arguments: [0, 1])
    func namedPeers(ioThreads: Int) throws {
        try withPlace(ioThreads) { scene, place in
            let router = try scene.router()
            try router.connect(place.endpoint)
            let first = try place.peer("DEALER", "A", of: router)
            try place.lose(first, of: router)
            #expect(try router.send("for A only", to: "A") == .accepted)
            #expect(try router.send("for A only", to: "A") == .accepted)
            #expect(router.messagesQueued == 2 && router.statistics.messagesDropped == 0)
            let second = try place.peer("DEALER", "B", of: router)
            #expect(try router.send("for A", to: "A") == .accepted)
            #expect(try router.send("for B", to: "B") == .accepted)
            #expect(try second.receive(7, scene.reactor) == RawPeer.message("for B"))
            try second.receiveNothing(scene.reactor)
            #expect(router.statistics.dropped[.peerGone] == 2 && router.statistics.dropped[.noSuchPeer] == 1)
            #expect(router.statistics.messagesDropped == 3)
        }
    }

    @Test("RTR-3: a peer that returns with its id gets its queued messages", arguments: [0, 1])
    func samePeer(ioThreads: Int) throws {
        try withPlace(ioThreads) { scene, place in
            let router = try scene.router()
            try router.connect(place.endpoint)
            let first = try place.peer("DEALER", "A", of: router)
            let known = try #require(router.peer("A"))
            try place.lose(first, of: router)
            #expect(!known.isConnected)
            #expect(try router.send("for A", to: "A") == .accepted)
            let second = try place.peer("DEALER", "A", of: router)
            #expect(try second.receive(7, scene.reactor) == RawPeer.message("for A"))
            #expect(known.isConnected && router.statistics.messagesDropped == 0)
        }
    }

    @Test("RTR-6: a generated id ends with its connection, and so does its queue", arguments: [0, 1])
    func unnamedPeers(ioThreads: Int) throws {
        try withPlace(ioThreads) { scene, place in
            let probe = RouterProbe()
            let router = try scene.router(handler: probe)
            try router.connect(place.endpoint)
            let first = try place.peer("DEALER", of: router)
            let peer = try #require(probe.connected.first)
            try place.lose(first, of: router)
            router.isMandatory = true
            #expect(throws: ZMQError.self) { try router.send("for the first", to: peer.routingID) }
            let second = try place.peer("DEALER", of: router)
            #expect(throws: ZMQError.self) { try router.send("for the first", to: peer.routingID) }
            try scene.wait("the second") { probe.connected.count == 2 }
            #expect(probe.connected[1].routingID != peer.routingID && !peer.isConnected)
            // Knowing the earlier peer's id gives no access to the present one.
            peer.disconnect()
            try second.receiveNothing(scene.reactor)
            #expect(router.peerCount == 1)
        }
    }

    @Test("RTR-12: unsent messages of a lost unnamed peer are dropped and counted", arguments: [0, 1])
    func unnamedQueue(ioThreads: Int) throws {
        try withPlace(ioThreads) { scene, place in
            let probe = RouterProbe()
            let router = try scene.router(handler: probe)
            try router.connect(place.endpoint)
            let first = try place.peer("DEALER", of: router)
            let id = try #require(probe.connected.first).routingID
            let large = Message(Pattern.bytes(4 << 20, seed: 1))
            for _ in 0..<5 { _ = try router.send(large, to: id) }
            scene.settle()
            try place.lose(first, of: router)
            let second = try place.peer("DEALER", of: router)
            try second.receiveNothing(scene.reactor)
            let statistics = router.statistics
            #expect(statistics.messagesSent + statistics.dropped[.peerGone] == 5 && statistics.messagesSent < 5)
            #expect(router.messagesQueued == 0)
        }
    }

    @Test("RTR-9: queued messages of a lost peer keep its id", arguments: [0, 1], [nil, "A"])
    func waitingMessages(ioThreads: Int, name: String?) throws {
        try withPlace(ioThreads) { scene, place in
            let router = try scene.router()
            try router.connect(place.endpoint)
            let first = try place.peer("DEALER", name, of: router)
            first.send(RawPeer.message("1") + RawPeer.message("2"))
            try scene.wait("the messages") { router.messagesWaiting == 2 }
            let one = try #require(try router.tryReceive())
            try place.lose(first, of: router)
            let second = try place.peer("DEALER", "B", of: router)
            second.send(RawPeer.message("3"))
            let rest = try [scene.receive(router), scene.receive(router)]
            #expect(Set(rest.map { $0[1].string }) == ["2", "3"])
            for message in rest { #expect(message[0] == (message[1].string == "2" ? one[0] : "B")) }
        }
    }

    @Test("RTR-3: an id given by the application belongs to the endpoint, whatever the peer", arguments: [0, 1])
    func givenName(ioThreads: Int) throws {
        try withPlace(ioThreads) { scene, place in
            let router = try scene.router()
            try router.connect(place.endpoint, as: "place")
            #expect(try router.send("before", to: "place") == .accepted)
            let first = try place.peer("DEALER", "A", of: router)
            #expect(try first.receive(8, scene.reactor) == RawPeer.message("before"))
            try place.lose(first, of: router)
            #expect(try router.send("after", to: "place") == .accepted)
            let second = try place.peer("DEALER", "B", of: router)
            #expect(try second.receive(7, scene.reactor) == RawPeer.message("after"))
            #expect(router.statistics.messagesDropped == 0)
        }
    }

    @Test("RTR-13: room is reported when the queue of a lost peer is dropped", arguments: [0, 1])
    func roomAfterDrop(ioThreads: Int) throws {
        try withPlace(ioThreads) { scene, place in
            let probe = RouterProbe()
            let router = try scene.router({ $0.sendHighWaterMark = 1 }, handler: probe)
            router.isMandatory = true
            try router.connect(place.endpoint)
            let first = try place.peer("DEALER", "A", of: router)
            try place.lose(first, of: router)
            #expect(try router.send("1", to: "A") == .accepted)
            #expect(try router.send("2", to: "A") == .wouldBlock)
            let told = probe.writable
            _ = try place.peer("DEALER", "B", of: router)
            try scene.wait("room") { probe.writable == told + 1 }
        }
    }

    // MARK: REP

    @Test(
        "REP-10, REP-11: a reply goes to the peer that sent the request, and not to its replacement",
        arguments: [0, 1],
        [nil, "A"]
    )
    func replies(ioThreads: Int, name: String?) throws {
        try withPlace(ioThreads) { scene, place in
            var replies: [Reply] = []
            let rep = try scene.rep { replies.append($2) }
            try rep.connect(place.endpoint)
            let first = try place.peer("REQ", name, of: rep)
            first.send(RawPeer.wire([], bytes("question")))
            try scene.wait("the question") { replies.count == 1 }
            try place.lose(first, of: rep)
            let second = try place.peer("REQ", "B", of: rep)
            replies[0].send("for the first")
            try second.receiveNothing(scene.reactor)
            #expect(rep.statistics.dropped[.peerGone] == 1)
            second.send(RawPeer.wire([], bytes("another")))
            try scene.wait("the question") { replies.count == 2 }
            replies[1].send("2")
            #expect(try second.receive(5, scene.reactor) == RawPeer.wire([], bytes("2")))
        }
    }

    @Test("REP-11: a reply queued for a lost peer is dropped when another one connects", arguments: [0, 1])
    func queuedReply(ioThreads: Int) throws {
        try withPlace(ioThreads) { scene, place in
            var replies: [Reply] = []
            let rep = try scene.rep { replies.append($2) }
            try rep.connect(place.endpoint)
            let first = try place.peer("REQ", "A", of: rep)
            first.send(RawPeer.wire([], bytes("question")))
            try scene.wait("the question") { replies.count == 1 }
            try place.lose(first, of: rep)
            replies[0].send("for A")
            #expect(rep.messagesQueued == 1)
            let second = try place.peer("REQ", "B", of: rep)
            try second.receiveNothing(scene.reactor)
            #expect(rep.statistics.dropped[.peerGone] == 1 && rep.messagesQueued == 0)
        }
    }

    @Test("REP-10: a peer that returns with its id gets its reply", arguments: [0, 1])
    func replyAfterReturn(ioThreads: Int) throws {
        try withPlace(ioThreads) { scene, place in
            var replies: [Reply] = []
            let rep = try scene.rep { replies.append($2) }
            try rep.connect(place.endpoint)
            let first = try place.peer("REQ", "A", of: rep)
            first.send(RawPeer.wire([], bytes("question")))
            try scene.wait("the question") { replies.count == 1 }
            try place.lose(first, of: rep)
            let second = try place.peer("REQ", "A", of: rep)
            replies[0].send("2")
            #expect(try second.receive(5, scene.reactor) == RawPeer.wire([], bytes("2")))
        }
    }

    @Test("REP-10: a request that is queued when its peer is lost is not answered to another peer", arguments: [0, 1])
    func waitingQuestion(ioThreads: Int) throws {
        try withPlace(ioThreads) { scene, place in
            let rep = try scene.rep()
            try rep.connect(place.endpoint)
            let first = try place.peer("REQ", of: rep)
            first.send(RawPeer.wire([], bytes("question")))
            try scene.wait("the question") { rep.messagesWaiting == 1 }
            try place.lose(first, of: rep)
            let second = try place.peer("REQ", of: rep)
            #expect(try rep.tryReceive()?.string == "question")
            #expect(try rep.send("answer") == .accepted)
            try second.receiveNothing(scene.reactor)
            #expect(rep.statistics.dropped[.peerGone] == 1)
        }
    }

    // MARK: PUB and XPUB

    @Test("PUB-12, TOP-11: the subscriptions of a lost subscriber are not the next one's", arguments: [0, 1])
    func subscriptions(ioThreads: Int) throws {
        try withPlace(ioThreads) { scene, place in
            let pub = try scene.pub()
            try pub.connect(place.endpoint)
            let first = try place.peer("SUB", of: pub)
            first.subscribe("a")
            try scene.wait(for: 1, subscribersOf: pub, to: "a")
            try place.lose(first, of: pub)
            #expect(pub.topicCount == 0)
            try pub.send("a is dropped")
            let second = try place.peer("SUB", of: pub)
            second.subscribe("b")
            try scene.wait(for: 1, subscribersOf: pub, to: "b")
            try pub.send("a")
            try pub.send("b")
            #expect(try second.receive(3, scene.reactor) == RawPeer.message("b"))
            try second.receiveNothing(scene.reactor)
        }
    }

    @Test("XPB-4: the requests of a lost subscriber are not granted to another one", arguments: [0, 1])
    func manualSubscriptions(ioThreads: Int) throws {
        try withPlace(ioThreads) { scene, place in
            let xpub = try scene.xpub()
            xpub.isManual = true
            try xpub.connect(place.endpoint)
            let first = try place.peer("SUB", of: xpub)
            first.subscribe("a")
            try scene.wait("the request") { xpub.messagesWaiting == 1 }
            try place.lose(first, of: xpub)
            let second = try place.peer("SUB", of: xpub)
            #expect(try xpub.tryReceive()?.string == "\u{1}a")
            let subscriber = try #require(xpub.lastSubscriber)
            #expect(!subscriber.isConnected)
            xpub.subscribe(subscriber, to: "a")
            #expect(xpub.topicCount == 0)
            #expect(try xpub.send("a direct", to: subscriber) == .accepted)
            subscriber.disconnect(because: "it is not wanted")
            #expect(try xpub.send("a") == .accepted)
            try second.receiveNothing(scene.reactor)
            #expect(try xpub.tryReceive()?.string == "\u{0}a")
            #expect(xpub.lastSubscriber == subscriber && xpub.statistics.dropped[.noSuchPeer] == 1)
        }
    }

    // MARK: For the endpoint

    @Test("Q-1, F-6: a partly sent message is sent again from its first frame", arguments: [0, 1])
    func halfSent(ioThreads: Int) throws {
        try withPlace(ioThreads) { scene, place in
            let push = try scene.push()
            try push.connect(place.endpoint)
            let first = try place.peer("PULL", of: push)
            let parts = (0..<3).map { Pattern.bytes(4 << 20, seed: $0) }
            #expect(try push.send(Message(frames: parts.map { Frame($0) })) == .accepted)
            try scene.wait("a part") { push.connections[0].bytesSent > 100_000 }
            try place.lose(first, of: push)
            #expect(push.statistics.messagesSent == 0 && push.messagesQueued == 1)
            let second = try place.peer("PULL", of: push)
            let expected = parts.enumerated().flatMap { RawPeer.longFrame($1, isLast: $0 == 2) }
            #expect(try second.receive(expected.count, scene.reactor) == expected)
            try second.receiveNothing(scene.reactor)
        }
    }

    @Test("F-6: a partly received message is dropped with its connection", arguments: [0, 1])
    func halfReceived(ioThreads: Int) throws {
        try withPlace(ioThreads) { scene, place in
            let inbox = Inbox()
            let pull = try scene.pull { inbox.add($1) }
            try pull.connect(place.endpoint)
            let first = try place.peer("PUSH", of: pull)
            first.send([1, 4] + bytes("part") + [1, 20] + bytes("of it"))
            scene.settle()
            try place.lose(first, of: pull)
            let second = try place.peer("PUSH", of: pull)
            second.send(RawPeer.wire(bytes("a"), bytes("whole")))
            try scene.wait("a message") { inbox.count == 1 }
            #expect(inbox.texts == ["a|whole"])
        }
    }

    @Test("Q-1: a queue of PUSH, DEALER or PAIR is for the endpoint, whatever the peer", arguments: [0, 1])
    func endpointQueue(ioThreads: Int) throws {
        func check(_ type: String, _ make: (Scene) throws -> any SendingSocket) throws {
            try withPlace(ioThreads) { scene, place in
                let socket = try make(scene)
                try socket.connect(place.endpoint)
                let first = try place.peer(type, "A", of: socket)
                try place.lose(first, of: socket)
                #expect(try socket.send(Message("x")) == .accepted)
                let second = try place.peer(type, "B", of: socket)
                #expect(try second.receive(3, scene.reactor) == RawPeer.message("x"))
            }
        }
        try check("PULL") { try $0.push() }
        try check("DEALER") { try $0.dealer() }
        try check("PAIR") { try $0.pair() }
    }

    @Test("the next peer of a conflating socket gets only the newest message", arguments: [0, 1])
    func conflated(ioThreads: Int) throws {
        try withPlace(ioThreads) { scene, place in
            let push = try scene.push { $0.isConflating = true }
            try push.connect(place.endpoint)
            let first = try place.peer("PULL", of: push)
            try place.lose(first, of: push)
            for text in ["1", "2", "3"] { #expect(try push.send(text) == .accepted) }
            let second = try place.peer("PULL", of: push)
            #expect(try second.receive(3, scene.reactor) == RawPeer.message("3"))
            try second.receiveNothing(scene.reactor)
            #expect(push.statistics.dropped[.conflated] == 2)
        }
    }

    @Test("S-5, HB-2: version, time to live and subscriptions are those of the connection", arguments: [0, 1])
    func connectionState(ioThreads: Int) throws {
        try withPlace(ioThreads) { scene, place in
            let sub = try scene.sub(to: "a")
            try sub.connect(place.endpoint)
            let first = try place.peer("PUB", of: sub, minor: 0)
            #expect(try first.receive(4, scene.reactor) == [0, 2, 1] + bytes("a"))
            // Its time to live is 0.1 s.
            first.send(command: "PING", [0, 1])
            try place.lose(first, of: sub)
            let second = try place.peer("PUB", of: sub)
            #expect(try second.receive(13, scene.reactor) == RawPeer.command("SUBSCRIBE", bytes("a")))
            scene.settle(.milliseconds(300))
            try second.receiveNothing(scene.reactor)
            #expect(sub.peerCount == 1)
        }
    }

    // MARK: inproc

    @Test(
        "RTR-12: over inproc, too, messages queued for one peer of a ROUTER do not reach another one",
        arguments: [true, false]
    )
    func inprocPeers(isNamed: Bool) throws {
        try withScene { scene in
            let probe = RouterProbe()
            let router = try scene.router(handler: probe)
            let endpoint = Unique.inprocEndpoint()
            let first = try scene.dealer()
            if isNamed { try first.setRoutingID("A") }
            try first.bind(endpoint)
            try router.connect(endpoint)
            try scene.wait("the first") { probe.connected.count == 1 && first.peerCount == 1 }
            let id = probe.connected[0].routingID
            try scene.close(first)
            try scene.wait("the loss") { probe.disconnected.count == 1 }
            #expect(try router.send("for the first", to: id) == .accepted)
            let second = try scene.dealer()
            try second.bind(endpoint)
            try scene.wait("the second") { probe.connected.count == 2 }
            #expect(try router.send("for the second", to: probe.connected[1].routingID) == .accepted)
            #expect(try scene.receive(second).text == "for the second")
            #expect(router.statistics.dropped[isNamed ? .peerGone : .noSuchPeer] == 1)
        }
    }
}
