import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

@Suite(.hangLimit)
struct DealerSocketTests {
    @Test("DLR-1, DLR-2, CMB-06: two DEALERs send and receive freely, with unchanged frames")
    func bothWays() throws {
        try withScene { scene in
            let (one, two) = try (scene.dealer(), scene.dealer())
            try scene.connect(one, to: two)
            let messages: [Message] = [
                "", "a", ["", "b"], ["a", "", "b", ""],
                [Frame(Pattern.bytes(200_000)), "", Frame(Pattern.bytes(9000))],
            ]
            for (sender, receiver) in [(one, two), (two, one)] {
                for message in messages { #expect(try sender.send(message) == .accepted) }
                for message in messages { #expect(try scene.receive(receiver).hasSameBytes(as: message)) }
            }
        }
    }

    @Test("DLR-2, CMB-05: nothing is added on the wire")
    func wire() throws {
        try withTimedScene { scene in
            let dealer = try scene.dealer()
            let peer = try scene.rawPeer("ROUTER", of: dealer)
            for message in ["x", ["", "y"], ""] as [Message] { #expect(try dealer.send(message) == .accepted) }
            #expect(
                scene.heard(peer) == Wire.message(bytes("x")) + Wire.message([], bytes("y")) + Wire.message([[]])
            )
        }
    }

    @Test("PAT-10, DLR-1, PRX-13: many requests are under way at once, and each is answered")
    func manyOutstanding() throws {
        try withScene { scene in
            let recorder = Recorder()
            let dealer = try scene.dealer(handler: recorder)
            let router = try scene.router { router, message in _ = try? router.send(message) }
            try scene.connect(dealer, to: router)
            for number in 0..<500 { #expect(try dealer.send(["\(number)", ""]) == .accepted) }
            try scene.wait("all") { recorder.count == 500 }
            #expect(recorder.texts == (0..<500).map { "\($0)|" })
        }
    }

    @Test("DLR-3, DLR-6, DLR-7, DLR-8: round robin; a peer whose queue is full is skipped", .nothingMovesByItself)
    func passedOver() throws {
        try withTimedScene { scene in
            let dealer = try scene.dealer { $0.sendHighWaterMark = 2 }
            let (one, two) = try (scene.dealer(), scene.dealer())
            for peer in [one, two] { try scene.connect(dealer, to: peer) }
            try dealer.connect(scene.freshEndpoint())
            for number in 0..<6 { #expect(try dealer.send("\(number)") == .accepted) }
            #expect(try scene.receive(2, one) == ["0", "3"])
            #expect(try scene.receive(2, two) == ["1", "4"])
            for number in 6..<10 {
                #expect(try dealer.send("\(number)") == .accepted)
                scene.settle(.milliseconds(5))
            }
            #expect(try scene.receiveAll(one).count == 2)
            #expect(try scene.receiveAll(two).count == 2)
        }
    }

    @Test(
        "DLR-9, DLR-10, DLR-11, HWM-07: without room it would block, accepts nothing, loses nothing, reports room once",
        .nothingMovesByItself
    )
    func wouldBlock() throws {
        try withTimedScene { scene in
            let recorder = Recorder()
            let dealer = try scene.dealer({ $0.sendHighWaterMark = 3 }, handler: recorder)
            #expect(try dealer.send("absent") == .wouldBlock)
            let other = try scene.dealer()
            try scene.connect(other, to: dealer)
            #expect(recorder.writableCount == 1)
            for number in 0..<3 { #expect(try dealer.send("\(number)") == .accepted) }
            #expect(try dealer.send("3") == .wouldBlock)
            #expect(try dealer.send(["3", "3"]) == .wouldBlock)
            try scene.wait("room") { recorder.writableCount == 2 }
            #expect(try dealer.send("4") == .accepted)
            #expect(try scene.receiveAll(other) == ["0", "1", "2", "4"])
            #expect(recorder.writableCount == 2)
        }
    }

    @Test("DLR-4, Q-1: messages sent before the peer connects, or while it is away, arrive")
    func connectorsQueue() throws {
        try withTimedScene { scene in
            let dealer = try scene.dealer()
            let endpoint = try scene.freshEndpoint()
            try dealer.connect(endpoint)
            for round in ["early", "between"] {
                #expect(try dealer.send(Message(round)) == .accepted)
                scene.settle()
                let router = try scene.router()
                try router.bind(endpoint)
                #expect(try scene.receive(router)[1] == round)
                try scene.close(router)
                try scene.wait("the end") { dealer.peerCount == 0 }
            }
        }
    }

    @Test("DLR-5, Q-1: the queue of an accepted peer ends with its connection; its messages stay")
    func acceptedQueue() throws {
        try withScene { scene in
            let dealer = try scene.dealer { $0.sendHighWaterMark = 2 }
            let peer = try scene.rawPeer("DEALER", of: dealer)
            peer.send(Wire.message(bytes("last words")))
            try scene.wait("them") { dealer.statistics.messagesReceived == 1 }
            peer.reset()
            for _ in 0..<2 { #expect(try dealer.send("lost") == .accepted) }
            try scene.wait("the end") { dealer.peerCount == 0 }
            #expect(try dealer.send("absent") == .wouldBlock)
            #expect(dealer.pipes.allSatisfy { $0 == nil })
            #expect(try dealer.tryReceive() == "last words")
        }
    }

    @Test("DLR-12, DLR-13: messages are received from all peers in turn", arguments: [true, false])
    func fair(withHandler: Bool) throws {
        try withScene { scene in
            let recorder = Recorder()
            let dealer = try scene.dealer(handler: withHandler ? recorder : nil)
            dealer.pause()
            for (name, count) in [("a", 6), ("b", 3)] {
                let peer = try scene.dealer()
                try scene.connect(peer, to: dealer)
                let before = dealer.statistics.messagesReceived
                for _ in 0..<count { #expect(try peer.send(name) == .accepted) }
                try scene.wait("them") { dealer.statistics.messagesReceived == before + count }
            }
            dealer.resume()
            if !withHandler { while let message = try dealer.tryReceive() { recorder.add(message) } }
            try scene.wait("all") { recorder.count == 9 }
            #expect(recorder.texts.joined() == "abababaaa")
        }
    }

    @Test("DLR-6, HWM-03: the receive mark stops reading")
    func receiveMark() throws {
        try withTimedScene { scene in
            let dealer = try scene.dealer { $0.receiveHighWaterMark = 2 }
            let peer = try scene.rawPeer("DEALER", of: dealer)
            for byte in 65..<75 { peer.send(message: [UInt8(byte)]) }
            scene.settle()
            #expect(dealer.statistics.messagesReceived == 2)
            #expect(try scene.receive(10, dealer).joined() == "ABCDEFGHIJ")
        }
    }

    @Test("DLR-1, CMB-04: with the empty frame in front, and its own frames before that, it works with REP")
    func rep() throws {
        try withScene { scene in
            let dealer = try scene.dealer()
            for name in ["A", "B"] { try scene.connect(dealer, to: scene.answering(name)) }
            for number in 0..<4 { #expect(try dealer.send(["tag \(number)", "", "x"]) == .accepted) }
            let replies = Set(try scene.receive(4, dealer))
            #expect(replies == ["tag 0||A:x", "tag 1||B:x", "tag 2||A:x", "tag 3||B:x"])
        }
    }

    @Test("ID-2: an identity is announced in the handshake; one that is set later applies to the next connection")
    func announcedIdentity() throws {
        try withScene { scene in
            let (dealer, one, two) = try (scene.dealer(), scene.router(), scene.router())
            try dealer.setRoutingID("first")
            #expect(dealer.routingID == bytes("first"))
            try scene.connect(dealer, to: one)
            try dealer.setRoutingID("second")
            try scene.connect(dealer, to: two)
            for _ in 0..<2 { #expect(try dealer.send("x") == .accepted) }
            #expect(try scene.receive(one).text == "first|x", "MMP-14")
            #expect(try scene.receive(two).text == "second|x")
        }
    }

    @Test("MMP-14: a routing id that is set after connecting has no effect on that connection")
    func identityTooLate() throws {
        try withTimedScene { scene in
            let (dealer, router) = try (scene.dealer(), scene.router())
            let endpoint = try scene.freshEndpoint()
            try dealer.setRoutingID("early")
            try dealer.connect(endpoint)
            scene.settle()
            try router.bind(endpoint)
            try scene.wait("the handshake") { dealer.peerCount == 1 }
            try dealer.setRoutingID("late")
            #expect(try dealer.send("x") == .accepted)
            #expect(try scene.receive(router).text == "early|x")
        }
    }

    @Test("ID-1: an invalid routing id is refused by name and value, and the old one stays")
    func invalidIdentity() throws {
        try withScene { scene in
            for socket in try [scene.req(), scene.dealer(), scene.router()] as [any RoutableSocket] {
                try socket.setRoutingID("good")
                var error = #expect(throws: ZMQError.self) { try socket.setRoutingID(Pattern.bytes(256)) }
                #expect(error?.code == .invalidArgument && error?.option == "routingID")
                #expect(error?.description.contains("256 bytes") == true)
                error = #expect(throws: ZMQError.self) { try socket.setRoutingID([0, 0x41]) }
                #expect(error?.code == .invalidArgument && error?.option == "routingID")
                #expect(error?.description.contains("0041") == true)
                #expect(socket.routingID == bytes("good"))
                try socket.setRoutingID([])
                #expect(socket.routingID == [])
            }
        }
    }
}
