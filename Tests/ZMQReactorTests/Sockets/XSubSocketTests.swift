import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

@Suite struct XSubSocketTests {
    @Test("XSB-1, XSB-2, XSB-5, PRX-06: subscriptions and messages go to all publishers")
    func toAll() throws {
        try withTimedScene { scene in
            let xsub = try scene.xsub()
            let peers = try (0..<3).map { try scene.rawPeer("XPUB", of: xsub, minor: $0 == 0 ? 0 : 1) }
            try xsub.send([1, 65])
            try xsub.send(["user", "", "message"])
            let message = [1, 4] + Array("user".utf8) + [1, 0, 0, 7] + Array("message".utf8)
            #expect(scene.heard(peers[0]) == [0, 2, 1, 65] + message)
            for peer in peers[1...] { #expect(scene.heard(peer) == Wire.command("SUBSCRIBE", [65]) + message) }
            try xsub.send([0, 65])
            #expect(scene.heard(peers[0]) == [0, 2, 0, 65])
            for peer in peers[1...] { #expect(scene.heard(peer) == Wire.command("CANCEL", [65])) }
            try xsub.send([0, 65])
            for peer in peers { #expect(scene.heard(peer) == []) }
        }
    }

    @Test("S-2: duplicates are sent only on request")
    func duplicates() throws {
        try withTimedScene { scene in
            let xsub = try scene.xsub(to: "A")
            let peer = try scene.rawPeer("XPUB", of: xsub, minor: 0)
            _ = scene.heard(peer)
            try xsub.send([1, 65])
            #expect(scene.heard(peer) == [])
            xsub.forwardsDuplicates = true
            try xsub.send([1, 65])
            #expect(scene.heard(peer) == [0, 2, 1, 65])
            for _ in 0..<2 { try xsub.send([0, 65]) }
            #expect(scene.heard(peer) == [])
            try xsub.unsubscribe(from: "A")
            #expect(scene.heard(peer) == [0, 2, 0, 65])
        }
    }

    @Test("S-5: subscriptions sent as messages reach later publishers, too")
    func laterPublishers() throws {
        try withScene { scene in
            let xsub = try scene.xsub()
            try xsub.send([1, 65])
            let pub = try scene.pub()
            try scene.connect(xsub, to: pub)
            try scene.wait(for: 1, subscribersOf: pub, to: "A")
        }
    }

    @Test("XSB-3, XSB-4: a publisher whose queue is full misses the message, the others do not", .nothingMovesByItself)
    func dropsForOne() throws {
        try withScene { scene in
            let recorder = Recorder()
            let xsub = try scene.xsub(change: { $0.sendHighWaterMark = 2 }, handler: recorder)
            // There is no publisher: the queue fills.
            try xsub.connect(freeEndpoint())
            let xpub = try scene.xpub()
            try scene.connect(xsub, to: xpub)
            for number in 0..<5 {
                try xsub.send("message \(number)")
                #expect(try scene.receive(xpub).text == "message \(number)")
            }
            #expect(recorder.dropCount == 3)
            #expect(xsub.statistics.messagesDropped == 3)
        }
    }

    @Test("SUB-7: publishers are read in turn, with a handler as well")
    func handler() throws {
        try withTimedScene { scene in
            let recorder = Recorder()
            let xsub = try scene.xsub(to: "", handler: recorder)
            let peers = try (0..<3).map { _ in try scene.rawPeer("PUB", of: xsub) }
            xsub.pause()
            for (number, peer) in peers.enumerated() { for _ in 0..<2 { peer.send(message: [UInt8(65 + number)]) } }
            scene.settle()
            #expect(recorder.texts == [])
            xsub.resume()
            try scene.wait("messages") { recorder.count == 6 }
            #expect(Set(recorder.texts[..<3]) == ["A", "B", "C"])
        }
    }
}
