import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

@Suite(.hangLimit)
struct ScatterGatherTests {
    @Test(
        "SCT-1, SCT-2, GTH-1, GTH-3: messages arrive, unchanged and in order",
        arguments: Road.kinds,
        [0, 1]
    )
    func oneWay(road: Road, ioThreads: Int) throws {
        for scatterBinds in [true, false] {
            try withScene(in: Context(ioThreads: ioThreads)) { scene in
                let (scatter, gather) = try (scene.open(ScatterSocket.self), scene.open(GatherSocket.self))
                let (server, client): (Socket, Socket) = scatterBinds ? (scatter, gather) : (gather, scatter)
                try server.bind(road.endpoint)
                try scene.connect(client, to: server)
                for body in ["", "x", [Frame(Pattern.bytes(200_000))]] as [Message] {
                    #expect(try scatter.send(body) == .accepted)
                    #expect(try scene.receive(gather) == body)
                }
            }
        }
    }

    @Test("SCT-3: messages go to the peers in turn, past a full one", .nothingMovesByItself)
    func inTurn() throws {
        try withTimedScene { scene in
            let scatter = try scene.open(ScatterSocket.self) { $0.sendHighWaterMark = 2 }
            let gathers = try (0..<2).map { _ in try scene.open(GatherSocket.self) }
            for gather in gathers { try scene.connect(gather, to: scatter) }
            for number in 0..<4 { #expect(try scatter.send("\(number)") == .accepted) }
            #expect(try scatter.send("4") == .wouldBlock)
            #expect(try gathers.map { try scene.receiveAll($0).count } == [2, 2])
        }
    }

    @Test(
        "SCT-4, HWM-03: without a peer or room it would block, accepts nothing, and reports room",
        .nothingMovesByItself
    )
    func wouldBlock() throws {
        try withTimedScene { scene in
            let recorder = Recorder()
            let scatter = try scene.open(ScatterSocket.self, { $0.sendHighWaterMark = 2 }, handler: recorder)
            #expect(try scatter.send("absent") == .wouldBlock)
            let gather = try scene.open(GatherSocket.self)
            try scene.connect(gather, to: scatter)
            #expect(recorder.writableCount == 1)
            for number in 0..<2 { #expect(try scatter.send("\(number)") == .accepted) }
            #expect(try scatter.send("2") == .wouldBlock)
            try scene.wait("room") { recorder.writableCount == 2 }
            #expect(try scene.receiveAll(gather) == ["0", "1"])
        }
    }

    @Test("SCT-5: what is queued for a peer that is gone goes to the others", .nothingMovesByItself)
    func dealtOutAgain() throws {
        try withTimedScene { scene in
            let (scatter, gather) = try (scene.open(ScatterSocket.self), scene.open(GatherSocket.self))
            let peer = try scene.rawPeer("GATHER", of: scatter)
            try scene.connect(gather, to: scatter)
            peer.reset()
            for number in 0..<4 { #expect(try scatter.send("\(number)") == .accepted) }
            try scene.wait("the end") { scatter.peerCount == 1 }
            #expect(try Set(scene.receiveAll(gather)) == ["0", "1", "2", "3"])
        }
    }

    @Test("GTH-2: peers are received from in turn")
    func fair() throws {
        try withTimedScene { scene in
            let gather = try scene.open(GatherSocket.self)
            let scatters = try (0..<2).map { _ in try scene.open(ScatterSocket.self) }
            for (number, scatter) in scatters.enumerated() {
                try scene.connect(scatter, to: gather)
                for _ in 0..<5 { #expect(try scatter.send("\(number)") == .accepted) }
            }
            let texts = try scene.receiveAll(gather)
            #expect(texts.count == 10 && Set(texts.prefix(2)) == ["0", "1"])
        }
    }

    @Test("GTH-4, HWM-03: the receive mark stops reading")
    func receiveMark() throws {
        try withTimedScene { scene in
            let gather = try scene.open(GatherSocket.self) { $0.receiveHighWaterMark = 2 }
            let peer = try scene.rawPeer("SCATTER", of: gather)
            for byte in 65..<75 { peer.send(message: [UInt8(byte)]) }
            scene.settle()
            #expect(gather.statistics.messagesReceived == 2)
            #expect(try scene.receive(10, gather).joined() == "ABCDEFGHIJ")
        }
    }

    @Test("SCT-6: what a peer sends to a SCATTER is discarded and counted")
    func discards() throws {
        try withTimedScene { scene in
            let scatter = try scene.open(ScatterSocket.self)
            let peer = try scene.rawPeer("GATHER", of: scatter)
            peer.send(message: [65])
            try scene.wait("the message") { scatter.statistics.dropped[.unexpected] == 1 }
            #expect(scatter.peerCount == 1)
        }
    }
}
