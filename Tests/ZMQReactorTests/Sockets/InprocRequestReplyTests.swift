import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// REQ, REP, DEALER and ROUTER within one program.
@Suite(.hangLimit)
struct InprocRequestReplyTests {
    private func endpoint(_ socket: Socket) throws -> String {
        try socket.lastEndpoint ?? socket.bind(Unique.inprocEndpoint())
    }

    @Test("REQ-2, REP-8, CMB-02: REQ and REP in lockstep, either side binding", arguments: [true, false])
    func lockStep(repBinds: Bool) throws {
        try withScene { scene in
            let (req, rep) = try (scene.req(), scene.answering())
            if repBinds { try req.connect(endpoint(rep)) } else { try rep.connect(endpoint(req)) }
            try scene.wait("both") { req.peerCount == 1 && rep.peerCount == 1 }
            for number in 0..<100 { #expect(try scene.ask(req, "\(number)") == "re:\(number)") }
        }
    }

    @Test("REQ-8: late replies are not taken for another request's", arguments: [true, false])
    func lateReply(correlates: Bool) throws {
        try withScene { scene in
            let (req, outcomes) = try (scene.req(), Recorder())
            req.correlatesReplies = correlates
            var held: [Reply] = []
            try req.connect(endpoint(scene.rep { held.append($2) }))
            for round in 1...3 {
                try req.request("lost", timeout: .milliseconds(20), outcomes)
                try scene.wait("the timeout") { held.count == 1 && outcomes.count == 2 * round - 1 }
                try req.request("asked", timeout: .seconds(5), outcomes)
                held.removeFirst().send("late")
                try scene.wait("the next request") { held.count == 1 }
                held.removeFirst().send("answer")
                try scene.wait("the reply") { outcomes.count == 2 * round }
                #expect(outcomes.texts.suffix(2) == ["ETIMEDOUT", "answer"])
            }
        }
    }

    @Test("REQ-8: nor are those that were queued when the request was cancelled")
    func cancelledReply() throws {
        try withScene { scene in
            let req = try scene.req { $0.receiveHighWaterMark = 2 }
            try req.connect(endpoint(scene.answering()))
            for round in 1...5 {
                #expect(try req.send("one") == .accepted)
                try scene.wait("the reply") { req.statistics.messagesReceived == 2 * round - 1 }
                req.cancelRequest()
                #expect(try scene.ask(req, "two") == "re:two")
            }
        }
    }

    @Test("RTR-6, RTR-7, RTR-9, CMB-05: ids, own and generated, and messages of every size")
    func names() throws {
        try withScene { scene in
            let router = try scene.router { _ = try? $0.send($1) }
            let (named, other) = try (scene.dealer(), scene.dealer())
            try named.setRoutingID("named")
            for dealer in [named, other] { try dealer.connect(endpoint(router)) }
            let messages: [Message] = [
                "", ["", "x"], Message(Pattern.bytes(9000)),
                [Frame(Pattern.bytes(100_000)), "", Frame(Pattern.bytes(9000))],
            ]
            for dealer in [named, other] {
                for message in messages { #expect(try dealer.send(message) == .accepted) }
                for message in messages { #expect(try scene.receive(dealer).hasSameBytes(as: message)) }
            }
            #expect(router.peer("named")?.socketType == .dealer)
        }
    }

    @Test("RTR-6, RTR-7: a second peer with the same id waits; with handover it replaces the first")
    func duplicate() throws {
        try withTimedScene { scene in
            let recorder = Recorder()
            let router = try scene.router(handler: recorder)
            let dealers = try (0..<3).map { _ in try scene.dealer() }
            for dealer in dealers { try dealer.setRoutingID("d") }
            try dealers[0].connect(endpoint(router))
            try scene.wait("the first") { recorder.connected.count == 1 }
            try dealers[1].connect(endpoint(router))
            #expect(try dealers[1].send("second") == .accepted)
            scene.settle()
            #expect(recorder.connected.count == 1 && recorder.texts == [])
            try scene.close(dealers[0])
            try scene.wait("the second") { recorder.texts == ["d|second"] || recorder.connected.count == 2 }
            router.allowsHandover = true
            try dealers[2].connect(endpoint(router))
            try scene.wait("the third") { recorder.connected.count >= 3 }
            #expect(recorder.disconnected.count >= 2)
        }
    }

    @Test("RTR-5, RTR-12, RTR-13, HWM-06: each peer has its own limit")
    func highWaterMark() throws {
        try withTimedScene { scene in
            let router = try scene.router { $0.sendHighWaterMark = 5 }
            let (slow, fast) = try (scene.dealer { $0.receiveHighWaterMark = 5 }, scene.dealer())
            try slow.setRoutingID("slow")
            try fast.setRoutingID("fast")
            for dealer in [slow, fast] { try dealer.connect(endpoint(router)) }
            try scene.wait("both") { router.peerCount == 2 }
            for number in 0..<30 {
                for name in ["slow", "fast"] { _ = try router.send("\(number)", to: Frame(name)) }
                scene.settle(.milliseconds(1))
                if number % 5 == 4 { #expect(try scene.receiveAll(fast).count == 5) }
            }
            #expect(router.statistics.messagesDropped == 20)
            #expect(try scene.receiveAll(slow) == (0..<10).map(String.init))
            router.isMandatory = true
            #expect(#expect(throws: ZMQError.self) { try router.send("x", to: "absent") }?.code == .hostUnreachable)
        }
    }

    @Test("RTR-3, Q-1: connect(as:) before the bind")
    func connectAs() throws {
        try withScene { scene in
            let (router, dealer) = try (scene.router(), scene.dealer())
            let endpoint = Unique.inprocEndpoint()
            try router.connect(endpoint, as: "service")
            #expect(try router.send(["tag", "", "x"], to: "service") == .accepted)
            try dealer.bind(endpoint)
            #expect(try scene.receive(dealer).text == "tag||x")
            #expect(try dealer.send("y") == .accepted)
            #expect(try scene.receive(router).text == "service|y")
        }
    }

    @Test("PRX-14: a whole chain in one program")
    func chain() throws {
        try withScene { scene in
            let broker = try Broker(scene)
            for name in ["A", "B"] { try scene.answering(name).connect(endpoint(broker.workers)) }
            let clients = try (0..<4).map { _ in try scene.req() }
            for client in clients { try client.connect(endpoint(broker.clients)) }
            for (number, client) in clients.enumerated() { #expect(try client.send("\(number)") == .accepted) }
            for (number, client) in clients.enumerated() {
                #expect(try scene.receive(client).text.hasSuffix(":\(number)"))
            }
        }
    }
}
