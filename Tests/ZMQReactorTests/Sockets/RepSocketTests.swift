import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

@Suite(.hangLimit)
struct RepSocketTests {
    @Test("REP-1, CMB-04: REQ and DEALER are served; a DEALER puts the empty frame in front itself")
    func peers() throws {
        try withScene { scene in
            let (rep, req, dealer) = try (scene.answering(), scene.req(), scene.dealer())
            for client in [req, dealer] as [Socket] { try scene.connect(client, to: rep) }
            #expect(try scene.ask(req, "a") == "re:a")
            #expect(try dealer.send("dropped") == .accepted)
            #expect(try dealer.send(["", "b"]) == .accepted)
            #expect(try scene.receive(dealer).text == "|re:b")
            #expect(rep.statistics.messagesDropped == 1)
        }
    }

    @Test("REP-2, REP-7: the application gets the unchanged body")
    func unaltered() throws {
        try withScene { scene in
            let (rep, dealer) = try (scene.rep { $2.send($1) }, scene.dealer())
            try scene.connect(dealer, to: rep)
            let bodies: [Message] = [
                "", ["", ""], ["a", "", "b", ""], [Frame(Pattern.bytes(100_000)), "", Frame(Pattern.bytes(9000))],
            ]
            for body in bodies {
                #expect(try dealer.send(Message(frames: [Frame()] + Array(body))) == .accepted)
                let reply = try scene.receive(dealer)
                #expect(reply[0].isEmpty)
                #expect(reply.dropFirst()!.hasSameBytes(as: body))
            }
        }
    }

    @Test("REP-3, REP-8, PRX-12: sending first, and receiving twice, is an error and changes nothing")
    func outOfTurn() throws {
        try withScene { scene in
            let (rep, dealer) = try (scene.rep(), scene.dealer())
            try scene.connect(dealer, to: rep)
            var error = #expect(throws: ZMQError.self) { try rep.send("too early") }
            #expect(error?.code == .wrongState)
            #expect(try rep.tryReceive() == nil)
            for body in ["one", "two"] { #expect(try dealer.send(["", Frame(body)]) == .accepted) }
            #expect(try scene.receive(rep) == "one")
            try scene.wait("the other") { rep.statistics.messagesReceived == 2 }
            error = #expect(throws: ZMQError.self) { try rep.tryReceive() }
            #expect(error?.code == .wrongState)
            try rep.send("1")
            #expect(#expect(throws: ZMQError.self) { try rep.send("1 again") }?.code == .wrongState)
            #expect(try scene.receive(rep) == "two")
            try rep.send("2")
            #expect(try scene.receive(2, dealer) == ["|1", "|2"])
        }
    }

    @Test("REP-4, REP-6, REP-9: address frames of any size are kept and returned")
    func envelope() throws {
        try withScene { scene in
            let dealer = try scene.dealer()
            var bodies: [String] = []
            let rep = try scene.rep { _, request, reply in
                bodies.append(request.text)
                reply.send(["answer", ""])
            }
            try scene.connect(dealer, to: rep)
            let addresses: [[Frame]] = [
                [], ["a"], ["a", "b", "c"],
                [Frame(Pattern.bytes(255)), Frame(Pattern.bytes(256)), Frame([0, 1, 2, 3, 4])],
                [Frame(Pattern.bytes(20_000)), "x"],
            ]
            for address in addresses {
                #expect(try dealer.send(Message(frames: address + ["", "body"])) == .accepted)
                #expect(try scene.receive(dealer).hasSameBytes(as: Message(frames: address + ["", "answer", ""])))
            }
            #expect(bodies == addresses.map { _ in "body" })
        }
    }

    @Test(
        "REP-4, CMB-04: a message without an empty frame, or with nothing behind it, is not a request; the next good one is served"
    )
    func badEnvelopes() throws {
        try withScene { scene in
            let (rep, dealer) = try (scene.answering(), scene.dealer())
            try scene.connect(dealer, to: rep)
            let bad: [Message] = ["x", "", ["a", "b"], ["a", ""], ["a", "b", ""]]
            for (number, message) in bad.enumerated() {
                #expect(try dealer.send(message) == .accepted)
                #expect(try dealer.send(["", "good"]) == .accepted)
                #expect(try scene.receive(dealer).text == "|re:good")
                #expect(rep.statistics.messagesDropped == number + 1)
            }
            #expect(try dealer.send(["", ""]) == .accepted)
            #expect(try scene.receive(dealer).text == "|re:")
        }
    }

    @Test("REP-4: bad envelopes are dropped by tryReceive, too")
    func badEnvelopesTaken() throws {
        try withScene { scene in
            let (rep, dealer) = try (scene.rep(), scene.dealer())
            try scene.connect(dealer, to: rep)
            for message in ["bad", ["", "good"], "bad", ["", "better"]] as [Message] {
                #expect(try dealer.send(message) == .accepted)
            }
            #expect(try scene.receive(rep) == "good")
            try rep.send("1")
            #expect(try scene.receive(rep) == "better")
            #expect(rep.statistics.messagesDropped == 2)
        }
    }

    @Test("REP-5: requests are received from all peers in turn", arguments: [true, false])
    func fair(withHandler: Bool) throws {
        try withScene { scene in
            var order = ""
            let rep =
                withHandler
                ? try scene.rep {
                    order += $1.text
                    $2.send("")
                } : try scene.rep()
            rep.pause()
            for (name, count) in [("a", 6), ("b", 3)] {
                let dealer = try scene.dealer()
                try scene.connect(dealer, to: rep)
                let before = rep.statistics.messagesReceived
                for _ in 0..<count { #expect(try dealer.send(["", Frame(name)]) == .accepted) }
                try scene.wait("them") { rep.statistics.messagesReceived == before + count }
            }
            rep.resume()
            try scene.wait("all") {
                while !withHandler, let request = try rep.tryReceive() {
                    order += request.text
                    try rep.send("")
                }
                return order.count == 9
            }
            #expect(order == "abababaaa")
        }
    }

    @Test("REP-8, REP-10: each peer gets its own reply; the next request waits for the reply")
    func toTheOriginator() throws {
        try withTimedScene { scene in
            var held: [(String, Reply)] = []
            let rep = try scene.rep { held.append(($1.text, $2)) }
            let clients = try (0..<5).map { _ in try scene.req() }
            for client in clients { try scene.connect(client, to: rep) }
            for (number, client) in clients.enumerated() { #expect(try client.send("\(number)") == .accepted) }
            for _ in clients {
                try scene.wait("a request") { held.count == 1 }
                scene.settle(.milliseconds(5))
                #expect(held.count == 1)
                let (text, reply) = held.removeFirst()
                reply.send("for \(text)")
            }
            for (number, client) in clients.enumerated() { #expect(try scene.receive(client) == "for \(number)") }
        }
    }

    @Test("REP-8: the reply may be sent later, from a timer")
    func later() throws {
        try withScene { scene in
            let req = try scene.req()
            let rep = try scene.rep { socket, request, reply in
                #expect(reply.isPending)
                socket.reactor.after(.milliseconds(20)) { _ in
                    reply.send("later: \(request.text)")
                    #expect(!reply.isPending)
                }
            }
            try scene.connect(req, to: rep)
            for number in 0..<3 { #expect(try scene.ask(req, "\(number)") == "later: \(number)") }
        }
    }

    @Test("REP-8: a reply can be used once")
    func twice() throws {
        try withTimedScene { scene in
            let dealer = try scene.dealer()
            var replies: [Reply] = []
            let rep = try scene.rep {
                replies.append($2)
                $2.send($1)
                $2.send("again")
            }
            try scene.connect(dealer, to: rep)
            for body in ["1", "2"] { #expect(try dealer.send(["", Frame(body)]) == .accepted) }
            try scene.wait("both") { replies.count == 2 }
            for reply in replies { reply.send("much later") }
            #expect(try scene.receiveAll(dealer) == ["|1", "|2"])
        }
    }

    @Test("REP-8: a released reply leaves its request unanswered, and the next one is served")
    func dropped() throws {
        try withTimedScene { scene in
            let dealer = try scene.dealer()
            var kept: [Reply] = []
            let rep = try scene.rep { _, request, reply in
                switch request.text {
                case "drop": break
                case "keep": kept.append(reply)
                default: reply.send(request)
                }
            }
            try scene.connect(dealer, to: rep)
            for body in ["drop", "1", "keep", "2"] as [Frame] { #expect(try dealer.send(["", body]) == .accepted) }
            #expect(try scene.receiveAll(dealer) == ["|1"])
            kept = []
            #expect(try scene.receive(dealer).text == "|2")
        }
    }

    @Test("REP-11: the reply to a peer that is gone is dropped and counted, and the next one is served")
    func originatorGone() throws {
        try withScene { scene in
            var held: [Reply] = []
            let rep = try scene.rep { held.append($2) }
            let (gone, next) = try (scene.req { $0.linger = .none }, scene.req())
            try scene.connect(gone, to: rep)
            #expect(try gone.send("x") == .accepted)
            try scene.wait("the request") { held.count == 1 }
            try scene.connect(next, to: rep)
            #expect(try next.send("y") == .accepted)
            try scene.close(gone)
            try scene.wait("the end") { rep.peerCount == 1 }
            held.removeFirst().send("no requester")
            #expect(rep.statistics.messagesDropped == 1)
            try scene.wait("the next") { held.count == 1 }
            held.removeFirst().send("here")
            #expect(try scene.receive(next) == "here")
        }
    }

    @Test("REP-11: the same with tryReceive and send")
    func originatorGoneTaken() throws {
        try withScene { scene in
            let rep = try scene.rep()
            let peer = try scene.rawPeer("REQ", of: rep)
            peer.send(Wire.message([], bytes("x")))
            #expect(try scene.receive(rep) == "x")
            peer.reset()
            try scene.wait("the end") { rep.peerCount == 0 }
            #expect(try rep.send("y") == .accepted)
            #expect(rep.statistics.messagesDropped == 1)
            #expect(try rep.tryReceive() == nil)
        }
    }

    @Test("REP-12, HWM-07: sends never wait: the reply to a peer that receives nothing is dropped and counted")
    func neverBlocks() throws {
        try withScene { scene in
            let size = 1_000_000
            let rep = try scene.rep({ $0.sendHighWaterMark = 2 }) { $2.send(Message(Pattern.bytes(size))) }
            let peer = try scene.rawPeer("DEALER", of: rep, receiveBuffer: 4096)
            for _ in 0..<50 { peer.send(Wire.message([], bytes("x"))) }
            try scene.wait("all requests") { rep.statistics.messagesReceived == 50 }
            #expect(rep.statistics.messagesDropped > 20)
            let req = try scene.req()
            try scene.connect(req, to: rep)
            #expect(try req.send("other") == .accepted)
            #expect(try scene.receive(req).byteCount == size)
        }
    }

    @Test("REP-8: a closing socket sends no reply")
    func closing() throws {
        try withTimedScene { scene in
            var held: Reply?
            let (rep, dealer) = try (scene.rep { held = $2 }, scene.dealer())
            try scene.connect(dealer, to: rep)
            #expect(try dealer.send(["", "x"]) == .accepted)
            try scene.wait("the request") { held != nil }
            var closed = false
            rep.close { _ in closed = true }
            #expect(held?.isPending == false)
            held?.send("too late")
            #expect(rep.statistics.messagesDropped == 1)
            try scene.wait("the end") { closed }
            held = nil
            #expect(try scene.receiveAll(dealer) == [])
        }
    }

    @Test("REP-8: a handler may close the socket, and reply after that")
    func closesInHandler() throws {
        try withScene { scene in
            var isClosed = false
            let dealer = try scene.dealer()
            let rep = try scene.rep { socket, request, reply in
                socket.close { _ in isClosed = true }
                reply.send(request)
            }
            try scene.connect(dealer, to: rep)
            for _ in 0..<3 { #expect(try dealer.send(["", "x"]) == .accepted) }
            try scene.wait("the end") { isClosed }
            #expect(rep.statistics.messagesDropped - rep.statistics.dropped[.undelivered] == 1)
        }
    }

    @Test("REP-4: a message of 100,000 frames without an empty one is dropped at once")
    func manyFrames() throws {
        try withScene { scene in
            let change: Scene.Change = { $0.limits.framesPerMessage = 100_002 }
            let (rep, dealer) = try (scene.answering("re", change), scene.dealer(change))
            try scene.connect(dealer, to: rep)
            let addresses = Array(repeating: "a" as Frame, count: 100_000)
            #expect(try dealer.send(Message(frames: addresses)) == .accepted)
            #expect(try dealer.send(Message(frames: addresses + ["", "x"])) == .accepted)
            let reply = try scene.receive(dealer)
            #expect(reply.count == 100_002 && reply.last == "re:x")
            #expect(rep.statistics.messagesDropped == 1)
        }
    }
}
