import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

@Suite struct PipelineTests {
    @Test("PSH-1, PLL-1, CMB-08, KIL-03: PUSH sends only, PULL receives only")
    func oneWay() throws {
        try withTimedScene { scene in
            let (push, pull) = try (scene.push(), scene.pull())
            #expect(!(push as Socket is any ReceivingSocket))
            #expect(!(pull as Socket is any SendingSocket))
            let peer = try scene.rawPeer("PULL", of: push)
            // Messages that arrive nevertheless are discarded.
            for _ in 0..<3000 { peer.send(message: [1]) }
            #expect(try push.send("A") == .accepted)
            #expect(scene.heard(peer) == [0, 1, 65])
        }
    }

    @Test("PSH-2, PLL-2, PLL-8: messages are not changed")
    func unaltered() throws {
        try withScene { scene in
            let (push, pull) = try (scene.push(), scene.pull())
            try scene.connect(push, to: pull)
            let large = Frame(Pattern.bytes(70_000))
            let messages: [Message] = ["", ["", ""], ["a", large, "", large], [large]]
            for message in messages { #expect(try push.send(message) == .accepted) }
            for message in messages { #expect(try scene.receive(pull) == message) }
        }
    }

    @Test("PSH-3, PSH-4, PSH-5, PLL-3, PLL-4, PLL-5: queues live as long as the connect or the connection")
    func queues() throws {
        try withTimedScene { scene in
            let (push, pull) = try (scene.push(), scene.pull())
            try push.connect(scene.freshEndpoint())
            #expect(push.pipes.count { $0 != nil } == 1)
            try scene.connect(push, to: pull)
            #expect(push.pipes.count { $0 != nil } == 2 && pull.pipes.count { $0 != nil } == 1)
            try scene.close(pull)
            scene.settle()
            #expect(push.pipes.count { $0 != nil } == 2)
            let bound = try scene.pull()
            let peer = try scene.rawPeer("PUSH", of: bound)
            peer.send(message: [65])
            peer.hangUp()
            try scene.wait("the end") { bound.peerCount == 0 }
            #expect(bound.pipes.allSatisfy { $0 == nil })
            // Messages that had arrived are available.
            #expect(try scene.receive(bound) == "A")
        }
    }

    @Test("PSH-7, PSH-8: full peers are skipped, the others take turns", .nothingMovesByItself)
    func turns() throws {
        try withTimedScene { scene in
            let push = try scene.push { $0.sendHighWaterMark = 4 }
            let pulls = try (0..<3).map { _ in try scene.pull() }
            try push.connect(scene.freshEndpoint())
            for pull in pulls[..<2] { try scene.connect(pull, to: push) }
            for number in 0..<9 { #expect(try push.send("\(number)") == .accepted) }
            scene.settle()
            for number in 9..<13 { #expect(try push.send("\(number)") == .accepted) }
            let received = try pulls[..<2].map { try scene.receiveAll($0) }
            #expect(push.pipes.compactMap { $0 }.filter { $0.peer == nil }.map { $0.outbound.count } == [4])
            #expect(abs(received[0].count - received[1].count) <= 1)
            #expect(received[0].count + received[1].count == 9)
        }
    }

    @Test(
        "PSH-9, PSH-10, PSH-11, MSG-12: at the mark it accepts nothing, loses nothing, and the message stays the caller's",
        .nothingMovesByItself
    )
    func wouldBlock() throws {
        try withTimedScene { scene in
            let recorder = Recorder()
            let push = try scene.push({ $0.sendHighWaterMark = 4 }, handler: recorder)
            let message: Message = ["a", "b"]
            #expect(try push.send(message) == .wouldBlock)
            let pull = try scene.pull()
            try scene.connect(pull, to: push)
            #expect(try push.fill(with: message) == 4)
            #expect(try push.send(message) == .wouldBlock)
            #expect(message == ["a", "b"])
            try scene.wait("room") { recorder.writableCount == 2 }
            #expect(try push.send(message) == .accepted)
            #expect(try scene.receiveAll(pull) == [String](repeating: "a|b", count: 5))
        }
    }

    @Test("PSH-6, PLL-6: each side has its own limit, without effect on the other direction")
    func limits() throws {
        try withTimedScene { scene in
            let push = try scene.push {
                $0.sendHighWaterMark = 5
                $0.receiveHighWaterMark = 1
            }
            try push.connect(scene.freshEndpoint())
            #expect(try push.fill(with: "x") == 5)
            let pull = try scene.pull {
                $0.sendHighWaterMark = 1
                $0.receiveHighWaterMark = 3
            }
            let peer = try scene.rawPeer("PUSH", of: pull)
            for _ in 0..<10 { peer.send(message: [1]) }
            scene.settle()
            #expect(pull.statistics.messagesReceived == 3)
        }
    }

    @Test("PLL-7: messages are received from the PUSH peers in turn")
    func fair() throws {
        try withTimedScene { scene in
            let pull = try scene.pull()
            let peers = try (0..<4).map { _ in try scene.rawPeer("PUSH", of: pull) }
            for (number, peer) in peers.enumerated() { for _ in 0..<5 { peer.send(message: [UInt8(65 + number)]) } }
            scene.settle()
            let received = try scene.receive(20, pull)
            for round in 0..<5 { #expect(Set(received[(round * 4)..<(round * 4 + 4)]) == ["A", "B", "C", "D"]) }
        }
    }

    @Test("a bridge from PULL to PUB is one line of the application")
    func bridge() throws {
        try withScene { scene in
            let pub = try scene.pub()
            let pull = try scene.pull { _, message in try! pub.send(message) }
            let (push, sub) = try (scene.push(), scene.sub(to: "w"))
            try scene.connect(sub, to: pub)
            try scene.connect(push, to: pull)
            try scene.wait(for: 1, subscribersOf: pub)
            #expect(try push.send(["weather", "fine"]) == .accepted)
            #expect(try scene.receive(sub) == ["weather", "fine"])
        }
    }
}
