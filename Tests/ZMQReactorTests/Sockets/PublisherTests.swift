import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

@Suite struct PublisherTests {
    @Test("PUB-1: sends only, to SUB and XSUB")
    func sendsOnlyToSUBAndXSUB() throws {
        try withScene { scene in
            let pub = try scene.pub()
            let (sub, xsub) = try (scene.sub(to: ""), scene.xsub(to: ""))
            try scene.connect(sub, to: pub)
            try scene.connect(xsub, to: pub)
            try scene.wait(for: 2, subscribersOf: pub)
            try pub.send("a")
            #expect(try scene.receive(sub) == "a")
            #expect(try scene.receive(xsub) == "a")
            #expect(!(pub as Socket is any ReceivingSocket))
        }
    }

    @Test("PUB-2, PUB-10, PUB-11, HWM-01, HWM-06: a full queue drops for that subscriber alone", .nothingMovesByItself)
    func aFullQueueDropsForThatSubscriberAlone() throws {
        try withScene { scene in
            let recorder = Recorder()
            let pub = try scene.pub({ $0.sendHighWaterMark = 10 }, handler: recorder)
            let stalled = try scene.rawPeer("SUB", of: pub)
            stalled.subscribe("")
            let sub = try scene.sub(to: "")
            try scene.connect(sub, to: pub)
            try scene.wait(for: 2, subscribersOf: pub)
            let bytes = [UInt8](repeating: 7, count: 100_000)
            var sent = 0
            while recorder.dropCount < 20 {
                try pub.send(bytes)
                sent += 1
                #expect(try scene.receive(sub)[0].count == bytes.count)
                try #require(sent < 2000)
            }
            #expect(pub.statistics.messagesDropped == recorder.dropCount)
        }
    }

    @Test("PUB-3, PUB-4: queues live as long as the connect or the connection")
    func queuesLiveAsLongAsTheConnectOrTheConnection() throws {
        try withScene { scene in
            let (pub, sub) = try (scene.pub(), scene.sub(to: ""))
            try scene.connect(pub, to: sub)
            #expect(pub.pipes.count { $0 != nil } == 1)
            sub.close()
            try scene.wait("the end") { pub.peerCount == 0 }
            // This side connects: the queue stays, for the next connection.
            #expect(pub.pipes.count { $0 != nil } == 1)
            #expect(pub.subscriberCount == 0)
            let bound = try scene.pub()
            let other = try scene.sub(to: "")
            try scene.connect(other, to: bound)
            other.close()
            try scene.wait("the end") { bound.pipes.allSatisfy { $0 == nil } }
        }
    }

    @Test("PUB-5: the queue has the limit it was made with", .nothingMovesByItself)
    func theQueueHasTheLimitItWasMadeWith() throws {
        try withTimedScene { scene in
            let recorder = Recorder()
            let pub = try scene.pub({ $0.sendHighWaterMark = 3 }, handler: recorder)
            let sub = try scene.sub(to: "")
            try scene.connect(sub, to: pub)
            try scene.wait(for: 1, subscribersOf: pub)
            try pub.configure { $0.sendHighWaterMark = 5 }
            for number in 0..<10 { try pub.send("\(number)") }
            #expect(recorder.dropCount == 7)
            #expect(try scene.receiveAll(sub) == ["0", "1", "2"])
        }
    }

    @Test("PUB-6: discards what subscribers send")
    func discardsWhatSubscribersSend() throws {
        try withScene { scene in
            let (pub, xsub) = try (scene.pub(), scene.xsub(to: ""))
            try scene.connect(xsub, to: pub)
            for _ in 0..<3000 { try xsub.send("noise") }
            try scene.wait(for: 1, subscribersOf: pub)
            try pub.send("still here")
            #expect(try scene.receive(xsub) == "still here")
        }
    }

    @Test("PUB-7, SUB-8: messages are not changed")
    func nothingIsAltered() throws {
        try withScene { scene in
            let (pub, sub) = try (scene.pub(), scene.sub(to: ""))
            try scene.connect(sub, to: pub)
            try scene.wait(for: 1, subscribersOf: pub)
            let large = Frame(Pattern.bytes(100_000))
            let messages: [Message] = [
                "", ["", "", ""], ["a", "", "b"], [large, "tail"], ["head", large, ""], [large],
            ]
            for message in messages { try pub.send(message) }
            for message in messages { #expect(try scene.receive(sub) == message) }
        }
    }

    @Test("PUB-8, PUB-9, PUB-12, S-1: matches prefixes of the first frame before sending")
    func matchesPrefixesOfTheFirstFrameBeforeSending() throws {
        try withTimedScene { scene in
            let pub = try scene.pub()
            let peer = try scene.rawPeer("SUB", of: pub)
            peer.subscribe("AB")
            try scene.wait(for: 1, subscribersOf: pub)
            for text in ["A", "B", "xAB", "AC", ""] { try pub.send(text) }
            try pub.send(["x", "AB"])
            #expect(scene.heard(peer) == [])
            try pub.send("ABC")
            try pub.send("AB")
            #expect(scene.heard(peer) == [0, 3, 65, 66, 67, 0, 2, 65, 66])
        }
    }

    @Test("S-2: publishers keep a set for each subscriber")
    func publishersKeepASetForEachSubscriber() throws {
        try withTimedScene { scene in
            let pub = try scene.pub()
            let peer = try scene.rawPeer("SUB", of: pub)
            for _ in 0..<3 { peer.subscribe("A") }
            try scene.wait(for: 1, subscribersOf: pub)
            try pub.send("A")
            #expect(scene.heard(peer) == [0, 1, 65])
            peer.send(command: "CANCEL", [65])
            try scene.wait(for: 0, subscribersOf: pub)
            try pub.send("A")
            #expect(scene.heard(peer) == [])
        }
    }

    @Test("S-3, S-4: accepts both forms from every version", arguments: [UInt8(0), 1])
    func acceptsBothFormsOnEveryVersion(minor: UInt8) throws {
        try withTimedScene { scene in
            let pub = try scene.pub()
            let peer = try scene.rawPeer("XSUB", of: pub, minor: minor)
            peer.subscribe("A")
            peer.send(message: [1, 66])
            try scene.wait("both topics") { pub.topicCount == 2 }
            peer.send(message: [0, 65])
            try scene.wait("one topic") { pub.topicCount == 1 }
            try pub.send("A")
            try pub.send("B")
            #expect(scene.heard(peer) == [0, 1, 66])
        }
    }

    @Test("S-7: an unknown cancellation changes nothing")
    func anUnknownCancellationChangesNothing() throws {
        try withTimedScene { scene in
            let pub = try scene.pub()
            let peer = try scene.rawPeer("SUB", of: pub)
            peer.subscribe("A")
            peer.send(message: [0, 66])
            peer.send(message: [0])
            scene.settle()
            #expect(pub.topicCount == 1)
        }
    }

    @Test(.nothingMovesByItself)
    func closingInTheDropHandlerIsOrdinary() throws {
        try withTimedScene { scene in
            let recorder = Recorder(onDrop: { $0.close() })
            let pub = try scene.pub({ $0.sendHighWaterMark = 1 }, handler: recorder)
            let subs = try (0..<3).map { _ in try scene.sub(to: "") }
            for sub in subs { try scene.connect(sub, to: pub) }
            try scene.wait(for: 3, subscribersOf: pub)
            try pub.send("1")
            try pub.send("2")
            #expect(recorder.dropCount == 1)
            #expect(pub.isClosed)
            scene.settle()
        }
    }

    @Test
    func invertedMatchingSendsToTheOthers() throws {
        try withTimedScene { scene in
            let (pub, sub) = try (scene.pub(), scene.sub(to: "A"))
            pub.invertsMatching = true
            sub.invertsMatching = true
            try scene.connect(sub, to: pub)
            try scene.wait(for: 1, subscribersOf: pub)
            for text in ["A", "B", "AB", ""] { try pub.send(text) }
            #expect(try scene.receiveAll(sub) == ["B", ""])
        }
    }
}
