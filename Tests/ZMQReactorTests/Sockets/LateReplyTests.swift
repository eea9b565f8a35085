import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// A reply that has arrived is delivered, even if the peer is gone before it is taken.
@Suite(.hangLimit)
struct LateReplyTests {
    /// Connects a REP that replies once and closes.
    private func answerOnce(_ scene: Scene, _ req: ReqSocket, _ road: Road) throws {
        let rep = try scene.rep { rep, request, reply in
            reply.send("re:\(request.text)")
            rep.close()
        }
        try rep.connect(req.bind(road.endpoint))
        try scene.wait("the peer") { req.peerCount == 1 }
    }

    @Test("with tryReceive", arguments: Road.allCases, [0, 1])
    func tryReceive(road: Road, ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let req = try scene.req()
            try answerOnce(scene, req, road)
            #expect(try req.send("q") == .accepted)
            try scene.wait("the end") { req.peerCount == 0 }
            #expect(req.isWaiting)
            #expect(try scene.receive(req).text == "re:q")
            #expect(!req.isWaiting && req.statistics.messagesDropped == 0)
        }
    }

    @Test("to a completion, and to a handler, that was paused", arguments: Road.allCases, [0, 1])
    func paused(road: Road, ioThreads: Int) throws {
        for hasHandler in [false, true] {
            try withScene(in: Context(ioThreads: ioThreads)) { scene in
                let (outcomes, handler) = (Recorder(), Recorder())
                let req = try scene.req(handler: hasHandler ? handler : nil)
                try answerOnce(scene, req, road)
                if hasHandler { #expect(try req.send("q") == .accepted) } else { try req.request("q", outcomes) }
                req.pause()
                try scene.wait("the end") { req.peerCount == 0 }
                scene.settle()
                #expect(outcomes.texts.isEmpty && handler.texts.isEmpty)
                req.resume()
                try scene.wait("the reply") { outcomes.count + handler.texts.count == 1 }
                #expect(outcomes.texts + handler.texts == ["re:q"])
            }
        }
    }

    @Test("to a task that waits when reply and end come together", arguments: Road.allCases, [0, 1])
    func task(road: Road, ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let req = try scene.req()
            try answerOnce(scene, req, road)
            let records = Recorder()
            scene.task(records) { _ in
                #expect(try req.send("q") == .accepted)
                records.add(try await req.receive().text)
            }
            try scene.wait(for: 1, entriesOf: records)
            #expect(records.texts == ["re:q"])
        }
    }

    @Test("and the request is not sent to another peer, though retries are left")
    func retries() throws {
        try withScene { scene in
            let req = try scene.req()
            let outcomes = Recorder()
            try answerOnce(scene, req, .tcp)
            try req.request("q", timeout: .seconds(60), retries: 3, outcomes)
            req.pause()
            var asked = 0
            let other = try scene.rep { _, _, _ in asked += 1 }
            try other.connect(req.lastEndpoint!)
            try scene.wait("one peer to go and one to come") {
                req.statistics.messagesReceived == 1 && other.peerCount == 1
            }
            try scene.wait("the end") { req.peerCount == 1 }
            req.resume()
            try scene.wait("the reply") { outcomes.texts == ["re:q"] }
            #expect(asked == 0)
        }
    }

    @Test("other messages do not count: the request fails with its peer", arguments: [false, true])
    func noReply(isLateReply: Bool) throws {
        try withScene { scene in
            let req = try scene.req()
            req.correlatesReplies = true
            let outcomes = Recorder()
            let peer = try scene.rawPeer("REP", of: req)
            try req.request("q", outcomes)
            req.pause()
            let request = try peer.receive(11, scene)
            // Flags and size, the number, the empty frame.
            let number = Array(request[2..<6])
            peer.send(Wire.message([1]) + Wire.message([9, 9, 9, 9], [], [7]))
            if isLateReply { peer.send(Wire.message(number, [], [8])) }
            peer.hangUp()
            try scene.wait("the end") { req.peerCount == 0 }
            #expect(outcomes.texts == (isLateReply ? [] : ["EHOSTUNREACH"]))
            req.resume()
            try scene.wait("the outcome") { outcomes.count == 1 }
            #expect(outcomes.texts == [isLateReply ? "\u{8}" : "EHOSTUNREACH"])
            scene.settle()
            #expect(req.statistics.messagesDropped == 2)
        }
    }

    @Test("and it is delivered from behind other messages that fill the queue", arguments: [0, 1])
    func heldBack(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let req = try scene.req { $0.receiveHighWaterMark = 1 }
            let peer = try scene.rawPeer("REP", of: req)
            #expect(try req.send("q") == .accepted)
            _ = try peer.receive(5, scene)
            peer.send(Wire.message([1]) + Wire.message([2]) + Wire.message([], [8]))
            peer.reset()
            scene.settle()
            #expect(try scene.receive(req).text == "\u{8}")
            #expect(req.statistics.messagesDropped == 2)
        }
    }
}
