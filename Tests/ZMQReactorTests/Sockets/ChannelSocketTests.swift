import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

@Suite(.hangLimit)
struct ChannelSocketTests {
    @Test("CHN-1, CHN-2: messages pass both ways, unchanged", arguments: Road.kinds, [0, 1])
    func bothWays(road: Road, ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let (one, two) = try (scene.open(ChannelSocket.self), scene.open(ChannelSocket.self))
            try one.bind(road.endpoint)
            try scene.connect(two, to: one)
            let messages: [Message] = ["", "x", [Frame(Pattern.bytes(200_000))]]
            for (sender, receiver) in [(one, two), (two, one)] {
                for message in messages { #expect(try sender.send(message) == .accepted) }
                for message in messages { #expect(try scene.receive(receiver) == message) }
            }
        }
    }

    @Test("CHN-1: a second peer is rejected until the first has left, and keeps its messages", arguments: [0, 1])
    func successor(ioThreads: Int) throws {
        try withTimedScene(ioThreads: ioThreads) { scene in
            let (bound, first) = try (scene.open(ChannelSocket.self), scene.open(ChannelSocket.self))
            let second = try scene.open(ChannelSocket.self)
            try scene.connect(first, to: bound)
            var refusals: Set<String> = []
            bound.onEvent = { if $1.isFailure { refusals.insert($1.reason?.message ?? "") } }
            try second.connect(scene.endpoint(of: bound))
            #expect(try second.send("second") == .accepted)
            try scene.wait("a refusal") { !refusals.isEmpty }
            #expect(refusals == ["a CHANNEL socket has one peer at a time"])
            #expect(try scene.receiveAll(bound).isEmpty)
            first.close()
            #expect(try scene.receive(bound) == "second")
            #expect(try bound.send("welcome") == .accepted)
            #expect(try scene.receive(second) == "welcome")
        }
    }

    @Test("CHN-1: a second connect is an error")
    func secondConnect() throws {
        try withScene { scene in
            let channel = try scene.open(ChannelSocket.self)
            try channel.connect(freeEndpoint())
            let error = #expect(throws: ZMQError.self) { try channel.connect(freeEndpoint()) }
            #expect(error?.code == .wrongState)
        }
    }

    @Test(
        "CHN-3, HWM-03: without a peer or room it would block, accepts nothing, and reports room",
        .nothingMovesByItself
    )
    func wouldBlock() throws {
        try withTimedScene { scene in
            let recorder = Recorder()
            let channel = try scene.open(ChannelSocket.self, { $0.sendHighWaterMark = 2 }, handler: recorder)
            #expect(try channel.send("absent") == .wouldBlock)
            let other = try scene.open(ChannelSocket.self)
            try scene.connect(other, to: channel)
            #expect(recorder.writableCount == 1)
            for number in 0..<2 { #expect(try channel.send("\(number)") == .accepted) }
            #expect(try channel.send("2") == .wouldBlock)
            try scene.wait("room") { recorder.writableCount == 2 }
            #expect(try scene.receiveAll(other) == ["0", "1"])
        }
    }

    @Test("CHN-4: a connecting CHANNEL reconnects, and keeps its queued messages", arguments: [0, 1])
    func reconnects(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let client = try scene.open(ChannelSocket.self)
            var server = try scene.open(ChannelSocket.self)
            let endpoint = try server.bind(freeEndpoint())
            try scene.connect(client, to: server)
            try scene.close(server)
            try scene.wait("the end") { client.peerCount == 0 }
            #expect(try client.send("kept") == .accepted)
            server = try scene.open(ChannelSocket.self)
            try server.bind(endpoint)
            #expect(try scene.receive(server) == "kept")
        }
    }
}
