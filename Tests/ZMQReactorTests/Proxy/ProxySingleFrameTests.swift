import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Proxies with the types whose messages have one frame.
@Suite(.hangLimit)
struct ProxySingleFrameTests {
    @Test(
        "PRX-20, TS-1: GATHER and SCATTER make a streamer; of PULL and SCATTER, messages of several frames are dropped"
    )
    func streamer() throws {
        for isPull in [false, true] {
            try withScene { scene in
                let source: Socket = isPull ? try scene.pull() : try scene.open(GatherSocket.self)
                let sink = try scene.open(ScatterSocket.self)
                try Proxy(frontend: source, backend: sink)
                let gather = try scene.open(GatherSocket.self)
                try scene.connect(gather, to: sink)
                let sender: any SendingSocket & Socket = isPull ? try scene.push() : try scene.open(ScatterSocket.self)
                try scene.connect(sender, to: source)
                for number in 0..<100 {
                    if isPull, number % 10 == 9 {
                        #expect(try sender.send(["two", "frames"]) == .accepted)
                    } else {
                        #expect(try sender.send("\(number)") == .accepted)
                    }
                }
                let expected = (0..<100).filter { !isPull || $0 % 10 != 9 }.map { "\($0)" }
                #expect(try scene.receive(expected.count, gather) == expected)
                try scene.wait("all") { sink.statistics.dropped[.malformed] == 100 - expected.count }
            }
        }
    }

    @Test("PRX-23: a sink without room holds the source back, and what has several frames is dropped in its place")
    func pressure() throws {
        try withTimedScene { scene in
            let source = try scene.pull { $0.receiveHighWaterMark = 4 }
            let sink = try scene.open(ScatterSocket.self) { $0.sendHighWaterMark = 2 }
            try Proxy(frontend: source, backend: sink)
            let push = try scene.push()
            try scene.connect(push, to: source)
            for number in 0..<20 {
                #expect(try push.send(["\(number)", "rest"]) == .accepted)
                #expect(try push.send("\(number)") == .accepted)
            }
            scene.settle()
            #expect(source.messagesWaiting <= 5 && sink.statistics.dropped[.malformed] < 4)
            let gather = try scene.open(GatherSocket.self)
            try scene.connect(gather, to: sink)
            #expect(try scene.receive(20, gather) == (0..<20).map { "\($0)" })
            try scene.wait("all") { sink.statistics.dropped[.malformed] == 20 }
        }
    }

    @Test("PRX-23: a large message waits whole for room at a sink, whatever its type", arguments: [Road.inproc, .tcp])
    func largeUnderPressure(road: Road) throws {
        try withScene { scene in
            let sinks: [(Socket, Socket)] = [
                (try scene.open(ScatterSocket.self), try scene.open(GatherSocket.self)),
                (try scene.open(ChannelSocket.self), try scene.open(ChannelSocket.self)),
                (try scene.open(ClientSocket.self), try scene.open(ServerSocket.self)),
                (try scene.push(), try scene.pull()), (try scene.dealer(), try scene.dealer()),
                (try scene.pair(), try scene.pair()),
            ]
            for (sink, receiver) in sinks {
                let source = try scene.pull()
                try Proxy(frontend: source, backend: sink)
                let push = try scene.push()
                try source.bind(road.endpoint)
                try scene.connect(push, to: source)
                let bodies = (0..<3).map { Pattern.bytes(100_000 + $0) }
                // By reference: such a message is a batch of its own.
                for body in bodies { #expect(try push.send(Message(frames: [Frame(body)])) == .accepted) }
                scene.settle()
                try receiver.bind(road.endpoint)
                try scene.connect(sink, to: receiver)
                for body in bodies {
                    #expect(try Array(scene.receive(receiver as! any ReceivingSocket).last) == body, "\(sink.type)")
                }
            }
        }
    }

    @Test("RAD-1, DSH-3: DISH and RADIO forward groups; what was left meanwhile is not forwarded")
    func groups() throws {
        try withTimedScene { scene in
            let (dish, radio) = try (scene.dish(in: "a", "b"), scene.open(RadioSocket.self))
            let proxy = try Proxy(frontend: dish, backend: radio)
            let peer = try scene.rawPeer("RADIO", of: dish)
            let member = try scene.dish(in: "a", "c")
            try scene.connect(member, to: radio)
            try scene.wait(for: 1, membersOf: radio, in: "c")
            for group in ["a", "b", "c", "a"] { peer.send(Wire.message(group, "x")) }
            peer.send(Wire.message("alone"))
            #expect(try scene.receive(2, member) == ["a|x", "a|x"])
            try scene.wait("all") { dish.statistics.dropped[.notSubscribed] == 2 }
            #expect(proxy.statistics.frontend.messagesReceived == 3)
        }
    }

    @Test("a SERVER and a DEALER: each CLIENT gets its own replies")
    func server() throws {
        try withScene { scene in
            let (server, dealer) = try (scene.open(ServerSocket.self), scene.dealer())
            try Proxy(frontend: server, backend: dealer)
            let worker = try scene.router()
            try scene.connect(worker, to: dealer)
            let clients = try (0..<3).map { _ in try scene.open(ClientSocket.self) }
            for (number, client) in clients.enumerated() {
                try scene.connect(client, to: server)
                #expect(try client.send("\(number)") == .accepted)
            }
            for _ in clients {
                let request = try scene.receive(worker)
                // The DEALER's routing id, the client's and the body.
                #expect(request.count == 3)
                #expect(try worker.send([request[0], request[1], "\(request[2].string)!"] as Message) == .accepted)
            }
            for (number, client) in clients.enumerated() { #expect(try scene.receive(client) == "\(number)!") }
        }
    }

    @Test("types that put a frame in front, and those that take one frame, cannot be combined")
    func refusals() throws {
        try withScene { scene in
            let sources: [Socket] = [
                try scene.open(ServerSocket.self), try scene.open(PeerSocket.self), try scene.dish(),
                try scene.router(), try scene.stream(),
            ]
            for source in sources {
                let error = #expect(throws: ZMQError.self) {
                    try Proxy(frontend: source, backend: scene.open(ScatterSocket.self))
                }
                #expect(error?.code == .invalidArgument && source.consumer == nil)
            }
            let error = #expect(throws: ZMQError.self) {
                try Proxy(frontend: scene.pull(), backend: scene.push(), capture: scene.open(ScatterSocket.self))
            }
            #expect(error?.option == "capture")
        }
    }
}
