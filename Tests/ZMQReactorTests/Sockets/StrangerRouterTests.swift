import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// A peer of a ROUTER is lost, and another one is found at the endpoint: what reaches the second one.
@Suite(.hangLimit)
struct StrangerRouterTests {
    @Test("RTR-12: messages queued for one peer of a ROUTER do not reach another one", arguments: [0, 1])
    func namedPeers(ioThreads: Int) throws {
        try withChangingPeer(ioThreads) { scene, place in
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
            #expect(try second.receive(7, scene) == Wire.message("for B"))
            try second.receiveNothing(scene)
            #expect(router.statistics.dropped[.peerGone] == 2 && router.statistics.dropped[.noSuchPeer] == 1)
            #expect(router.statistics.messagesDropped == 3)
        }
    }

    @Test("RTR-3: a peer that returns with its id gets its queued messages", arguments: [0, 1])
    func samePeer(ioThreads: Int) throws {
        try withChangingPeer(ioThreads) { scene, place in
            let router = try scene.router()
            try router.connect(place.endpoint)
            let first = try place.peer("DEALER", "A", of: router)
            let known = try #require(router.peer("A"))
            try place.lose(first, of: router)
            #expect(!known.isConnected)
            #expect(try router.send("for A", to: "A") == .accepted)
            let second = try place.peer("DEALER", "A", of: router)
            #expect(try second.receive(7, scene) == Wire.message("for A"))
            #expect(known.isConnected && router.statistics.messagesDropped == 0)
        }
    }

    @Test("RTR-6: a generated id ends with its connection, and so does its queue", arguments: [0, 1])
    func unnamedPeers(ioThreads: Int) throws {
        try withChangingPeer(ioThreads) { scene, place in
            let recorder = Recorder()
            let router = try scene.router(handler: recorder)
            try router.connect(place.endpoint)
            let first = try place.peer("DEALER", of: router)
            let peer = try #require(recorder.connected.first)
            try place.lose(first, of: router)
            router.isMandatory = true
            #expect(
                #expect(throws: ZMQError.self) { try router.send("for the first", to: peer.routingID) }?.code
                    == .hostUnreachable
            )
            let second = try place.peer("DEALER", of: router)
            #expect(
                #expect(throws: ZMQError.self) { try router.send("for the first", to: peer.routingID) }?.code
                    == .hostUnreachable
            )
            try scene.wait("the second") { recorder.connected.count == 2 }
            #expect(recorder.connected[1].routingID != peer.routingID && !peer.isConnected)
            // Knowing the earlier peer's id gives no access to the present one.
            peer.disconnect()
            try second.receiveNothing(scene)
            #expect(router.peerCount == 1)
        }
    }

    @Test("RTR-12: unsent messages of a lost unnamed peer are dropped and counted", arguments: [0, 1])
    func unnamedQueue(ioThreads: Int) throws {
        try withChangingPeer(ioThreads) { scene, place in
            let recorder = Recorder()
            let router = try scene.router(handler: recorder)
            try router.connect(place.endpoint)
            let first = try place.peer("DEALER", of: router)
            let id = try #require(recorder.connected.first).routingID
            let large = Message(Pattern.bytes(4 << 20, seed: 1))
            for _ in 0..<5 { _ = try router.send(large, to: id) }
            scene.settle()
            try place.lose(first, of: router)
            let second = try place.peer("DEALER", of: router)
            try second.receiveNothing(scene)
            let statistics = router.statistics
            #expect(statistics.messagesSent + statistics.dropped[.peerGone] == 5 && statistics.messagesSent < 5)
            #expect(router.messagesQueued == 0)
        }
    }

    @Test("RTR-9: queued messages of a lost peer keep its id", arguments: [0, 1], [nil, "A"])
    func waitingMessages(ioThreads: Int, name: String?) throws {
        try withChangingPeer(ioThreads) { scene, place in
            let router = try scene.router()
            try router.connect(place.endpoint)
            let first = try place.peer("DEALER", name, of: router)
            first.send(Wire.message("1") + Wire.message("2"))
            try scene.wait("the messages") { router.messagesWaiting == 2 }
            let one = try #require(try router.tryReceive())
            try place.lose(first, of: router)
            let second = try place.peer("DEALER", "B", of: router)
            second.send(Wire.message("3"))
            let rest = try [scene.receive(router), scene.receive(router)]
            #expect(Set(rest.map { $0[1].string }) == ["2", "3"])
            for message in rest { #expect(message[0] == (message[1].string == "2" ? one[0] : "B")) }
        }
    }

    @Test("RTR-3: an id given by the application belongs to the endpoint, whatever the peer", arguments: [0, 1])
    func givenName(ioThreads: Int) throws {
        try withChangingPeer(ioThreads) { scene, place in
            let router = try scene.router()
            try router.connect(place.endpoint, as: "place")
            #expect(try router.send("before", to: "place") == .accepted)
            let first = try place.peer("DEALER", "A", of: router)
            #expect(try first.receive(8, scene) == Wire.message("before"))
            try place.lose(first, of: router)
            #expect(try router.send("after", to: "place") == .accepted)
            let second = try place.peer("DEALER", "B", of: router)
            #expect(try second.receive(7, scene) == Wire.message("after"))
            #expect(router.statistics.messagesDropped == 0)
        }
    }

    @Test("RTR-13: room is reported when the queue of a lost peer is dropped", arguments: [0, 1])
    func roomAfterDrop(ioThreads: Int) throws {
        try withChangingPeer(ioThreads) { scene, place in
            let recorder = Recorder()
            let router = try scene.router({ $0.sendHighWaterMark = 1 }, handler: recorder)
            router.isMandatory = true
            try router.connect(place.endpoint)
            let first = try place.peer("DEALER", "A", of: router)
            try place.lose(first, of: router)
            #expect(try router.send("1", to: "A") == .accepted)
            #expect(try router.send("2", to: "A") == .wouldBlock)
            let told = recorder.writableCount
            _ = try place.peer("DEALER", "B", of: router)
            try scene.wait("room") { recorder.writableCount == told + 1 }
        }
    }

    @Test(
        "RTR-12: over inproc, too, messages queued for one peer of a ROUTER do not reach another one",
        arguments: [true, false]
    )
    func inprocPeers(isNamed: Bool) throws {
        try withScene { scene in
            let recorder = Recorder()
            let router = try scene.router(handler: recorder)
            let endpoint = Unique.inprocEndpoint()
            let first = try scene.dealer()
            if isNamed { try first.setRoutingID("A") }
            try first.bind(endpoint)
            try router.connect(endpoint)
            try scene.wait("the first") { recorder.connected.count == 1 && first.peerCount == 1 }
            let id = recorder.connected[0].routingID
            try scene.close(first)
            try scene.wait("the loss") { recorder.disconnected.count == 1 }
            #expect(try router.send("for the first", to: id) == .accepted)
            let second = try scene.dealer()
            try second.bind(endpoint)
            try scene.wait("the second") { recorder.connected.count == 2 }
            #expect(try router.send("for the second", to: recorder.connected[1].routingID) == .accepted)
            #expect(try scene.receive(second).text == "for the second")
            #expect(router.statistics.dropped[isNamed ? .peerGone : .noSuchPeer] == 1)
        }
    }
}
