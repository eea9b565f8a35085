import EventReactor
import TestSupport
import Testing

@testable import ZMQReactor

/// Threads that share nothing, and threads that share a context.
@Suite(.timeLimit(.minutes(5)))
struct DetachedThreadTests {
    /// A thread with a context of its own that answers each request with itself and a mark.
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

    @Test("THR-05: threads with contexts of their own talk over tcp and ipc", arguments: Road.wire)
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

    @Test("THR-05, TRN-12: threads with contexts of their own do not meet at an inproc name")
    func ownNames() throws {
        let (thread, endpoint) = try server(at: Unique.inprocEndpoint())
        try withScene { scene in
            let requester = try scene.track(ReqSocket(on: scene.reactor, in: scene.context))
            try requester.connect(endpoint)
            scene.settle()
            #expect(requester.peerCount == 0)
        }
        closeAll(of: thread)
    }

    @Test("PAI-07: a signal from a DEALER comes to a ROUTER in an envelope that says who gave it")
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

    /// Ends a thread, its sockets first.
    private func closeAll(of thread: ReactorThread) {
        thread.handle.submitAndWait { reactor in
            for socket in LoopResources.of(reactor).allSockets { socket.close() }
        }
        thread.handle.submitAndWait { _ in }
        thread.stop()
        thread.join()
    }
}
