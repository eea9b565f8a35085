import EventReactor
import Testing
import ZMQReactor
import ZMQReactorTestSupport

/// The queue to a 1.0 peer counts like any other, although its messages are sent in another form.
@Suite struct LegacyQueueTests {
    private func message(_ number: Int, size: Int) -> [UInt8] {
        [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: size)
    }

    @Test(
        "high-water mark, exact, while a slow 1.0 peer reads",
        .nothingMovesByItself,
        arguments: [10, 3_000, 100_000]
    )
    func highWaterMark(size: Int) throws {
        try withTimedScene { scene in
            let push = try scene.push { $0.sendHighWaterMark = 5 }
            let peer = try scene.rawPeer(to: push.bind(scene.anyEndpoint))
            _ = try peer.receive(10, scene)
            peer.send(Wire.anonymous1)
            try scene.run(until: { push.peerCount == 1 })
            var accepted = 0
            while try push.send(message(accepted, size: size)) == .accepted { accepted += 1 }
            #expect(accepted == 5)
            // Until the operating system's buffers are full: sent and queued messages add up, and a full queue accepts more
            // once it is half empty.
            var full = 0
            while full < 20, accepted < 500 {
                scene.run(for: .milliseconds(1))
                full += 1
                while try push.send(message(accepted, size: size)) == .accepted { (accepted, full) = (accepted + 1, 0) }
                #expect((3...5).contains(accepted - push.statistics.messagesSent))
            }
            for number in 0..<accepted {
                let expected = Wire.message1(message(number, size: size))
                #expect(try peer.receive(expected.count, scene) == expected)
            }
            #expect(push.statistics.messagesSent == accepted)
        }
    }

    @Test("a partly sent message starts over, whatever version the next peer speaks", .nothingMovesByItself)
    func reconnect() throws {
        try withScene { scene in
            let push = try scene.push { $0.reconnectInterval = .milliseconds(1) }
            let listener = try RawListener()
            try push.connect(listener.endpoint)
            let large = message(7, size: 20_000_000)
            _ = try push.send("first")
            _ = try push.send(large)
            _ = try push.send("last")
            do {
                let peer = try listener.accept(scene.reactor)
                _ = try peer.receive(10, scene)
                peer.send(Wire.anonymous1)
                #expect(try peer.receive(7, scene) == Wire.message1("first"))
                _ = try peer.receive(100_000, scene)
            }
            let peer = try listener.accept(scene.reactor)
            peer.send(Wire.greeting() + Wire.ready("PULL"))
            _ = try peer.receive(64 + Wire.ready("PUSH").count, scene)
            #expect(try peer.receive(9, scene) == [2, 0, 0, 0, 0] + [1, 0x31, 0x2D, 0])
            #expect(try peer.receive(large.count, scene) == large)
            #expect(try peer.receive(6, scene) == Wire.message("last"))
            #expect(push.statistics.messagesSent == 3)
        }
    }

    @Test("close sends what is queued") func linger() throws {
        try withScene { scene in
            let push = try scene.push()
            let peer = try RawPeer(push.bind("tcp://127.0.0.1:*"))
            _ = try peer.receive(10, scene)
            peer.send(Wire.anonymous1)
            try scene.run(until: { push.peerCount == 1 })
            for number in 0..<100 { _ = try push.send(message(number, size: 10_000)) }
            var report: CloseReport?
            push.close { report = $0 }
            let all = try peer.receiveAll(scene)
            #expect(all == (0..<100).flatMap { Wire.message1(message($0, size: 10_000)) })
            try scene.run(until: { report != nil })
            #expect(report?.unsentMessages == 0)
        }
    }
}
