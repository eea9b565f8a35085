import TestSupport
import Testing
import ZMTP

@testable import ZMQReactor

final class PubProbe: PubHandler {
    var dropped = 0
    var onDrop: (PubSocket) -> Void = { _ in }
    func socketDroppedMessage(_ socket: PubSocket) {
        dropped += 1
        onDrop(socket)
    }
}

@Suite struct PubTests {
    let bench: Workbench
    init() throws { bench = try Workbench() }

    @Test func PUB1_sendsOnlyToSUBAndXSUB() throws {
        let pub = try bench.pub()
        let (sub, xsub) = try (bench.sub(""), bench.xsub(""))
        try bench.connect(sub, to: pub)
        try bench.connect(xsub, to: pub)
        try bench.wait(for: 2, subscribersOf: pub)
        try pub.send("a")
        #expect(try bench.receive(sub) == "a")
        #expect(try bench.receive(xsub) == "a")
        #expect(!(pub as Socket is any ReceivingSocket))
    }

    @Test func PUB2_PUB10_PUB11_HWM1_HWM6_aFullQueueDropsForThatSubscriberAlone() throws {
        let probe = PubProbe()
        let pub = try bench.pub(probe) { $0.sendHighWaterMark = 10 }
        let stalled = try WirePeer("SUB", connectedTo: pub, on: bench)
        stalled.subscribe("")
        let sub = try bench.sub("")
        try bench.connect(sub, to: pub)
        try bench.wait(for: 2, subscribersOf: pub)
        let bytes = [UInt8](repeating: 7, count: 100_000)
        var sent = 0
        while probe.dropped < 20 {
            try pub.send(bytes)
            sent += 1
            #expect(try bench.receive(sub)[0].count == bytes.count)
            try #require(sent < 2000)
        }
        #expect(pub.statistics.messagesDropped == probe.dropped)
    }

    @Test func PUB3_PUB4_queuesLiveAsLongAsTheConnectOrTheConnection() throws {
        let (pub, sub) = try (bench.pub(), bench.sub(""))
        try bench.connect(pub, to: sub)
        #expect(pub.pipes.count { $0 != nil } == 1)
        sub.close()
        try bench.wait("the end") { pub.peerCount == 0 }
        // Ours is the connecting side: the queue stays, for the next connection.
        #expect(pub.pipes.count { $0 != nil } == 1)
        #expect(pub.subscriberCount == 0)
        let bound = try bench.pub()
        let other = try bench.sub("")
        try bench.connect(other, to: bound)
        other.close()
        try bench.wait("the end") { bound.pipes.allSatisfy { $0 == nil } }
    }

    @Test func PUB5_HWM2_HWM11_theQueueHasTheLimitItWasMadeWith() throws {
        let probe = PubProbe()
        let pub = try bench.pub(probe) { $0.sendHighWaterMark = 3 }
        let sub = try bench.sub("")
        try bench.connect(sub, to: pub)
        try bench.wait(for: 1, subscribersOf: pub)
        try pub.configure { $0.sendHighWaterMark = 5 }
        for number in 0..<10 { try pub.send("\(number)") }
        #expect(probe.dropped == 7)
        #expect(try bench.receiveAll(sub) == ["0", "1", "2"])
    }

    @Test func PUB6_discardsWhatSubscribersSend() throws {
        let (pub, xsub) = try (bench.pub(), bench.xsub(""))
        try bench.connect(xsub, to: pub)
        for _ in 0..<3000 { try xsub.send("noise") }
        try bench.wait(for: 1, subscribersOf: pub)
        try pub.send("still here")
        #expect(try bench.receive(xsub) == "still here")
    }

    @Test func PUB7_SUB8_nothingIsAltered() throws {
        let (pub, sub) = try (bench.pub(), bench.sub(""))
        try bench.connect(sub, to: pub)
        try bench.wait(for: 1, subscribersOf: pub)
        let large = Frame(Pattern.bytes(100_000))
        let messages: [Message] = ["", ["", "", ""], ["a", "", "b"], [large, "tail"], ["head", large, ""], [large]]
        for message in messages { try pub.send(message) }
        for message in messages { #expect(try bench.receive(sub) == message) }
    }

    @Test func PUB8_PUB9_PUB12_S1_matchesPrefixesOfTheFirstFrameBeforeSending() throws {
        let pub = try bench.pub()
        let peer = try WirePeer("SUB", connectedTo: pub, on: bench)
        peer.subscribe("AB")
        try bench.wait(for: 1, subscribersOf: pub)
        for text in ["A", "B", "xAB", "AC", ""] { try pub.send(text) }
        try pub.send(["x", "AB"])
        #expect(peer.heard() == [])
        try pub.send("ABC")
        try pub.send("AB")
        #expect(peer.heard() == [0, 3, 65, 66, 67, 0, 2, 65, 66])
    }

    @Test func S2_publishersKeepASetForEachSubscriber() throws {
        let pub = try bench.pub()
        let peer = try WirePeer("SUB", connectedTo: pub, on: bench)
        for _ in 0..<3 { peer.subscribe("A") }
        try bench.wait(for: 1, subscribersOf: pub)
        try pub.send("A")
        #expect(peer.heard() == [0, 1, 65])
        peer.send([4, 8, 6] + Array("CANCELA".utf8))
        try bench.wait(for: 0, subscribersOf: pub)
        try pub.send("A")
        #expect(peer.heard() == [])
    }

    @Test(arguments: [UInt8(0), 1]) func S3_S4_takesBothFormsOnEveryVersion(minor: UInt8) throws {
        let pub = try bench.pub()
        let peer = try WirePeer("XSUB", connectedTo: pub, on: bench, minor: minor)
        peer.subscribe("A")
        peer.send(message: [1, 66])
        try bench.wait("both topics") { pub.topicCount == 2 }
        peer.send(message: [0, 65])
        try bench.wait("one topic") { pub.topicCount == 1 }
        try pub.send("A")
        try pub.send("B")
        #expect(peer.heard() == [0, 1, 66])
    }

    @Test func S7_anUnknownCancellationChangesNothing() throws {
        let pub = try bench.pub()
        let peer = try WirePeer("SUB", connectedTo: pub, on: bench)
        peer.subscribe("A")
        peer.send(message: [0, 66])
        peer.send(message: [0])
        bench.settle()
        #expect(pub.topicCount == 1)
    }

    @Test func closingInTheDropHandlerIsOrdinary() throws {
        let probe = PubProbe()
        probe.onDrop = { $0.close() }
        let pub = try bench.pub(probe) { $0.sendHighWaterMark = 1 }
        let subs = try (0..<3).map { _ in try bench.sub("") }
        for sub in subs { try bench.connect(sub, to: pub) }
        try bench.wait(for: 3, subscribersOf: pub)
        try pub.send("1")
        try pub.send("2")
        #expect(probe.dropped == 1)
        #expect(pub.isClosed)
        bench.settle()
    }

    @Test func invertedMatchingSendsToTheOthers() throws {
        let (pub, sub) = try (bench.pub(), bench.sub("A"))
        pub.invertsMatching = true
        sub.invertsMatching = true
        try bench.connect(sub, to: pub)
        try bench.wait(for: 1, subscribersOf: pub)
        for text in ["A", "B", "AB", ""] { try pub.send(text) }
        #expect(try bench.receiveAll(sub) == ["B", ""])
    }
}
