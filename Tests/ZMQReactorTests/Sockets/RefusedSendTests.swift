import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

@Suite(.hangLimit)
struct RefusedSendTests {
    @Test("a request that would block calls its completion once, with that failure, and not within the call")
    func completion() throws {
        try withVirtualScene { scene in
            let outcomes = Recorder()
            let req = try scene.req()
            let result = try req.request("too early") { outcomes.add($0) }
            #expect(result == .wouldBlock)
            #expect(outcomes.count == 0)
            try scene.run(until: { outcomes.count > 0 })
            scene.settle()
            #expect(outcomes.texts == ["EAGAIN"])
            #expect(!req.isWaiting)
            #expect(req.statistics.sendsRefused == 1)
        }
    }

    @Test("the completion may make the request again, which is accepted as soon as there is an endpoint")
    func again() throws {
        try withVirtualScene { scene in
            let outcomes = Recorder()
            let (req, rep) = (try scene.req(), try scene.rep { _, request, reply in reply.send(request) })
            let endpoint = try rep.bind(scene.anyEndpoint)
            var attempts = 0
            func ask() throws {
                attempts += 1
                if attempts == 3 { try req.connect(endpoint) }
                try req.request("hello") { outcome in
                    if case .failure(let error) = outcome, error.code == .wouldBlock { return try! ask() }
                    outcomes.add(outcome)
                }
            }
            try ask()
            try scene.run(until: { outcomes.count > 0 })
            #expect(outcomes.texts == ["hello"])
            #expect(attempts == 3)
            #expect(req.statistics.sendsRefused == 2)
        }
    }

    @Test("a request that is refused just before its thread ends calls its completion")
    func threadEnd() throws {
        let called = Locked<[ZMQError.Code]>([])
        let context = Context.ofTests()
        let thread = try Reactor.start { reactor in
            let req = try ReqSocket(on: reactor, in: context)
            reactor.stop()
            try req.request("too early") { outcome in
                if case .failure(let error) = outcome { called.withLock { $0.append(error.code) } }
            }
        }
        thread.join()
        #expect(called.withLock(\.self) == [.wouldBlock])
    }

    @Test("a request that throws does not call its completion")
    func throwing() throws {
        try withVirtualScene { scene in
            let outcomes = Recorder()
            let req = try scene.req()
            try scene.close(req)
            #expect(throws: ZMQError.self) { try req.request("too late") { outcomes.add($0) } }
            scene.settle()
            #expect(outcomes.count == 0)
        }
    }

    @Test("each type that would block counts the sends that it has refused")
    func counted() throws {
        try withVirtualScene { scene in
            for type in [SocketType.push, .dealer, .pair, .client, .scatter, .channel] {
                let socket = try scene.track(
                    MatrixType.of(type).make(scene.reactor, scene.context, Scene.options { $0.sendHighWaterMark = 2 })
                )
                let sender = try #require(socket as? any SendingSocket)
                #expect(try sender.send("nobody") == .wouldBlock, "\(type)")
                try socket.connect(scene.freshEndpoint())
                let results = try (0..<5).map { _ in try sender.send("x") }
                #expect(results.count { $0 == .accepted } == 2, "\(type)")
                #expect(socket.statistics.sendsRefused == 4, "\(type)")
                #expect(socket.statistics.messagesDropped == 0, "\(type)")
            }
        }
    }

    @Test("types that address one peer count as well")
    func countedForOne() throws {
        try withVirtualScene { scene in
            let router = try scene.track(
                RouterSocket(on: scene.reactor, in: scene.context, options: Scene.options { $0.sendHighWaterMark = 1 })
            )
            router.isMandatory = true
            try router.connect(scene.freshEndpoint(), as: "peer")
            #expect(try router.send("1", to: "peer") == .accepted)
            #expect(try router.send("2", to: "peer") == .wouldBlock)
            #expect(router.statistics.sendsRefused == 1)

            let peer = try scene.track(
                PeerSocket(on: scene.reactor, in: scene.context, options: Scene.options { $0.sendHighWaterMark = 1 })
            )
            let id = try peer.connectPeer(scene.freshEndpoint())
            #expect(try peer.send("1", to: id) == .accepted)
            #expect(try peer.send("2", to: id) == .wouldBlock)
            #expect(peer.statistics.sendsRefused == 1)
        }
    }

    @Test("a task that waits for room, and what it sends, is not counted")
    func waiting() throws {
        try withVirtualScene { scene in
            let push = try scene.push { $0.sendHighWaterMark = 1 }
            let pull = try scene.pull()
            var sent = 0
            scene.reactor.task { _ in
                for number in 0..<20 {
                    try await push.sendWhenReady("\(number)")
                    sent += 1
                }
            }
            scene.settle()
            #expect(sent == 0)
            try scene.connect(push, to: pull)
            var received: [String] = []
            try scene.run(until: {
                while let message = try pull.tryReceive() { received.append(message.text) }
                return received.count == 20
            })
            #expect(sent == 20)
            #expect(push.statistics.sendsRefused == 0)
        }
    }
}
