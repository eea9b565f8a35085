import Testing
import ZMQReactorTesting

/// What Sources/ZMQReactorTesting/Documentation.docc/Testing.md shows.
@Suite struct TestingPage {
    @Test func greeter() throws {
        try withTestScene { scene in
            let server = try RepSocket(on: scene.reactor, in: scene.context) { _, request, reply in
                reply.send("Hello, \(request.string)")
            }
            try server.bind("memory://greeter")
            let client = try ReqSocket(on: scene.reactor, in: scene.context)
            try client.connect("memory://greeter")
            #expect(try client.send("world") == .accepted)
            try scene.run(until: { try client.tryReceive() == "Hello, world" })
        }
    }

    @Test func time() throws {
        try withTestScene { scene in
            var ticks = 0
            let timer = scene.reactor.every(.seconds(60)) { _ in ticks += 1 }
            scene.run(for: .seconds(24 * 3600))
            print(ticks, "ticks in", scene.elapsed)
            timer.cancel()
            #expect(ticks == 24 * 60)
        }
    }

    @Test func network() throws {
        try withTestScene { scene in
            let pull = try PullSocket(on: scene.reactor, in: scene.context)
            try pull.bind("memory://sink")
            let push = try PushSocket(on: scene.reactor, in: scene.context)
            scene.network.delay = .milliseconds(20)
            try push.connect("memory://sink")
            try scene.run(until: { push.peerCount == 1 })

            let connection = scene.network.connections[0]
            connection.isStalled = true
            scene.run(for: .seconds(10))
            connection.isStalled = false

            connection.reset()
            try scene.run(until: { push.statistics.reconnects == 1 })
        }
    }

    static func directions(of connection: MemoryConnection) {
        connection.forward.isStalled = true
        connection.backward.delay = .seconds(1)
        connection.backward.split = .random(upTo: 100)
    }

    static func attempts(in scene: TestScene) {
        scene.network.onConnect = { attempt in attempt.endpoint == "memory://primary" ? .none : .accepted }
    }

    @Test func rawPeer() throws {
        try withTestScene { scene in
            let server = try PullSocket(on: scene.reactor, in: scene.context)
            try server.bind("memory://server")
            let peer = try scene.rawPeer(to: "memory://server")
            peer.send(Wire.greeting() + Wire.ready("PUSH"))
            peer.send(Array(Wire.message("half a mess").dropLast(4)))
            scene.run(for: .seconds(60))
            peer.hangUp()
            #expect(try server.tryReceive() == nil)
        }
    }
}
