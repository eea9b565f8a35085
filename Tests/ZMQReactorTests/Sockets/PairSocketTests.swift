import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

@Suite struct PairSocketTests {
    @Test("PAR-1, PAR-2, PAR-11, CMB-09: messages pass both ways, unchanged")
    func bothWays() throws {
        try withScene { scene in
            let (one, two) = try (scene.pair(), scene.pair())
            try scene.connect(one, to: two)
            let messages: [Message] = ["", ["a", "", "b"], [Frame(Pattern.bytes(200_000)), ""]]
            for (sender, receiver) in [(one, two), (two, one)] {
                for message in messages { #expect(try sender.send(message) == .accepted) }
                for message in messages { #expect(try scene.receive(receiver) == message) }
            }
        }
    }

    @Test("PAI-04, PAR-1: a second peer is rejected before the handshake, without side effects")
    func secondPeer() throws {
        try withScene { scene in
            let (bound, first, second) = try (scene.pair(), scene.pair(), scene.pair())
            try scene.connect(first, to: bound)
            var refusals: [String] = []
            bound.onEvent = { if $1.isFailure { refusals.append($1.reason?.message ?? "") } }
            try second.connect(scene.endpoint(of: bound))
            for number in 0..<3 { #expect(try second.send("second \(number)") == .accepted) }
            try scene.wait("several attempts") { refusals.count > 3 }
            #expect(Set(refusals) == ["a PAIR socket has one peer at a time"])
            #expect(try first.send("first") == .accepted)
            #expect(try bound.send("answer") == .accepted)
            #expect(try scene.receive(bound) == "first")
            #expect(try scene.receive(first) == "answer")
            #expect(bound.peerCount == 1)
            #expect(second.peerCount == 0 && second.statistics.messagesSent == 0)
        }
    }

    @Test("PAI-05, PAR-10: when the first has left, the second is accepted, with all its messages")
    func successor() throws {
        try withTimedScene { scene in
            let (bound, first, second) = try (scene.pair(), scene.pair(), scene.pair())
            try scene.connect(first, to: bound)
            try second.connect(scene.endpoint(of: bound))
            for number in 0..<3 { #expect(try second.send("\(number)") == .accepted) }
            scene.settle()
            first.close()
            #expect(try scene.receive(3, bound) == ["0", "1", "2"])
            #expect(try bound.send("welcome") == .accepted)
            #expect(try scene.receive(second) == "welcome")
        }
    }

    @Test("PAI-05, PAR-11: what the first has sent and is not received yet is ahead of what the second sends")
    func successorWaits() throws {
        try withTimedScene { scene in
            let (bound, first, second) = try (scene.pair(), scene.pair(), scene.pair())
            bound.pause()
            try scene.connect(first, to: bound)
            for number in 0..<3 { #expect(try first.send("first \(number)") == .accepted) }
            try scene.wait("arrival") { bound.statistics.messagesReceived == 3 }
            try scene.close(first)
            try scene.wait("the end") { bound.peerCount == 0 }
            try scene.connect(second, to: bound)
            for number in 0..<3 { #expect(try second.send("second \(number)") == .accepted) }
            try scene.wait("arrival") { bound.statistics.messagesReceived == 6 }
            bound.resume()
            #expect(
                try scene.receive(6, bound)
                    == ["first 0", "first 1", "first 2", "second 0", "second 1", "second 2"]
            )
        }
    }

    @Test("PAR-1: of two simultaneous handshakes one is accepted")
    func race() throws {
        try withScene { scene in
            let bound = try scene.pair()
            let endpoint = try scene.endpoint(of: bound)
            let peers = try (0..<5).map { _ in try RawPeer(endpoint) }
            scene.settle()
            for peer in peers { peer.shakeHands(as: "PAIR") }
            scene.settle()
            for peer in peers { peer.poll() }
            let winners = peers.filter { !$0.isClosed }
            #expect(winners.count == 1)
            #expect(bound.peerCount == 1)
            for winner in winners { winner.send(message: [65]) }
            #expect(try scene.receive(bound) == "A")
        }
    }

    @Test("PAI-09, PAR-4: a connecting PAIR reconnects, and keeps its queued messages")
    func reconnects() throws {
        try withScene { scene in
            let client = try scene.pair()
            var server = try scene.pair()
            let endpoint = try server.bind(freeEndpoint())
            try scene.connect(client, to: server)
            try scene.close(server)
            try scene.wait("the end") { client.peerCount == 0 }
            #expect(try client.send("kept") == .accepted)
            server = try scene.pair()
            try server.bind(endpoint)
            #expect(try scene.receive(server) == "kept")
        }
    }

    @Test("PAR-3, PAR-5, PAR-6: the queue of an accepted peer ends with its connection")
    func queueEnds() throws {
        try withScene { scene in
            let bound = try scene.pair { $0.sendHighWaterMark = 2 }
            let peer = try scene.rawPeer("PAIR", of: bound)
            peer.reset()
            for _ in 0..<2 { #expect(try bound.send("lost") == .accepted) }
            #expect(try bound.send("too much") == .wouldBlock)
            try scene.wait("the end") { bound.peerCount == 0 }
            #expect(try bound.send("absent") == .wouldBlock)
            #expect(bound.pipes.allSatisfy { $0 == nil })
        }
    }

    @Test(
        "PAR-7, PAR-8, PAR-9, HWM-03, HWM-07: without room it would block, accepts nothing, and reports room once",
        .nothingMovesByItself
    )
    func wouldBlock() throws {
        try withTimedScene { scene in
            let recorder = Recorder()
            let pair = try scene.pair({ $0.sendHighWaterMark = 3 }, handler: recorder)
            #expect(try pair.send("absent") == .wouldBlock)
            let other = try scene.pair()
            try scene.connect(other, to: pair)
            #expect(recorder.writableCount == 1)
            for number in 0..<3 { #expect(try pair.send("\(number)") == .accepted) }
            #expect(try pair.send("3") == .wouldBlock)
            #expect(try pair.send("3") == .wouldBlock)
            try scene.wait("room") { recorder.writableCount == 2 }
            #expect(try pair.send("4") == .accepted)
            #expect(try scene.receiveAll(other) == ["0", "1", "2", "4"])
            #expect(recorder.writableCount == 2)
        }
    }

    @Test("PAR-6, HWM-03: the receive mark stops reading")
    func receiveMark() throws {
        try withTimedScene { scene in
            let pair = try scene.pair { $0.receiveHighWaterMark = 2 }
            let peer = try scene.rawPeer("PAIR", of: pair)
            for byte in 65..<75 { peer.send(message: [UInt8(byte)]) }
            scene.settle()
            #expect(pair.statistics.messagesReceived == 2)
            #expect(try scene.receive(10, pair).joined() == "ABCDEFGHIJ")
        }
    }

    @Test("PAR-1: a second connect is an error, and the first continues")
    func secondConnect() throws {
        try withScene { scene in
            let pair = try scene.pair()
            try pair.connect(freeEndpoint())
            let error = #expect(throws: ZMQError.self) { try pair.connect(freeEndpoint()) }
            #expect(error?.code == .wrongState)
            #expect(pair.pipes.count { $0 != nil } == 1)
        }
    }
}

@Suite struct SignalTests {
    @Test("PAI-06: of two PULLs each gets half of the signals")
    func halfOfTheSignals() throws {
        try withTimedScene { scene in
            let (push, one, two) = try (scene.push(), scene.pull(), scene.pull())
            for pull in [one, two] { try scene.connect(pull, to: push) }
            for _ in 0..<10 { #expect(try push.send("") == .accepted) }
            #expect(try scene.receiveAll(one).count == 5)
            #expect(try scene.receiveAll(two).count == 5)
        }
    }

    @Test("PAI-07: a signal from DEALER to ROUTER arrives in an envelope")
    func envelope() throws {
        try withScene { scene in
            let router = try scene.router()
            let dealer = try scene.dealer(named: "step1", to: router)
            #expect(try dealer.send("READY") == .accepted)
            #expect(try scene.receive(router) == ["step1", "READY"])
        }
    }

    @Test("PAI-08: without a subscription no signal arrives from PUB")
    func subscriptionNeeded() throws {
        try withTimedScene { scene in
            let (pub, sub) = try (scene.pub(), scene.sub())
            try scene.connect(sub, to: pub)
            try pub.send("")
            #expect(try scene.receiveAll(sub) == [])
            try sub.subscribe(to: "")
            try scene.wait(for: 1, subscribersOf: pub)
            try pub.send("")
            #expect(try scene.receive(sub) == "")
        }
    }
}
