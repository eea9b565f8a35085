import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

@Suite(.hangLimit)
struct ReqSocketTests {
    @Test("REQ-1, REQ-2, CMB-02: a request gets its reply, either side binding", arguments: [true, false])
    func lockStep(repBinds: Bool) throws {
        try withScene { scene in
            let (req, rep) = try (scene.req(), scene.answering())
            if repBinds { try scene.connect(req, to: rep) } else { try scene.connect(rep, to: req) }
            for number in 0..<100 { #expect(try scene.ask(req, "\(number)") == "re:\(number)") }
            #expect(req.statistics.messagesDropped == 0 && rep.statistics.messagesDropped == 0)
        }
    }

    @Test("REQ-1, CMB-03: a ROUTER is a peer, too, and receives id, empty frame and body")
    func router() throws {
        try withScene { scene in
            let (req, router) = try (scene.req(), scene.router())
            try req.setRoutingID("asker")
            try scene.connect(req, to: router)
            #expect(try req.send(["a", "", "b"]) == .accepted)
            #expect(try scene.receive(router).text == "asker||a||b")
            #expect(try router.send(["asker", "without the empty frame"]) == .accepted)
            #expect(try router.send(["asker", "", "with", ""]) == .accepted)
            #expect(try scene.receive(req).text == "with|")
            #expect(req.statistics.messagesDropped == 1)
        }
    }

    @Test("REQ-2, PRX-12: a request out of turn is an error and changes nothing")
    func outOfTurn() throws {
        try withTimedScene { scene in
            let (req, router) = try (scene.req(), scene.router())
            try scene.connect(req, to: router)
            #expect(#expect(throws: ZMQError.self) { try req.tryReceive() }?.code == .wrongState)
            #expect(!req.isWaiting)
            #expect(try req.send("one") == .accepted)
            let error = #expect(throws: ZMQError.self) { try req.send("two") }
            #expect(error?.code == .wrongState)
            #expect(
                #expect(throws: ZMQError.self) { try req.request("three") { _ in Issue.record("was called") } }?.code
                    == .wrongState
            )
            #expect(req.isWaiting)
            let request = try scene.receive(router)
            #expect(request.strings.last == "one")
            #expect(try scene.receiveAll(router) == [])
            #expect(try router.send([request[0], "", "answer"]) == .accepted)
            #expect(try scene.receive(req) == "answer")
            #expect(!req.isWaiting)
            #expect(#expect(throws: ZMQError.self) { try req.tryReceive() }?.code == .wrongState)
            #expect(try req.send("two") == .accepted)
        }
    }

    @Test("REQ-3, REQ-4: the empty frame is added on the wire, and removed from replies")
    func delimiter() throws {
        try withTimedScene { scene in
            let req = try scene.req()
            let peer = try scene.rawPeer("REP", of: req)
            #expect(try req.send(["a", ""]) == .accepted)
            #expect(scene.heard(peer) == Wire.message([], bytes("a"), []))
            peer.send(Wire.message([], [], bytes("b")))
            #expect(try scene.receive(req).text == "|b")
            #expect(try req.send("") == .accepted)
            #expect(scene.heard(peer) == Wire.message([], []))
        }
    }

    @Test("REQ-4: replies with another envelope are dropped and counted, and the next good one is accepted")
    func badReplies() throws {
        try withScene { scene in
            let recorder = Recorder()
            let req = try scene.req(handler: recorder)
            let peer = try scene.rawPeer("REP", of: req)
            #expect(try req.send("question") == .accepted)
            peer.send(Wire.message(bytes("bare")))
            peer.send(Wire.message([[]]))
            peer.send(Wire.message(bytes("address"), [], bytes("body")))
            peer.send(Wire.message(bytes("no"), bytes("delimiter")))
            try scene.wait("the drops") { req.statistics.messagesDropped == 4 }
            #expect(req.isWaiting && recorder.texts == [])
            peer.send(Wire.message([], bytes("good")))
            try scene.wait("the reply") { recorder.texts == ["good"] }
        }
    }

    @Test("REQ-5, PRX-10: connected to three services, requests go to them in turn")
    func roundRobin() throws {
        try withScene { scene in
            let req = try scene.req()
            for name in ["A", "B", "C"] { try scene.connect(req, to: scene.answering(name)) }
            let answers = try (1...7).map { try scene.ask(req, "\($0)") }
            #expect(answers == ["A:1", "B:2", "C:3", "A:4", "B:5", "C:6", "A:7"])
        }
    }

    @Test("REQ-6, REQ-7, HWM-07: without a peer it would block, sends nothing, and reports when there is one")
    func wouldBlock() throws {
        try withScene { scene in
            let recorder = Recorder()
            let (req, rep) = try (scene.req(handler: recorder), scene.answering())
            #expect(try req.send("early") == .wouldBlock)
            let refused = Recorder()
            #expect(try req.request("early") { refused.add($0) } == .wouldBlock)
            #expect(!req.isWaiting)
            try scene.connect(rep, to: req)
            #expect(recorder.writableCount == 1)
            #expect(refused.texts == ["EAGAIN"])
            #expect(try req.send("now") == .accepted)
            try scene.wait("the reply") { recorder.texts == ["re:now"] }
        }
    }

    @Test("REQ-7, Q-1: a request to a peer that is not connected yet arrives when it connects")
    func connectBeforeBind() throws {
        try withTimedScene { scene in
            let (req, rep) = try (scene.req(), scene.answering())
            let endpoint = try scene.freshEndpoint()
            try req.connect(endpoint)
            #expect(try req.send("early") == .accepted)
            scene.settle()
            try rep.bind(endpoint)
            #expect(try scene.receive(req) == "re:early")
        }
    }

    @Test("REQ-8, REQ-9: only the last request's peer is accepted; messages from others are dropped and counted")
    func onlyTheOneAsked() throws {
        try withTimedScene { scene in
            let recorder = Recorder()
            let req = try scene.req(handler: recorder)
            let (asked, other) = try (scene.rawPeer("REP", of: req), scene.rawPeer("REP", of: req))
            other.send(Wire.message([], bytes("unasked")))
            try scene.wait("the drop") { req.statistics.messagesDropped == 1 }
            #expect(try req.send("one") == .accepted)
            #expect(scene.heard(asked) == Wire.message([], bytes("one")))
            other.send(Wire.message([], bytes("false")))
            try scene.wait("the drop") { req.statistics.messagesDropped == 2 }
            #expect(recorder.texts == [] && req.isWaiting)
            asked.send(Wire.message([], bytes("true")))
            try scene.wait("the reply") { recorder.texts == ["true"] }
        }
    }

    @Test(
        "REQ-8: a second reply is not taken for the next request's, even when both arrive at once",
        arguments: [true, false]
    )
    func secondReply(withHandler: Bool) throws {
        try withTimedScene { scene in
            let outcomes = Recorder()
            let req = try scene.req()
            let peer = try scene.rawPeer("REP", of: req)
            if withHandler {
                _ = try req.request("one") { result in
                    outcomes.add(result)
                    _ = try? req.request("two") { outcomes.add($0) }
                }
            } else {
                #expect(try req.send("one") == .accepted)
            }
            peer.send(Wire.message([], bytes("1")) + Wire.message([], bytes("1 again")))
            if !withHandler {
                #expect(try scene.receive(req) == "1")
                try req.request("two", outcomes)
            }
            #expect(scene.heard(peer) == Wire.message([], bytes("one")) + Wire.message([], bytes("two")))
            peer.send(Wire.message([], bytes("2")))
            try scene.wait("the reply") { outcomes.texts.last == "2" }
            #expect(outcomes.texts == (withHandler ? ["1", "2"] : ["2"]))
            #expect(req.statistics.messagesDropped == 1)
        }
    }

    @Test("REQ-8: unrequested messages that arrive while the socket is paused are not taken for a reply")
    func staleInput() throws {
        try withTimedScene { scene in
            let recorder = Recorder()
            let req = try scene.req(handler: recorder)
            let peer = try scene.rawPeer("REP", of: req)
            req.pause()
            peer.send(Wire.message([], bytes("stale")))
            try scene.wait("it") { req.statistics.messagesReceived == 1 }
            #expect(try req.send("question") == .accepted)
            req.resume()
            scene.settle()
            #expect(recorder.texts == [])
            peer.send(Wire.message([], bytes("fresh")))
            try scene.wait("the reply") { recorder.texts == ["fresh"] }
        }
    }

    @Test("REQ-8: a request is not sent again after a reconnect, and a reply on the new connection is accepted")
    func reconnect() throws {
        try withScene { scene in
            let listener = try RawListener()
            let req = try scene.req()
            try req.connect(listener.endpoint)
            func accept() throws -> RawPeer {
                var peer: RawPeer?
                try scene.wait("a connection") {
                    peer = listener.accept()
                    return peer != nil
                }
                peer!.shakeHands(as: "REP")
                try scene.wait("the handshake") { req.peerCount == 1 }
                return peer!
            }
            let first = try accept()
            #expect(try req.send("question") == .accepted)
            try scene.wait("it to leave") { req.statistics.messagesSent == 1 }
            first.hangUp()
            try scene.wait("the end") { req.peerCount == 0 }
            let second = try accept()
            scene.settle()
            #expect(req.statistics.messagesSent == 1 && req.isWaiting)
            second.send(Wire.message([], bytes("answer")))
            #expect(try scene.receive(req) == "answer")
        }
    }

    @Test("REQ-3: large messages of many frames pass in both directions")
    func large() throws {
        try withScene { scene in
            let req = try scene.req()
            try scene.connect(req, to: scene.rep { $2.send($1) })
            let messages: [Message] = [
                Message(Pattern.bytes(9000)), Message(Pattern.bytes(8193)), Message(Pattern.bytes(8192)),
                [Frame(Pattern.bytes(20_000)), "", Frame(Pattern.bytes(3_000_000, seed: 2)), "end"],
                ["", Frame(Pattern.bytes(100_000, seed: 3)), ""],
            ]
            for correlates in [false, true] {
                req.correlatesReplies = correlates
                for message in messages {
                    #expect(try req.send(message) == .accepted)
                    #expect(try scene.receive(req).hasSameBytes(as: message))
                }
            }
        }
    }

    @Test("REQ-3, MUL-03: a request is sent, and its reply received, frame by frame")
    func frameByFrame() throws {
        try withScene { scene in
            let req = try scene.req()
            try scene.connect(req, to: scene.rep { $2.send($1) })
            #expect(try req.send("a", more: true) == .accepted)
            #expect(!req.isWaiting)
            #expect(try req.send("b", more: false) == .accepted)
            var frames: [String] = []
            try scene.wait("the reply") {
                while req.isWaiting || frames.count == 1, let (frame, _) = try req.tryReceiveFrame() {
                    frames.append(frame.string)
                }
                return frames == ["a", "b"]
            }
        }
    }
}
