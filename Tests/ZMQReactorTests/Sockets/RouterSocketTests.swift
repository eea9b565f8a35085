import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

/// The sources and destinations of a ROUTER's messages.
@Suite(.hangLimit)
struct RouterSocketTests {
    @Test("RTR-1, RTR-9, RTR-11, CMB-03, CMB-05: REQ, DEALER and ROUTER are distinguished and answered by id")
    func peers() throws {
        try withScene { scene in
            let (router, req, dealer, other) = try (scene.router(), scene.req(), scene.dealer(), scene.router())
            for (socket, name) in [(req, "req"), (dealer, "dealer"), (other, "other")] as [(any RoutableSocket, String)]
            {
                try socket.setRoutingID(name)
                try scene.connect(socket, to: router)
            }
            #expect(try req.send("a") == .accepted)
            #expect(try scene.receive(router).text == "req||a")
            #expect(try dealer.send(["b", ""]) == .accepted)
            #expect(try scene.receive(router).text == "dealer|b|")
            for name in ["dealer", "req"] { _ = try router.send(["", Frame("for \(name)")], to: Frame(name)) }
            #expect(try scene.receive(dealer).text == "|for dealer")
            #expect(try scene.receive(req).text == "for req")
            #expect(try router.send("for other", to: "other") == .accepted)
            let id = try scene.receive(other)[0]
            #expect(try other.send("back", to: id) == .accepted)
            #expect(try scene.receive(router).text == "other|back")
        }
    }

    @Test("RTR-6: a generated id is a zero and four bytes, different for each peer, starting at random")
    func generatedIDs() throws {
        try withScene { scene in
            var firsts: Set<Frame> = []
            for _ in 0..<3 {
                let router = try scene.router()
                let dealers = try (0..<5).map { _ in try scene.dealer() }
                for dealer in dealers {
                    try scene.connect(dealer, to: router)
                    #expect(try dealer.send("x") == .accepted)
                }
                let ids = try dealers.map { _ in try scene.receive(router)[0] }
                #expect(ids.allSatisfy { $0.count == 5 && $0[0] == 0 })
                #expect(Set(ids).count == 5)
                let numbers = ids.map { Frame($0.dropFirst()).integer(as: UInt32.self)! }.sorted()
                #expect(numbers.last! &- numbers.first! == 4)
                firsts.insert(ids[0])
            }
            #expect(firsts.count == 3)
        }
    }

    @Test("RTR-6, RTR-7: ids of 1, 5, 16, 17 and 255 bytes, and ids that differ only in the last byte")
    func ownIDs() throws {
        try withScene { scene in
            let router = try scene.router { _ = try? $0.send($1) }
            var clients: [(DealerSocket, [UInt8])] = []
            for size in [1, 2, 5, 15, 16, 17, 32, 255] {
                for last in [1, 2] as [UInt8] {
                    let id = [UInt8](repeating: 7, count: size - 1) + [last]
                    let dealer = try scene.dealer()
                    try dealer.setRoutingID(id)
                    try scene.connect(dealer, to: router)
                    clients.append((dealer, id))
                    #expect(router.peer(Frame(id))?.isConnected == true)
                }
            }
            for (dealer, id) in clients { #expect(try dealer.send([Frame(id), "mine"]) == .accepted) }
            for (dealer, id) in clients { #expect(try scene.receive(dealer) == [Frame(id), "mine"]) }
            #expect(router.statistics.messagesDropped == 0)
        }
    }

    @Test(
        "RTR-7, ID-1: from the wire, 255 bytes and a leading zero are accepted, 256 bytes are rejected",
        arguments: [255, 256, 300]
    )
    func announcedID(size: Int) throws {
        try withScene { scene in
            let router = try scene.router()
            var failures = 0
            router.onEvent = { if $1.isFailure { failures += 1 } }
            let peer = try RawPeer(scene.endpoint(of: router))
            peer.send(
                Wire.greeting() + Wire.ready("DEALER", identity: Wire.zeros(size)) + Wire.message(bytes("x"))
            )
            if size > 255 {
                try scene.wait("the refusal") { failures == 1 }
                #expect(router.peerCount == 0)
            } else {
                let message = try scene.receive(router)
                #expect(Array(message[0]) == Wire.zeros(size) && message[1] == "x")
            }
        }
    }

    @Test("RTR-6: a generated id is never one of a peer")
    func noCollision() throws {
        try withScene { scene in
            let router = try scene.router()
            let first = try scene.dealer()
            try scene.connect(first, to: router)
            #expect(try first.send("x") == .accepted)
            let id = try scene.receive(router)[0]
            let next = Frame(integer: Frame(id.dropFirst()).integer(as: UInt32.self)! &+ 1)
            let thief = try RawPeer(scene.endpoint(of: router))
            thief.send(
                Wire.greeting() + Wire.ready("DEALER", identity: [0] + Array(next)) + Wire.message(bytes("y"))
            )
            #expect(try scene.receive(router)[0] == Frame([0] + Array(next)))
            let second = try scene.dealer()
            try scene.connect(second, to: router)
            #expect(try second.send("z") == .accepted)
            let message = try scene.receive(router)
            #expect(message[1] == "z" && message[0] != Frame([0] + Array(next)) && message[0] != id)
        }
    }

    @Test("RTR-8, RTR-10: messages are received from all peers in turn", arguments: [true, false])
    func fair(withHandler: Bool) throws {
        try withScene { scene in
            let recorder = Recorder()
            let router = try scene.router(handler: withHandler ? recorder : nil)
            router.pause()
            for (name, count) in [("a", 6), ("b", 3)] {
                let peer = try scene.dealer(named: name, to: router)
                let before = router.statistics.messagesReceived
                for _ in 0..<count { #expect(try peer.send("") == .accepted) }
                try scene.wait("them") { router.statistics.messagesReceived == before + count }
            }
            router.resume()
            if !withHandler { while let message = try router.tryReceive() { recorder.add(message) } }
            try scene.wait("all") { recorder.count == 9 }
            #expect(recorder.texts.map { $0.dropLast() }.joined() == "abababaaa")
        }
    }

    @Test("RTR-9: the id precedes messages of every size, which stay unchanged when they are kept")
    func sizes() throws {
        try withScene { scene in
            let inbox = Recorder()
            let router = try scene.router { inbox.add($1) }
            let dealer = try scene.dealer(named: "sender", to: router)
            var messages: [Message] = [0, 1, 255, 256, 8180, 8192, 8193, 65_536, 1_000_000].map {
                Message(Pattern.bytes($0, seed: $0))
            }
            messages.append([Frame(Pattern.bytes(20_000)), "", Frame(Pattern.bytes(300_000, seed: 3)), "end"])
            messages += (0..<2000).map { "\($0)" }
            for message in messages {
                try scene.wait("room") { try dealer.send(message) == .accepted }
            }
            try scene.wait("all") { inbox.count == messages.count }
            for (found, message) in zip(inbox.messages, messages) {
                #expect(found[0] == "sender" && found.count == message.count + 1)
                #expect(found.dropFirst()!.hasSameBytes(as: message))
            }
            for message in inbox.messages { _ = try router.send(message) }
            for message in messages.prefix(20) { #expect(try scene.receive(dealer).hasSameBytes(as: message)) }
        }
    }

    @Test("RTR-11, MUL-03: a message is routed when its last frame is sent, and can be received frame by frame")
    func frameByFrame() throws {
        try withTimedScene { scene in
            let router = try scene.router()
            let dealer = try scene.dealer(named: "d", to: router)
            #expect(try router.send("d", more: true) == .accepted)
            #expect(try router.send("", more: true) == .accepted)
            #expect(try scene.receiveAll(dealer) == [])
            #expect(try router.send("x", more: false) == .accepted)
            #expect(try scene.receive(dealer).text == "|x")
            #expect(try dealer.send("y") == .accepted)
            try scene.wait("it") { router.statistics.messagesReceived == 1 }
            let (id, body) = try (router.tryReceiveFrame(), router.tryReceiveFrame())
            #expect(id?.frame == "d" && id?.more == true && body?.frame == "y" && body?.more == false)
        }
    }

    @Test("RTR-13, MMP-12: a message for an unknown id is dropped and counted; the next good one arrives")
    func unknown() throws {
        try withTimedScene { scene in
            let router = try scene.router()
            let dealer = try scene.dealer(named: "d", to: router)
            #expect(try router.send(["absent", "x"]) == .accepted)
            #expect(try router.send("x", to: "") == .accepted)
            #expect(try router.send(["d"]) == .accepted)
            #expect(try router.send("d") == .accepted)
            #expect(try router.send("x", to: Frame(Pattern.bytes(300))) == .accepted)
            #expect(router.statistics.messagesDropped == 5)
            #expect(try router.send(["d", "good"]) == .accepted)
            #expect(try scene.receiveAll(dealer) == ["good"])
        }
    }

    @Test("RTR-13, MMP-13: with mandatory it is an error, and nothing is sent or counted")
    func mandatory() throws {
        try withTimedScene { scene in
            let router = try scene.router()
            router.isMandatory = true
            let dealer = try scene.dealer(named: "d", to: router)
            for send in [{ try router.send(["absent", "x"]) }, { try router.send("x", to: "absent") }] {
                let error = #expect(throws: ZMQError.self) { _ = try send() }
                #expect(error?.code == .hostUnreachable)
                #expect(error?.errnoName == "EHOSTUNREACH")
            }
            #expect(try router.send("x", to: "d") == .accepted)
            #expect(try scene.receiveAll(dealer) == ["x"])
            try scene.close(dealer)
            try scene.wait("the end") { router.peerCount == 0 }
            #expect(#expect(throws: ZMQError.self) { try router.send("x", to: "d") }?.code == .hostUnreachable)
            #expect(router.statistics.messagesDropped == 0)
        }
    }

    @Test(
        "RTR-2, RTR-5, RTR-12, RTR-13, RTR-14, HWM-06: each peer has its own limit; only messages beyond it are dropped"
    )
    func highWaterMark() throws {
        try withScene { scene in
            let router = try scene.router { $0.sendHighWaterMark = 10 }
            let fast = try scene.dealer(named: "fast", to: router)
            let slow = try scene.rawPeer("DEALER", of: router, identity: bytes("slow"), receiveBuffer: 4096)
            let body = Message(Pattern.bytes(1_000_000))
            for number in 0..<30 {
                #expect(try router.send(body, to: "slow") == .accepted)
                #expect(try router.send("\(number)", to: "fast") == .accepted)
                if number % 5 == 4 { try scene.wait("the fast one") { fast.messagesWaiting == number + 1 } }
            }
            #expect(try scene.receive(30, fast) == (0..<30).map(String.init))
            #expect(router.statistics.messagesDropped >= 15 && router.statistics.messagesDropped <= 20)
            withExtendedLifetime(slow) {}
        }
    }

    @Test(
        "RTR-13, RTR-14, HWM-06: exactly the mark is queued in one turn; mandatory would block, and reports room",
        .nothingMovesByItself
    )
    func wouldBlock() throws {
        try withTimedScene { scene in
            let recorder = Recorder()
            let router = try scene.router({ $0.sendHighWaterMark = 3 }, handler: recorder)
            let dealer = try scene.dealer(named: "d", to: router)
            for number in 0..<5 { #expect(try router.send("\(number)", to: "d") == .accepted) }
            #expect(router.statistics.messagesDropped == 2)
            #expect(try scene.receiveAll(dealer) == ["0", "1", "2"])
            #expect(recorder.writableCount == 0)
            router.isMandatory = true
            for number in 0..<3 { #expect(try router.send("\(number)", to: "d") == .accepted) }
            for _ in 0..<2 { #expect(try router.send("3", to: "d") == .wouldBlock) }
            #expect(router.statistics.messagesDropped == 2)
            try scene.wait("room") { recorder.writableCount == 1 }
            #expect(try router.send("4", to: "d") == .accepted)
            #expect(try scene.receiveAll(dealer) == ["0", "1", "2", "4"])
            #expect(recorder.writableCount == 1)
        }
    }

    @Test("RTR-3, Q-1: messages can be sent to a named endpoint before its peer connects, and while it is away")
    func connectAs() throws {
        try withTimedScene { scene in
            let router = try scene.router()
            router.isMandatory = true
            let endpoint = try scene.freshEndpoint()
            try router.connect(endpoint, as: "service")
            #expect(router.peer("service")?.isConnected == false)
            for round in ["early", "between"] {
                #expect(try router.send(Message(round), to: "service") == .accepted)
                scene.settle()
                let dealer = try scene.dealer()
                try dealer.setRoutingID("its own name")
                try dealer.bind(endpoint)
                #expect(try scene.receive(dealer).text == round)
                #expect(try dealer.send("reply") == .accepted)
                #expect(try scene.receive(router).text == "service|reply")
                try scene.close(dealer)
                try scene.wait("the end") { router.peerCount == 0 }
            }
            #expect(router.peer("its own name") == nil)
        }
    }

    @Test("RTR-3: an invalid id for a connection is refused by name and value, and nothing is connected")
    func connectAsInvalid() throws {
        try withScene { scene in
            let router = try scene.router()
            let endpoint = try freeEndpoint()
            try router.connect(endpoint, as: "taken")
            for id in ["", "taken", Frame(Pattern.bytes(256))] as [Frame] {
                let error = #expect(throws: ZMQError.self) { try router.connect(endpoint, as: id) }
                #expect(error?.code == .invalidArgument && error?.option == "routingID")
                #expect(error?.description.contains(id.description) == true)
            }
            #expect(
                #expect(throws: ZMQError.self) { try router.connect("nonsense", as: "free") }?.code == .invalidArgument
            )
            #expect(router.peer("free") == nil)
            #expect(router.pipes.count { $0 != nil } == 1)
            try router.connect(endpoint, as: Frame(Pattern.bytes(255)))
            try router.disconnect(endpoint)
            #expect(router.peer("taken") == nil)
        }
    }

    @Test("RTR-4, Q-1: the queue of an accepted peer ends with its connection")
    func acceptedQueue() throws {
        try withTimedScene { scene in
            let router = try scene.router { $0.sendHighWaterMark = 3 }
            let peer = try scene.rawPeer("DEALER", of: router, identity: bytes("d"))
            peer.send(Wire.message(bytes("last words")))
            try scene.wait("them") { router.statistics.messagesReceived == 1 }
            peer.reset()
            for _ in 0..<3 { _ = try router.send("lost", to: "d") }
            try scene.wait("the end") { router.peerCount == 0 }
            #expect(router.peer("d") == nil)
            #expect(router.pipes.allSatisfy { $0 == nil })
            #expect(try router.tryReceive()?.text == "d|last words")
            let next = try scene.dealer(named: "d", to: router)
            #expect(try router.send("new", to: "d") == .accepted)
            #expect(try scene.receiveAll(next) == ["new"])
        }
    }

    @Test("CMB-07: two ROUTERs exchange messages when each knows the other's id", arguments: [true, false])
    func routers(byOwnName: Bool) throws {
        try withScene { scene in
            let (one, two) = try (scene.router(), scene.router())
            try two.setRoutingID("two")
            try one.setRoutingID("one")
            if byOwnName {
                try scene.connect(one, to: two)
            } else {
                try one.connect(scene.endpoint(of: two), as: "two")
                try scene.wait("the handshake") { two.peerCount == 1 }
            }
            #expect(try one.send(["two", "", "a"]) == .accepted)
            #expect(try scene.receive(two).text == "one||a")
            #expect(try two.send(["one", "b"]) == .accepted)
            #expect(try scene.receive(one).text == "two|b")
        }
    }
}
