import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

/// Requests with a timeout, and the outcomes of those that are not answered in time.
@Suite(.hangLimit)
struct RequestTests {
    @Test("REQ-2: the completion gets the reply, once, and may send the next request")
    func completion() throws {
        try withTimedScene { scene in
            let (req, outcomes) = try (scene.req(), Recorder())
            try scene.connect(req, to: scene.answering())
            func ask(_ number: Int) {
                _ = try? req.request("\(number)", timeout: .seconds(5)) {
                    outcomes.add($0)
                    if number < 5 { ask(number + 1) }
                }
            }
            ask(1)
            try scene.wait("the replies") { outcomes.count == 5 }
            #expect(outcomes.texts == (1...5).map { "re:\($0)" })
        }
    }

    @Test("REQ-2: after the timeout the socket is ready for the next request", arguments: [true, false])
    func timeout(correlates: Bool) throws {
        try withTimedScene { scene in
            let (req, router, outcomes) = try (scene.req(), scene.router(), Recorder())
            req.correlatesReplies = correlates
            try scene.connect(req, to: router)
            try req.request("one", timeout: .milliseconds(20), outcomes)
            try scene.wait("the timeout") { outcomes.texts == ["ETIMEDOUT"] }
            #expect(!req.isWaiting)
            try req.request("two", timeout: .seconds(5), outcomes)
            let requests = try [scene.receive(router), scene.receive(router)]
            #expect(requests.map(\.strings.last) == ["one", "two"])
            #expect(try router.send(Message(frames: Array(requests[0].dropLast()) + ["late"])) == .accepted)
            #expect(try router.send(Message(frames: Array(requests[1].dropLast()) + ["in time"])) == .accepted)
            try scene.wait("the reply") { outcomes.count == 2 }
            #expect(outcomes.texts == ["ETIMEDOUT", "in time"])
        }
    }

    @Test(
        "REQ-8: a late reply is never taken for another request's: by its number, or because the connection is new",
        arguments: [true, false]
    )
    func lateReply(correlates: Bool) throws {
        try withTimedScene { scene in
            let (req, outcomes) = try (scene.req(), Recorder())
            req.correlatesReplies = correlates
            var held: [Reply] = []
            let rep = try scene.rep { _, _, reply in held.append(reply) }
            try scene.connect(req, to: rep)
            for round in 1...3 {
                try req.request("lost", timeout: .milliseconds(20), outcomes)
                try scene.wait("the request and the timeout") { held.count == 1 && outcomes.count == 2 * round - 1 }
                try req.request("asked", timeout: .seconds(5), outcomes)
                held.removeFirst().send("late")
                try scene.wait("the next request") { held.count == 1 }
                held.removeFirst().send("answer")
                try scene.wait("the reply") { outcomes.count == 2 * round }
                #expect(outcomes.texts.suffix(2) == ["ETIMEDOUT", "answer"])
            }
        }
    }

    @Test("REQ-8: a reply queued when its request was cancelled is not taken for the next one's")
    func cancelledReply() throws {
        try withTimedScene { scene in
            let req = try scene.req()
            try scene.connect(req, to: scene.answering())
            #expect(try req.send("one") == .accepted)
            try scene.wait("the reply") { req.statistics.messagesReceived == 1 }
            req.cancelRequest()
            #expect(try scene.ask(req, "two") == "re:two")
        }
    }

    @Test("REQ-2: retries go to the peer whose turn it is then")
    func retries() throws {
        try withTimedScene { scene in
            let (req, silent, outcomes) = try (scene.req(), scene.rep { _, _, _ in }, Recorder())
            try scene.connect(req, to: silent)
            try scene.connect(req, to: scene.answering("B"))
            try req.request("x", timeout: .milliseconds(50), retries: 1, outcomes)
            try scene.wait("the reply") { outcomes.texts == ["B:x"] }
        }
    }

    @Test("REQ-2: the given number of retries is made, and then the request times out", arguments: [true, false])
    func retriesEnd(correlates: Bool) throws {
        try withTimedScene { scene in
            var asked: [String] = []
            let (req, outcomes) = try (scene.req(), Recorder())
            req.correlatesReplies = correlates
            try scene.connect(
                req,
                to: scene.rep {
                    asked.append($1.text); _ = $2
                }
            )
            try req.request("x", timeout: .milliseconds(60), retries: 2, outcomes)
            try scene.wait("the timeout") { outcomes.texts == ["ETIMEDOUT"] }
            #expect(asked == ["x", "x", "x"])
        }
    }

    @Test(
        "REQ-2: a late server answers one of the retries, and gets no unnecessary requests",
        arguments: [true, false]
    )
    func lazyPirate(correlates: Bool) throws {
        try withTimedScene { scene in
            let (req, outcomes) = try (scene.req(), Recorder())
            req.correlatesReplies = correlates
            let endpoint = try scene.freshEndpoint()
            try req.connect(endpoint)
            try req.request("x", timeout: .milliseconds(50), retries: 1000, outcomes)
            scene.settle(.milliseconds(220))
            var asked = 0
            let rep = try scene.rep {
                asked += 1
                $2.send($1)
            }
            try rep.bind(endpoint)
            try scene.wait("the reply") { outcomes.texts == ["x"] }
            scene.settle()
            #expect(asked == 1)
        }
    }

    @Test("REQ-2: retries continue when the only peer had connected and was disconnected")
    func retriesOfABoundSocket() throws {
        try withTimedScene { scene in
            let (req, outcomes) = try (scene.req(), Recorder())
            var asked = 0
            let rep = try scene.rep { _, request, reply in
                asked += 1
                if asked == 3 { reply.send(request) }
            }
            try scene.connect(rep, to: req)
            try req.request("x", timeout: .milliseconds(100), retries: 50, outcomes)
            try scene.wait("the reply") { !outcomes.texts.isEmpty }
            #expect(outcomes.texts == ["x"])
        }
    }

    @Test("REQ-2: a request can be cancelled; its late reply is not delivered, and the next request is answered")
    func cancel() throws {
        try withTimedScene { scene in
            let (req, outcomes) = try (scene.req(), Recorder())
            var held: [Reply] = []
            try scene.connect(req, to: scene.rep { held.append($2) })
            req.cancelRequest()
            try req.request("one", outcomes)
            try scene.wait("the request") { held.count == 1 }
            req.cancelRequest()
            #expect(outcomes.texts == ["ECANCELED"])
            #expect(!req.isWaiting)
            held.removeFirst().send("late")
            try req.request("two", outcomes)
            try scene.wait("the request") { held.count == 1 }
            held.removeFirst().send("answer")
            try scene.wait("the reply") { outcomes.count == 2 }
            #expect(outcomes.texts == ["ECANCELED", "answer"])
        }
    }

    @Test("REQ-2: relaxed, a new request supersedes the last one", arguments: [true, false])
    func relaxed(correlates: Bool) throws {
        try withTimedScene { scene in
            let (req, outcomes) = try (scene.req(), Recorder())
            req.isRelaxed = true
            req.correlatesReplies = correlates
            var held: [(String, Reply)] = []
            try scene.connect(req, to: scene.rep { held.append(($1.text, $2)) })
            try req.request("one", timeout: .seconds(5), outcomes)
            try scene.wait("the request") { held.count == 1 }
            try req.request("two", outcomes)
            #expect(outcomes.texts == ["ECANCELED"])
            held.removeFirst().1.send("late")
            try scene.wait("the request") { held.first?.0 == "two" }
            held.removeFirst().1.send("answer")
            try scene.wait("the reply") { outcomes.count == 2 }
            #expect(outcomes.texts == ["ECANCELED", "answer"])
        }
    }

    @Test("REQ-2: relaxed, the completion of the superseded request may send another; each is called once")
    func relaxedAgain() throws {
        try withTimedScene { scene in
            let (req, outcomes) = try (scene.req(), Recorder())
            req.isRelaxed = true
            req.correlatesReplies = true
            try scene.connect(req, to: scene.answering())
            _ = try req.request("one") { result in
                outcomes.add(result)
                _ = try? req.request("three") { outcomes.add($0) }
            }
            try req.request("two", outcomes)
            try scene.wait("the reply") { outcomes.count == 3 }
            #expect(outcomes.texts == ["ECANCELED", "ECANCELED", "re:three"])
        }
    }

    @Test("REQ-6: relaxed, a request that waits for a peer is superseded by the next; only that one is sent")
    func relaxedGivesWay() throws {
        try withTimedScene { scene in
            let outcomes = Recorder()
            let req = try scene.req()
            (req.isRelaxed, req.correlatesReplies) = (true, true)
            let endpoint = try scene.freshEndpoint()
            try req.connect(endpoint)
            try req.request("one", outcomes)
            try req.request("two", outcomes)
            #expect(outcomes.texts == ["ECANCELED"])
            var asked: [String] = []
            let rep = try scene.rep { _, request, reply in
                asked.append(request.string)
                reply.send(request)
            }
            try rep.bind(endpoint)
            try scene.run(until: { outcomes.count == 2 })
            #expect(outcomes.texts == ["ECANCELED", "two"] && asked == ["two"])
        }
    }

    @Test("REQ-6: without a present or future peer a request would block; it is accepted as soon as one connects")
    func withoutAPeerToAsk() throws {
        try withTimedScene { scene in
            let req = try scene.req()
            let endpoint = try req.bind(scene.anyEndpoint)
            let refused = Recorder()
            #expect(try req.request("x") { refused.add($0) } == .wouldBlock)
            let rep = try scene.rep { $2.send($1) }
            try rep.connect(endpoint)
            let outcomes = Recorder()
            try scene.run(until: { req.peerCount == 1 })
            #expect(refused.texts == ["EAGAIN"])
            try req.request("y", outcomes)
            try scene.run(until: { outcomes.texts == ["y"] })
        }
    }

    @Test("REQ-7: a request does not outlive its peer that had connected")
    func peerGoneForGood() throws {
        try withTimedScene { scene in
            let outcomes = Recorder()
            let req = try scene.req()
            let endpoint = try req.bind(scene.anyEndpoint)
            var held: [Reply] = []
            let first = try scene.rep { _, _, reply in held.append(reply) }
            try first.connect(endpoint)
            try scene.run(until: { req.peerCount == 1 })
            try req.request("lost", outcomes)
            try scene.run(until: { held.count == 1 })
            try scene.close(first)
            try scene.run(until: { outcomes.texts == ["EHOSTUNREACH"] })
            // The socket is ready for the next peer.
            let second = try scene.rep { $2.send($1) }
            try second.connect(endpoint)
            try scene.run(until: { req.peerCount == 1 })
            try req.request("answered", outcomes)
            try scene.run(until: { outcomes.count == 2 })
            #expect(outcomes.texts == ["EHOSTUNREACH", "answered"])
        }
    }

    @Test("REQ-5: a lost connection uses up a retry, and a peer that is not connected is skipped")
    func retriesElsewhere() throws {
        try withTimedScene { scene in
            let outcomes = Recorder()
            let req = try scene.req()
            try req.connect(scene.freshEndpoint())
            var held: [Reply] = []
            let leaving = try scene.rep { _, _, reply in held.append(reply) }
            try req.connect(leaving.bind(scene.anyEndpoint))
            try scene.run(until: { req.peerCount == 1 })
            try req.request("x", retries: 1, outcomes)
            try scene.run(until: { held.count == 1 })
            let staying = try scene.rep { $2.send($1) }
            try req.connect(staying.bind(scene.anyEndpoint))
            try scene.run(until: { req.peerCount == 2 })
            try scene.close(leaving)
            try scene.run(until: { outcomes.texts == ["x"] })
        }
    }

    @Test(
        "REQ-2: correlated, a number precedes the empty frame, and a reply with another one is dropped",
        .nothingMovesByItself
    )
    func correlation() throws {
        try withTimedScene { scene in
            let (req, outcomes) = try (scene.req(), Recorder())
            req.correlatesReplies = true
            let peer = try scene.rawPeer("REP", of: req)
            var numbers: Set<[UInt8]> = []
            for _ in 0..<2 {
                try req.request("x", outcomes)
                let heard = scene.heard(peer)
                #expect(heard.count == 6 + 2 + 3)
                guard heard.count == 11 else { return }
                let number = Array(heard[2..<6])
                numbers.insert(number)
                #expect(heard == Wire.message(number, [], bytes("x")))
                peer.send(Wire.message([], bytes("none")))
                peer.send(Wire.message(number.map { ~$0 }, [], bytes("another")))
                peer.send(Wire.message(number, bytes("x"), [], bytes("long")))
                scene.settle()
                #expect(req.isWaiting)
                peer.send(Wire.message(number, [], bytes("y")))
                try scene.wait("the reply") { !req.isWaiting }
            }
            #expect(outcomes.texts == ["y", "y"])
            #expect(numbers.count == 2)
            #expect(req.statistics.messagesDropped == 6)
        }
    }

    @Test("REQ-2: closing ends a request with an error, once")
    func closing() throws {
        try withTimedScene { scene in
            let (req, outcomes) = try (scene.req { $0.linger = .none }, Recorder())
            try scene.connect(req, to: scene.rep { _, _, _ in })
            try req.request("x", timeout: .seconds(60), retries: 3, outcomes)
            scene.settle()
            try scene.close(req)
            #expect(outcomes.texts == ["ENOTSOCK"])
            #expect(#expect(throws: ZMQError.self) { try req.send("y") }?.code == .closed)
            #expect(#expect(throws: ZMQError.self) { try req.tryReceive() }?.code == .closed)
        }
    }

    @Test("REQ-2: a lingering socket sends no retry")
    func lingering() throws {
        try withTimedScene { scene in
            let (req, outcomes) = try (scene.req { $0.linger = .atMost(.milliseconds(150)) }, Recorder())
            let endpoint = try scene.freshEndpoint()
            try req.connect(endpoint)
            try req.request("x", timeout: .milliseconds(20), retries: 1, outcomes)
            var report: CloseReport?
            req.close { report = $0 }
            try scene.wait("the end") { report != nil }
            #expect(report?.unsentMessages == 1)
            #expect(outcomes.count == 1)
        }
    }

    @Test("REQ-2: the reply to a request with a completion cannot be received otherwise")
    func receiveBesideCompletion() throws {
        try withTimedScene { scene in
            let (req, outcomes) = try (scene.req(), Recorder())
            try scene.connect(req, to: scene.answering())
            req.pause()
            try req.request("x", timeout: .seconds(60), outcomes)
            try scene.wait("the reply") { req.statistics.messagesReceived == 1 }
            #expect(#expect(throws: ZMQError.self) { try req.tryReceive() }?.code == .wrongState)
            req.resume()
            try scene.wait("the reply") { outcomes.texts == ["re:x"] }
        }
    }

    @Test(
        "REQ-2: a completion may close the socket, and so may one called because of the closing",
        arguments: [true, false]
    )
    func closesInCompletion(answered: Bool) throws {
        try withTimedScene { scene in
            let (req, outcomes) = try (scene.req(), Recorder())
            try scene.connect(req, to: scene.rep { if answered { $2.send($1) } })
            var isClosed = false
            _ = try req.request("x", timeout: answered ? .seconds(5) : .milliseconds(20)) {
                outcomes.add($0)
                req.close { _ in isClosed = true }
            }
            try scene.wait("the end") { isClosed }
            #expect(outcomes.texts == [answered ? "x" : "ETIMEDOUT"])
        }
    }

    @Test("REQ-5, REQ-7: of two peers the one that is disconnected for good gets no more requests")
    func disconnectedPeer() throws {
        try withTimedScene { scene in
            let (req, one, two) = try (scene.req(), scene.answering("A"), scene.answering("B"))
            for rep in [one, two] { try scene.connect(req, to: rep) }
            #expect(try scene.ask(req, "1") == "A:1")
            try req.disconnect(one.lastEndpoint!)
            for number in 2..<5 { #expect(try scene.ask(req, "\(number)") == "B:\(number)") }
        }
    }
}
