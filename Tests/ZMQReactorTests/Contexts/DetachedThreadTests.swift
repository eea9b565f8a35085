import EventReactor
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Threads that share nothing, and threads that share a context.
@Suite(.hangLimit)
struct DetachedThreadTests {
    /// A thread with its own context that echoes each request with a mark.
    private func server(at endpoint: String) throws -> (thread: ReactorThread, endpoint: String) {
        let bound = Locked("")
        let thread = try Reactor.start(named: "server") { reactor in
            let responder = try RepSocket(on: reactor, in: .ofTests()) { _, request, reply in
                reply.send("\(request.string)!")
            }
            let endpoint = try responder.bind(endpoint)
            bound.withLock { $0 = endpoint }
        }
        return (thread, bound.withLock { $0 })
    }

    @Test("THR-05: threads with separate contexts connect over tcp and ipc", arguments: Road.wire)
    func ownContexts(road: Road) throws {
        let (thread, endpoint) = try server(at: road.endpoint)
        try withScene { scene in
            let requester = try scene.track(ReqSocket(on: scene.reactor, in: scene.context))
            try requester.connect(endpoint)
            var answers: [String] = []
            for number in 0..<5 {
                _ = try requester.request("\(number)") { answers.append((try? $0.get().string) ?? "\($0)") }
                try scene.run(until: { answers.count == number + 1 })
            }
            #expect(answers == ["0!", "1!", "2!", "3!", "4!"])
        }
        closeAll(of: thread)
    }

    @Test("THR-05, TRN-12: threads with separate contexts do not share inproc names")
    func ownNames() throws {
        let (thread, endpoint) = try server(at: Unique.inprocEndpoint())
        try withTimedScene { scene in
            let requester = try scene.track(ReqSocket(on: scene.reactor, in: scene.context))
            try requester.connect(endpoint)
            scene.settle()
            #expect(requester.peerCount == 0)
        }
        closeAll(of: thread)
    }

    @Test("PAI-07: a signal from a DEALER reaches a ROUTER in an envelope with the sender's id")
    func signalInAnEnvelope() throws {
        try withScene { scene in
            var signals: [[String]] = []
            let router = try scene.track(
                RouterSocket(on: scene.reactor, in: scene.context) { _, message in signals.append(message.map(\.string))
                }
            )
            let endpoint = try router.bind(Unique.inprocEndpoint())
            let context = scene.context
            let threads = try ["one", "two"].map { name in
                try Reactor.start(named: name) { reactor in
                    let dealer = try DealerSocket(on: reactor, in: context)
                    try dealer.setRoutingID(name)
                    try dealer.connect(endpoint)
                    #expect(try dealer.send("ready") == .accepted)
                }
            }
            try scene.run(until: { signals.count == 2 })
            #expect(Set(signals) == [["one", "ready"], ["two", "ready"]])
            for thread in threads { closeAll(of: thread) }
        }
    }

    @Test("a thread that ends, or whose setup fails, closes everything open on it")
    func nothingStays() async {
        await #expect(processExitsWith: .success) {
            struct Refusal: Error {}
            let closed = try freeEndpoint()
            let before = ProcessResources.socketAndLoopCount()
            let context = Context.ofTests()
            @Sendable func setUp(_ reactor: Reactor) throws {
                let pull = try PullSocket(on: reactor, in: context)
                let push = try PushSocket(on: reactor, in: context)
                let closing = try PushSocket(on: reactor, in: context)
                for endpoint in [anyPort, Unique.abstractEndpoint(), Unique.inprocEndpoint()] {
                    try push.connect(pull.bind(endpoint))
                    try closing.connect(closed)
                    for socket in [push, closing] { _ = try socket.send("stays") }
                }
                closing.close()
                reactor.task { _ in _ = try await pull.receive() }
            }
            let hasRun = Locked(false)
            let thread = try Reactor.start { reactor in
                try setUp(reactor)
                reactor.after(.milliseconds(20)) { _ in hasRun.withLock { $0 = true } }
            }
            try waitUntil { hasRun.withLock { $0 } }
            thread.stop()
            thread.join()
            #expect(throws: Refusal.self) {
                try Reactor.start { reactor in
                    try setUp(reactor)
                    throw Refusal()
                }
            }
            let isOver = Locked(false)
            context.terminate { _ in isOver.withLock { $0 = true } }
            try waitUntil("the context to be over") { isOver.withLock { $0 } }
            try waitUntil("descriptors to be back") { ProcessResources.socketAndLoopCount() == before }
        }
    }

    /// Ends a thread, its sockets first.
    private func closeAll(of thread: ReactorThread) {
        thread.handle.submitAndWait { reactor in
            for member in ContextMembers.of(reactor).all { member.close { _ in } }
        }
        thread.handle.submitAndWait { _ in }
        thread.stop()
        thread.join()
    }
}
