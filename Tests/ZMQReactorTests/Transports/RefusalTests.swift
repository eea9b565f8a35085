import EventReactor
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// A rejected peer keeps its queued messages, on every transport.
@Suite(.hangLimit)
struct RefusalTests {
    private static let roads: [Road] = [.tcp, .ipc, .inproc]

    private func withScenes(_ body: (Scene) throws -> Void) throws {
        for ioThreads in [0, 1] { try withScene(in: Context(ioThreads: ioThreads), body) }
    }

    private func dealer(_ scene: Scene, _ endpoint: String, _ text: String, immediate: Bool = false) throws
        -> DealerSocket
    {
        let dealer = try scene.dealer { $0.isImmediate = immediate }
        try dealer.setRoutingID("name")
        try dealer.connect(endpoint)
        if !immediate { #expect(try dealer.send(text) == .accepted) }
        return dealer
    }

    /// The texts after the sender's name.
    private func texts(_ router: RouterSocket, _ scene: Scene, _ count: Int) throws -> [String] {
        try (0..<count).map { _ in try scene.receive(router)[1].string }
    }

    @Test("RTR-6: a DEALER with another's id loses nothing, and is accepted when that has left", arguments: roads)
    func sameName(road: Road) throws {
        try withScenes { scene in
            let router = try scene.router()
            let endpoint = try router.bind(road.endpoint)
            let first = try dealer(scene, endpoint, "first")
            #expect(try texts(router, scene, 1) == ["first"])
            let second = try dealer(scene, endpoint, "second")
            var failures = 0
            second.onEvent = { if $1.isFailure { failures += 1 } }
            try scene.wait("refusals") { failures >= 2 }
            #expect(second.statistics.messagesSent == 0 && second.messagesQueued == 1)
            #expect(router.peerCount == 1 && router.messagesWaiting == 0)
            try scene.close(first)
            #expect(try texts(router, scene, 1) == ["second"])
            try scene.wait("the count") { second.statistics.messagesSent == 1 }
            #expect(second.statistics.messagesDropped == 0)
        }
    }

    @Test("the pauses of a connector grow while its own side rejects the peer")
    func growingPauses() throws {
        try withScenes { scene in
            let (router, first, second) = (try scene.router(), try scene.dealer(), try scene.dealer())
            for dealer in [first, second] { try dealer.setRoutingID("name") }
            var pauses: [Duration] = []
            var failures = 0
            router.onEvent = { _, event in
                if case .connectDelayed(_, let pause, _) = event { pauses.append(pause) }
                if event.isFailure { failures += 1 }
            }
            try router.connect(first.bind(anyPort))
            try scene.wait("the first peer") { router.peerCount == 1 }
            try router.connect(second.bind(anyPort))
            try scene.wait("rejections") { pauses.count >= 6 }
            // Of 5 ms at first, up to 40 ms.
            #expect(failures >= 5 && pauses[5] >= .milliseconds(20))
            #expect(router.statistics.reconnects == 0)
        }
    }

    @Test("RTR-6: one that is closed meanwhile keeps trying for its linger", arguments: roads)
    func closing(road: Road) throws {
        try withScenes { scene in
            let router = try scene.router()
            let endpoint = try router.bind(road.endpoint)
            let first = try dealer(scene, endpoint, "first")
            #expect(try texts(router, scene, 1) == ["first"])
            first.close()
            var report: CloseReport?
            try dealer(scene, endpoint, "second").close { report = $0 }
            #expect(try texts(router, scene, 1) == ["second"])
            try scene.wait("the end") { report != nil }
            #expect(report?.unsentMessages == 0)
        }
    }

    @Test(
        "RTR-6: messages that could not be sent within the linger are reported and counted",
        arguments: [false, true],
        [0, 1]
    )
    func reported(isLocal: Bool, ioThreads: Int) throws {
        try withTimedScene(ioThreads: ioThreads) { scene in
            let router = try scene.router()
            let endpoint = try router.bind(isLocal ? Unique.inprocEndpoint() : scene.anyEndpoint)
            let first = try dealer(scene, endpoint, "first")
            #expect(try texts(router, scene, 1) == ["first"])
            let second = try dealer(scene, endpoint, "second")
            try second.configure { $0.linger = .atMost(.milliseconds(50)) }
            #expect(try scene.close(second).unsentMessages == 1)
            #expect(second.statistics.dropped[.lingerExpired] == 1 && second.statistics.messagesSent == 0)
            let third = try dealer(scene, endpoint, "third")
            var report: CloseReport?
            try third.disconnect(endpoint) { report = $0 }
            scene.settle()
            #expect(report == nil)
            #expect(try third.send("more") == .wouldBlock)
            try scene.close(first)
            #expect(try texts(router, scene, 1) == ["third"])
            try scene.wait("the report") { report != nil }
            #expect(report?.unsentMessages == 0)
        }
    }

    @Test(
        "Q-1: over inproc, messages passed to a peer that does not answer within the linger come back and are counted",
        arguments: [false, true]
    )
    func unanswered(disconnects: Bool) throws {
        try withVirtualScene { scene in
            // Its reactor does not run meanwhile.
            let far = try Reactor()
            defer { far.closeSockets() }
            let router = try RouterSocket(on: far, in: scene.context)
            let endpoint = try router.bind(Unique.inprocEndpoint())
            let dealer = try scene.dealer { $0.linger = .atMost(.milliseconds(20)) }
            try dealer.connect(endpoint)
            #expect(try dealer.send("x") == .accepted)
            scene.settle(.milliseconds(5))
            #expect(dealer.messagesQueued == 1)
            var report: CloseReport?
            if disconnects { try dealer.disconnect(endpoint) { report = $0 } } else { dealer.close { report = $0 } }
            try scene.wait("the end") { report != nil }
            #expect(report?.unsentMessages == 1)
            #expect(dealer.statistics.dropped[.lingerExpired] == 1 && dealer.statistics.messagesSent == 0)
            for _ in 0..<10 { far.run(.nowait) }
            #expect(try router.tryReceive() == nil)
        }
    }

    @Test("RTR-6: an immediate socket has no queue until it is accepted", arguments: roads)
    func immediate(road: Road) throws {
        try withScenes { scene in
            let router = try scene.router()
            let endpoint = try router.bind(road.endpoint)
            let first = try dealer(scene, endpoint, "first")
            #expect(try texts(router, scene, 1) == ["first"])
            let second = try dealer(scene, endpoint, "", immediate: true)
            var failures = 0
            second.onEvent = { if $1.isFailure { failures += 1 } }
            try scene.wait("refusals") { failures >= 2 }
            #expect(try second.send("second") == .wouldBlock)
            try scene.close(first)
            try scene.wait("room") { try second.send("second") == .accepted }
            #expect(try texts(router, scene, 1) == ["second"])
        }
    }

    @Test("PAR-1: a second PAIR loses nothing, and is accepted when the first has left", arguments: roads)
    func secondPair(road: Road) throws {
        try withScenes { scene in
            let server = try scene.pair()
            let endpoint = try server.bind(road.endpoint)
            let (first, second) = (try scene.pair(), try scene.pair())
            try first.connect(endpoint)
            #expect(try first.send("first") == .accepted)
            #expect(try scene.receive(server).text == "first")
            try second.connect(endpoint)
            #expect(try second.send("second") == .accepted)
            scene.settle()
            #expect(second.statistics.messagesSent == 0 && second.messagesQueued == 1)
            try scene.close(first)
            #expect(try scene.receive(server).text == "second")
        }
    }

    @Test("PAR-1: of two PAIRs that connect in one turn, neither loses anything", arguments: roads)
    func twoPairs(road: Road) throws {
        try withScenes { scene in
            let server = try scene.pair()
            let endpoint = try server.bind(road.endpoint)
            let pairs = [try scene.pair(), try scene.pair()]
            for (number, pair) in pairs.enumerated() {
                try pair.connect(endpoint)
                #expect(try pair.send("\(number)") == .accepted)
            }
            let one = try scene.receive(server).text
            try scene.close(pairs[Int(one)!])
            #expect(try scene.receive(server).text == (one == "0" ? "1" : "0"))
        }
    }

    @Test("N-4: a rejected peer gets no READY, so that it sends no messages", arguments: [0, 1])
    func noReady(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let router = try scene.router()
            let first = try scene.rawPeer("DEALER", of: router, identity: bytes("name"))
            let second = try RawPeer(scene.endpoint(of: router))
            second.send(Wire.greeting() + Wire.ready("DEALER", identity: bytes("name")) + Wire.message("x"))
            // The greeting only.
            #expect(try second.receiveAll(scene).count <= 64)
            #expect(router.messagesWaiting == 0 && router.statistics.messagesReceived == 0)
            first.poll()
            #expect(!first.isClosed)
        }
    }

    @Test("RTR-6: a peer accepted after its messages have arrived keeps them", arguments: [0, 1])
    func messagesBehindReady(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let router = try scene.router()
            let peer = try RawPeer(scene.endpoint(of: router))
            peer.send(Wire.greeting() + Wire.ready("DEALER", identity: bytes("name")) + Wire.message("x"))
            #expect(try scene.receive(router).text == "name|x")
            #expect(try router.send("y", to: "name") == .accepted)
            try scene.wait("the answer") { peer.hasReceived(Wire.message("y")) }
        }
    }

    @Test("N-7: a peer of an incompatible type is rejected over inproc, and its queue is counted")
    func otherType() throws {
        try withScene { scene in
            let pull = try scene.pull()
            let dealer = try scene.dealer()
            var events: [String] = []
            dealer.onEvent = { events.append($1.name) }
            let endpoint = Unique.inprocEndpoint()
            try dealer.connect(endpoint)
            #expect(try dealer.send("x") == .accepted)
            try pull.bind(endpoint)
            try scene.wait("the end") { events.contains("closed") }
            #expect(events == ["handshake-failed", "closed"])
            #expect(dealer.statistics.messagesSent == 0 && dealer.statistics.dropped[.peerGone] == 1)
            #expect(pull.statistics.messagesReceived == 0)
        }
    }

    @Test("Q-1: over inproc, messages not taken by a closing peer come back")
    func untaken() throws {
        try withScene { scene in
            let endpoint = Unique.inprocEndpoint()
            let first = try scene.pull()
            try first.bind(endpoint)
            let push = try scene.push()
            try push.connect(endpoint)
            for number in 0..<10 { #expect(try push.send("\(number)") == .accepted) }
            // It is closed before it can receive anything.
            first.close()
            try scene.wait("the end") { first.isClosed && push.peerCount == 0 }
            #expect(push.statistics.messagesSent == 0 && push.messagesQueued == 10)
            let second = try scene.pull()
            try second.bind(endpoint)
            #expect(try scene.receive(10, second) == (0..<10).map { "\($0)" })
            #expect(push.statistics.messagesSent == 10)
        }
    }

    @Test("RTR-6: a connecting ROUTER rejects a known id before either side sends", arguments: [0, 1])
    func connectingRouter(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let router = try scene.router()
            let (first, second) = (try scene.dealer(), try scene.dealer())
            for dealer in [first, second] { try dealer.setRoutingID("name") }
            try router.connect(first.bind(Unique.inprocEndpoint()))
            try scene.wait("the first") { router.peer("name") != nil }
            var failures = 0
            router.onEvent = { if $1.isFailure { failures += 1 } }
            try router.connect(second.bind(Unique.inprocEndpoint()))
            try scene.wait("refusals") { failures >= 2 }
            #expect(second.statistics.messagesSent == 0)
            #expect(try router.send("x", to: "name") == .accepted)
            #expect(try scene.receive(first).text == "x")
            // The id moves to where its owner is found, with its queued messages.
            try scene.close(first)
            #expect(try router.send("y", to: "name") == .accepted)
            #expect(try router.send("z", to: "name") == .accepted)
            #expect(try scene.receive(2, second) == ["y", "z"])
            #expect(router.statistics.messagesDropped == 0)
        }
    }
}
