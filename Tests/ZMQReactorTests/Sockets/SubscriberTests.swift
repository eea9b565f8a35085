import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

@Suite struct SubscriberTests {
    @Test("SUB-1, SUB-4, SUB-11, S-1: receives only, and sends its subscriptions", arguments: [UInt8(0), 1])
    func tellsWhatItWants(minor: UInt8) throws {
        try withTimedScene { scene in
            let sub = try scene.sub(to: "AB")
            #expect(!(sub as Socket is any SendingSocket))
            let peer = try scene.rawPeer("PUB", of: sub, minor: minor)
            try sub.subscribe(to: "C")
            try sub.unsubscribe(from: "AB")
            let subscriptions: [UInt8] =
                minor == 0
                ? [0, 3, 1, 65, 66, 0, 2, 1, 67, 0, 3, 0, 65, 66]
                : Wire.command("SUBSCRIBE", bytes("AB")) + Wire.command("SUBSCRIBE", bytes("C"))
                    + Wire.command("CANCEL", bytes("AB"))
            #expect(scene.heard(peer) == subscriptions)
            peer.hangUp()
            try scene.wait("the end") { sub.pipes.allSatisfy { $0 == nil } }
        }
    }

    @Test("S-2: subscriptions are counted, and sent at the first and the last")
    func counted() throws {
        try withTimedScene { scene in
            let sub = try scene.sub()
            let peer = try scene.rawPeer("PUB", of: sub, minor: 0)
            for _ in 0..<3 { try sub.subscribe(to: "A") }
            for _ in 0..<2 { try sub.unsubscribe(from: "A") }
            #expect(scene.heard(peer) == [0, 2, 1, 65])
            peer.send(message: [65])
            #expect(try scene.receive(sub) == "A")
            try sub.unsubscribe(from: "A")
            #expect(scene.heard(peer) == [0, 2, 0, 65])
            #expect(#expect(throws: ZMQError.self) { try sub.unsubscribe(from: "A") }?.code == .invalidArgument)
        }
    }

    @Test("S-6: topics around the limit of short frames arrive completely", arguments: [UInt8(0), 1])
    func longTopics(minor: UInt8) throws {
        try withScene { scene in
            for size in [244, 245, 246, 247, 248, 249, 253, 254, 255, 256, 300] {
                let topic = [UInt8](repeating: 65, count: size)
                let sub = try scene.sub()
                try sub.subscribe(to: topic)
                let peer = try scene.rawPeer("PUB", of: sub, minor: minor)
                let body = minor == 0 ? [1] + topic : [9] + Array("SUBSCRIBE".utf8) + topic
                let flags: UInt8 = minor == 0 ? 0 : 4
                let length: [UInt8] =
                    body.count < 256
                    ? [flags, UInt8(body.count)]
                    : [flags | 2, 0, 0, 0, 0, 0, 0, UInt8(body.count >> 8), UInt8(body.count & 255)]
                try scene.wait("the subscription") {
                    peer.poll()
                    return peer.received.count >= length.count + body.count
                }
                #expect(peer.received == length + body)
            }
        }
    }

    @Test("S-5: every topic is sent again at once on a new connection, without a call of the application")
    func toldAgain() throws {
        try withScene { scene in
            let listener = try RawListener()
            let sub = try scene.sub(to: "A", "A", "B")
            try sub.connect(listener.endpoint)
            for _ in 0..<2 {
                var peer: RawPeer?
                try scene.wait("a connection") {
                    peer = listener.accept()
                    return peer != nil
                }
                peer!.send(Wire.greeting() + Wire.ready("PUB"))
                // The greeting, READY of SUB, and two commands.
                let expected = 64 + Wire.ready("SUB").count + 2 * 13
                try scene.wait("subscriptions") {
                    peer!.poll()
                    return peer!.received.count >= expected
                }
                scene.settle()
                peer!.poll()
                #expect(peer!.received.count == expected)
                peer!.hangUp()
            }
        }
    }

    @Test("SUB-2, SUB-5, SUB-6: at its mark it stops reading from that publisher, and continues with the others")
    func stopsReading() throws {
        try withTimedScene { scene in
            let sub = try scene.sub(to: "", change: { $0.receiveHighWaterMark = 5 })
            let (flood, other) = try (scene.rawPeer("PUB", of: sub), scene.rawPeer("PUB", of: sub))
            for number in 0..<50 { flood.send(message: [UInt8(number)]) }
            scene.settle()
            #expect(sub.statistics.messagesReceived == 5)
            other.send(message: [200])
            scene.settle()
            #expect(sub.statistics.messagesReceived == 6)
            var received: [UInt8] = []
            while received.count < 51 { received.append(try scene.receive(sub)[0].first!) }
            // DEV-31: nothing was lost.
            #expect(received.filter { $0 != 200 } == (0..<50).map { UInt8($0) })
        }
    }

    @Test("SUB-7, SUB-10, SUB-8: publishers are read in turn, and messages are not changed")
    func inTurn() throws {
        try withTimedScene { scene in
            let sub = try scene.sub(to: "")
            let peers = try (0..<3).map { _ in try scene.rawPeer("PUB", of: sub) }
            for (number, peer) in peers.enumerated() {
                for _ in 0..<4 { peer.send([1, 1, UInt8(65 + number), 1, 0, 0, 1, 46]) }
            }
            scene.settle()
            let received = try scene.receive(12, sub)
            for round in 0..<4 { #expect(Set(received[(3 * round)..<(3 * round + 3)]) == ["A||.", "B||.", "C||."]) }
        }
    }

    @Test("SUB-9: SUB filters messages that a publisher should not have sent, XSUB does not")
    func localFilter() throws {
        try withTimedScene { scene in
            let (sub, xsub) = try (scene.sub(to: "A"), scene.xsub(to: "A"))
            for socket in [sub, xsub] as [Socket] {
                let peer = try scene.rawPeer("PUB", of: socket)
                peer.send(message: [66])
                peer.send(message: [65])
                scene.settle()
            }
            #expect(try scene.receiveAll(sub) == ["A"])
            #expect(try scene.receiveAll(xsub) == ["B", "A"])
        }
    }

    @Test(
        "XSB-6: closing and disconnecting cancel all subscriptions first",
        arguments: [true, false],
        [true, false]
    )
    func takenBackAtTheEnd(closes: Bool, isXSub: Bool) throws {
        try withScene { scene in
            let listener = try RawListener()
            let socket: SubscribingSocket = isXSub ? try scene.xsub(to: "A") : try scene.sub(to: "A")
            try socket.connect(listener.endpoint)
            var peer: RawPeer?
            try scene.wait("a connection") {
                peer = listener.accept()
                return peer != nil
            }
            peer!.send(Wire.greeting() + Wire.ready("PUB"))
            try scene.wait("the handshake") { socket.peerCount == 1 }
            if closes { socket.close() } else { try socket.disconnect(listener.endpoint) }
            try scene.wait("the end") {
                peer!.poll()
                return peer!.isClosed
            }
            #expect(peer!.received.suffix(10) == Wire.command("CANCEL", [65]))
        }
    }

    @Test("Inverted: SUB drops what it has subscribed to")
    func inverted() throws {
        try withTimedScene { scene in
            let sub = try scene.sub(to: "A")
            sub.invertsMatching = true
            let peer = try scene.rawPeer("PUB", of: sub)
            for byte in [65, 66] as [UInt8] { peer.send(message: [byte]) }
            #expect(try scene.receiveAll(sub) == ["B"])
        }
    }
}
