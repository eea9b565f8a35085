import Testing
import ZMQReactorTesting

@Suite(.timeLimit(.minutes(5)))
struct TestSceneTests {
    @Test("a request and its reply, over memory")
    func requestReply() throws {
        try withTestScene { scene in
            let server = try RepSocket(on: scene.reactor, in: scene.context) { _, request, reply in
                reply.send(request)
            }
            try server.bind("memory://echo")
            let client = try ReqSocket(on: scene.reactor, in: scene.context)
            try client.connect("memory://echo")
            #expect(try client.send("hello") == .accepted)
            try scene.run(until: { try client.tryReceive() == "hello" })
        }
    }

    @Test("an hour of ticks takes no time, and each comes when it is due")
    func hour() throws {
        try withTestScene { scene in
            var ticks: [Duration] = []
            let timer = scene.reactor.every(.seconds(60)) { _ in ticks.append(scene.elapsed) }
            scene.run(for: .seconds(3600))
            #expect(ticks == (1...60).map { .seconds(60 * $0) })
            #expect(scene.elapsed == .seconds(3600))
            timer.cancel()
        }
    }

    @Test("a reactor that runs by itself passes time, too")
    func run() throws {
        try withTestScene { scene in
            scene.reactor.after(.seconds(5)) { _ in scene.reactor.stop() }
            scene.reactor.idleStrategy = .busyPoll(.seconds(1))
            scene.reactor.run()
            #expect(scene.elapsed == .seconds(5))
        }
    }

    @Test("sleeping tasks wake up in virtual time")
    func tasks() throws {
        try withTestScene { scene in
            var woken: Duration?
            scene.reactor.task { reactor in
                try? await reactor.sleep(for: .seconds(30))
                woken = scene.elapsed
            }
            try scene.run(until: { woken != nil })
            #expect(woken == .seconds(30))
        }
    }

    @Test("several reactors share the time: none is late")
    func reactors() throws {
        try withTestScene { scene in
            let other = try scene.makeReactor()
            var order: [String] = []
            scene.reactor.after(.seconds(2)) { _ in order.append("2 \(scene.elapsed)") }
            other.after(.seconds(1)) { _ in
                order.append("1 \(scene.elapsed)")
                scene.reactor.handle.submit { _ in }
                other.after(.seconds(2)) { _ in order.append("3 \(scene.elapsed)") }
            }
            // One of them runs, and the time is that of both.
            scene.reactor.after(.seconds(4)) { _ in scene.reactor.stop() }
            scene.reactor.run()
            #expect(order == ["1 1.0 seconds", "2 2.0 seconds", "3 3.0 seconds"])
            let push = try PushSocket(on: other, in: scene.context)
            let pull = try PullSocket(on: scene.reactor, in: scene.context)
            try pull.bind("memory://between")
            try push.connect("memory://between")
            #expect(try push.send("hello") == .accepted)
            try scene.run(until: { try pull.tryReceive() == "hello" })
        }
    }

    @Test("a condition that cannot come true fails, and says why")
    func failing() throws {
        try withTestScene { scene in
            #expect(throws: TestFailure.self) { try scene.run(until: { false }) }
            let timer = scene.reactor.every(.seconds(1)) { _ in }
            do {
                try scene.run(until: { false }, "the impossible", within: .seconds(5))
                Issue.record("it came true")
            } catch let failure as TestFailure {
                #expect("\(failure)" == "waited 5.0 seconds of virtual time for the impossible in vain")
            }
            #expect(scene.elapsed <= .seconds(5))
            timer.cancel()
        }
    }

    /// What a scene leaves, in words; empty for nothing.
    private func left(_ body: (TestScene) throws -> Void) throws -> String {
        do {
            try withTestScene { try body($0) }
            return ""
        } catch let failure as TestFailure {
            return "\(failure)"
        }
    }

    @Test("what is left behind is a failure: a timer, a watcher, a socket, a connection")
    func leaks() throws {
        #expect(try left { $0.reactor.every(.seconds(1)) { _ in } } == "the scene leaves 1 timer")
        #expect(try left { $0.reactor.onIdle { _ in } } == "the scene leaves 1 watcher")
        var kept: [PullSocket] = []
        let text = try left { kept.append(try PullSocket(on: $0.reactor, in: $0.context)) }
        #expect(text == "the scene leaves a PULL socket that something refers to after it was closed")
        #expect(try left { _ in } == "")
        var peers: [RawPeer] = []
        let connection = try left { scene in
            let pull = try PullSocket(on: scene.reactor, in: scene.context)
            try pull.bind("memory://raw")
            peers.append(try scene.rawPeer(to: "memory://raw"))
        }
        #expect(connection == "the scene leaves a connection to memory://raw")
    }

    @Test("a closed scene lets go of its reactors, and so of their descriptors", arguments: [false, true])
    func release(fails: Bool) throws {
        weak var first: Reactor?
        weak var second: Reactor?
        try? withTestScene { scene in
            let other = try scene.makeReactor()
            (first, second) = (scene.reactor, other)
            let pull = try PullSocket(on: scene.reactor, in: scene.context)
            try pull.bind("memory://released")
            let push = try PushSocket(on: other, in: scene.context)
            try push.connect("memory://released")
            _ = try push.send("x")
            try scene.run(until: { try pull.tryReceive() == "x" })
            if fails { throw TestFailure("the test has failed") }
        }
        #expect(first == nil && second == nil)
    }

    @Test("memory is returned: a received message that is kept is a failure, and a copy of it is none")
    func memory() throws {
        var kept: [Message] = []
        func receive(_ scene: TestScene, _ count: Int, _ keep: @escaping (Message) -> Void) throws {
            let pull = try PullSocket(on: scene.reactor, in: scene.context) { keep($1) }
            try pull.bind("memory://kept")
            let push = try PushSocket(on: scene.makeReactor(), in: scene.context)
            try push.connect("memory://kept")
            for number in 0..<count {
                #expect(try push.send([UInt8](repeating: UInt8(number), count: 30_000)) == .accepted)
            }
            try scene.run(until: { pull.statistics.messagesReceived == count })
        }
        #expect(try left { try receive($0, 20) { _ in } } == "")
        #expect(try left { try receive($0, 20) { kept.append($0.copy()) } } == "")
        #expect(kept.count == 20)
        kept = []
        let text = try left { try receive($0, 1) { kept.append($0) } }
        #expect(text == "the scene leaves 1 buffer that messages refer to")
    }

    @Test("a scene and its reactors are released, closed or not", arguments: [true, false])
    func released(closes: Bool) throws {
        weak var reactor: Reactor?
        weak var other: Reactor?
        func use(_ scene: TestScene) throws { (reactor, other) = (scene.reactor, try scene.makeReactor()) }
        if closes { try withTestScene(use) } else { try use(TestScene()) }
        #expect(reactor == nil)
        #expect(other == nil)
    }

    @Test("names are those of a scene; elsewhere there are none")
    func names() throws {
        try withTestScene { one in
            try withTestScene { other in
                for scene in [one, other] {
                    let pull = try PullSocket(on: scene.reactor, in: scene.context)
                    #expect(try pull.bind("memory://same") == "memory://same")
                    #expect(#expect(throws: ZMQError.self) { try pull.bind("memory://same") }?.code == .addressInUse)
                }
            }
        }
        let reactor = try Reactor()
        let pull = try PullSocket(on: reactor, in: Context())
        do {
            try pull.bind("memory://nowhere")
            Issue.record("it is bound")
        } catch {
            #expect(error.code == .protocolNotSupported)
            #expect("\(error)".contains("TestScene"))
        }
        do {
            try pull.connect("memory://nowhere")
            Issue.record("it connects")
        } catch {
            #expect(error.code == .protocolNotSupported)
        }
        pull.close()
        reactor.run(.once)
    }

    @Test("a scene that is over leaves nothing in memory, and no descriptor")
    func release() throws {
        weak var reactor: Reactor?
        weak var other: Reactor?
        weak var network: MemoryNetwork?
        try withTestScene { scene in
            let second = try scene.makeReactor()
            (reactor, other, network) = (scene.reactor, second, scene.network)
            let server = try PullSocket(on: scene.reactor, in: scene.context) { _, _ in }
            try server.bind("memory://release")
            let client = try PushSocket(on: second, in: scene.context)
            try client.connect("memory://release")
            try scene.run(until: { client.peerCount == 1 })
        }
        #expect(reactor == nil)
        #expect(other == nil)
        #expect(network == nil)
    }
}
