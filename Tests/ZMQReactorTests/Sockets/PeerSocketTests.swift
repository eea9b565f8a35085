import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

@Suite(.hangLimit)
struct PeerSocketTests {
    @Test(
        "PER-1, PER-2: the routing id of an endpoint can be sent to at once, and either side may speak first",
        arguments: Road.kinds,
        [0, 1]
    )
    func connectPeer(road: Road, ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let (one, two) = try (scene.open(PeerSocket.self), scene.open(PeerSocket.self))
            let endpoint = try two.bind(road.endpoint)
            let id = try one.connectPeer(endpoint)
            #expect(id.integer(as: UInt32.self) ?? 0 != 0)
            #expect(try one.send("first", to: id) == .accepted)
            let message = try scene.receive(two)
            #expect(message[0].count == 4 && message[1] == "first")
            #expect(try two.send([message[0], "reply"] as Message) == .accepted)
            #expect(try scene.receive(one) == [id, "reply"])
            #expect(try two.send("unasked", to: message[0]) == .accepted)
            #expect(try scene.receive(one) == [id, "unasked"])
            #expect(one.peer(id)?.socketType == .peer)
        }
    }

    @Test("PER-1: each connect returns another routing id; an invalid one returns none and is an error")
    func ids() throws {
        try withScene { scene in
            let one = try scene.open(PeerSocket.self)
            let others = try (0..<3).map { _ in try scene.open(PeerSocket.self) }
            let ids = try others.map { try one.connectPeer(scene.endpoint(of: $0)) }
            #expect(Set(ids).count == 3)
            for (number, id) in ids.enumerated() { #expect(try one.send("\(number)", to: id) == .accepted) }
            for (number, other) in others.enumerated() {
                #expect(try scene.receive(other)[1].string == "\(number)")
            }
            #expect(throws: ZMQError.self) { try one.connectPeer("tcp://") }
            try one.configure { $0.isImmediate = true }
            let error = #expect(throws: ZMQError.self) { try one.connectPeer(scene.endpoint(of: others[0])) }
            #expect(error?.code == .invalidArgument && error?.option == "isImmediate")
            #expect(one.connectors.count == 3)
        }
    }

    @Test("PER-3: the routing id of an endpoint, and its queue, outlast a connection", arguments: [0, 1])
    func reconnects(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let one = try scene.open(PeerSocket.self)
            var two = try scene.open(PeerSocket.self)
            let endpoint = try two.bind(freeEndpoint())
            let id = try one.connectPeer(endpoint)
            try scene.wait("a connection") { one.peerCount == 1 && two.peerCount == 1 }
            try scene.close(two)
            try scene.wait("the end") { one.peerCount == 0 }
            #expect(try one.send("kept", to: id) == .accepted)
            two = try scene.open(PeerSocket.self)
            try two.bind(endpoint)
            let message = try scene.receive(two)
            #expect(message[1] == "kept")
            #expect(try two.send("reply", to: message[0]) == .accepted)
            #expect(try scene.receive(one) == [id, "reply"])
            try one.disconnect(endpoint)
            try scene.wait("the end") { one.pipes.allSatisfy { $0 == nil } }
            let error = #expect(throws: ZMQError.self) { try one.send("x", to: id) }
            #expect(error?.code == .hostUnreachable)
        }
    }

    @Test("PER-4: the routing id of a peer that has connected here ends with its connection", arguments: [0, 1])
    func acceptedPeer(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let recorder = Recorder()
            let bound = try scene.open(PeerSocket.self, handler: recorder)
            let other = try scene.open(PeerSocket.self)
            try scene.connect(other, to: bound)
            let id = recorder.connected[0].routingID
            #expect(try bound.send("unasked", to: id) == .accepted)
            #expect(try scene.receive(other)[1] == "unasked")
            try scene.close(other)
            try scene.wait("the end") { recorder.disconnected.count == 1 }
            let error = #expect(throws: ZMQError.self) { try bound.send("x", to: id) }
            #expect(error?.code == .hostUnreachable)
        }
    }

    @Test("PER-5, HWM-03: a full queue blocks for its peer alone, and room is reported", .nothingMovesByItself)
    func wouldBlock() throws {
        try withTimedScene { scene in
            let recorder = Recorder()
            let one = try scene.open(PeerSocket.self, { $0.sendHighWaterMark = 2 }, handler: recorder)
            let (two, three) = try (scene.open(PeerSocket.self), scene.open(PeerSocket.self))
            let id = try one.connectPeer(scene.endpoint(of: two))
            let other = try one.connectPeer(scene.endpoint(of: three))
            for number in 0..<2 { #expect(try one.send("\(number)", to: id) == .accepted) }
            #expect(try one.send("2", to: id) == .wouldBlock)
            #expect(try one.send("other", to: other) == .accepted)
            try scene.wait("room") { recorder.writableCount == 1 }
            #expect(try one.send("3", to: id) == .accepted)
            #expect(try (0..<3).map { _ in try scene.receive(two)[1].string } == ["0", "1", "3"])
            #expect(try scene.receive(three)[1] == "other")
        }
    }
}
