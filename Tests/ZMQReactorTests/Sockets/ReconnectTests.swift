import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

@Suite(.hangLimit)
struct ReconnectTests {
    @Test(
        "ALL-2, PAT-03, TOP-10, TRN-02: traffic continues, in order, after the listener was restarted on the same port"
    )
    func restartedListener() throws {
        try withTimedScene { scene in
            let push = try scene.push()
            let endpoint = try scene.freshEndpoint()
            for round in 0..<5 {
                let inbox = Recorder()
                let pull = try scene.pull { inbox.add($1) }
                try pull.bind(endpoint)
                if round == 0 { try push.connect(endpoint) }
                for number in 0..<100 { #expect(try push.send("\(round) \(number)") == .accepted) }
                try scene.run(until: { inbox.count == 100 })
                #expect(inbox.texts == (0..<100).map { "\(round) \($0)" })
                try scene.close(pull)
                try scene.run(until: { push.peerCount == 0 })
            }
            #expect(push.statistics.reconnects == 4)
        }
    }

    @Test("Q-1: a partly sent message is sent again, completely, on the next connection", .nothingMovesByItself)
    func halfAMessage() throws {
        try withScene { scene in
            let push = try scene.push()
            // The operating system accepts much less of the second message than its size.
            let first = try RawListener(port: freePort(), receiveBuffer: 64 << 10)
            try push.connect(first.endpoint)
            let large = Pattern.bytes(8 << 20, seed: 1)
            let messages = (0..<4).map { Message([UInt8($0)] + large) }
            for message in messages { #expect(try push.send(message) == .accepted) }
            var peer: RawPeer!
            try scene.run(until: {
                peer = peer ?? first.accept()
                return peer != nil
            })
            peer.shakeHands(as: "PULL")
            try scene.run(until: {
                peer.poll()
                return peer.received.count > 9 << 20
            })
            scene.settle()
            let sent = push.statistics.messagesSent
            #expect((1...3).contains(sent) && push.pipes[0]?.outbound.isAtBoundary == false)
            peer.reset()
            first.close()
            let inbox = Recorder()
            let pull = try scene.pull { inbox.add($1) }
            try pull.bind(first.endpoint)
            try scene.run(until: { inbox.count == messages.count - sent })
            for (found, message) in zip(inbox.messages, messages[sent...]) { #expect(found.hasSameBytes(as: message)) }
        }
    }

    @Test(
        "PSH-11: messages queued for a peer that is gone are redistributed, and only sent ones are lost",
        .nothingMovesByItself
    )
    func peerGone() throws {
        try withTimedScene { scene in
            let push = try scene.push()
            let endpoint = try push.bind(scene.anyEndpoint)
            let dying = try scene.rawPeer(to: endpoint, receiveBuffer: 4096)
            dying.shakeHands(as: "PULL")
            try scene.run(until: { push.peerCount == 1 })
            let body = [UInt8](repeating: 3, count: 20_000)
            var taken = 0
            while try push.send(NumberedMessage(number: taken).bytes() + body) == .accepted { taken += 1 }
            scene.settle()
            let handedOver = push.statistics.messagesSent
            #expect(taken == 1000 && handedOver < 1000)
            dying.reset()
            try scene.run(until: { push.peerCount == 0 })
            #expect(push.pipes.compactMap { $0 }.isEmpty, "a peer that is gone has no queue")
            #expect(try push.send("x") == .wouldBlock)
            let inbox = Recorder()
            let pull = try scene.pull { inbox.add($1) }
            try pull.connect(endpoint)
            try scene.run(until: { inbox.count == taken - handedOver })
            #expect(inbox.messages.map { NumberedMessage($0[0])!.number } == Array(handedOver..<taken))
        }
    }

    @Test("PSH-11: one of two workers dies; the other gets its queued messages")
    func oneOfTwo() throws {
        try withTimedScene { scene in
            let push = try scene.push()
            let endpoint = try push.bind(scene.anyEndpoint)
            let dying = try scene.rawPeer(to: endpoint, receiveBuffer: 4096)
            dying.shakeHands(as: "PULL")
            let inbox = Recorder()
            let pull = try scene.pull { inbox.add($1) }
            try pull.connect(endpoint)
            try scene.run(until: { push.peerCount == 2 })
            let body = [UInt8](repeating: 3, count: 20_000)
            for number in 0..<1000 { _ = try push.send(NumberedMessage(number: number).bytes() + body) }
            try scene.run(until: { inbox.count == 500 })
            scene.settle()
            let lost = push.statistics.messagesSent - 500
            dying.reset()
            try scene.run(until: { inbox.count == 1000 - lost })
            scene.settle()
            #expect(Set(inbox.messages.map { NumberedMessage($0[0])!.number }).count == 1000 - lost)
        }
    }

    @Test("PLL-8: messages sent before a close arrive, even at a slow receiver")
    func senderGone() throws {
        try withTimedScene { scene in
            let pull = try scene.pull { $0.receiveHighWaterMark = 10 }
            let push = try scene.push()
            try push.connect(pull.bind(scene.anyEndpoint))
            for number in 0..<500 { _ = try push.send("\(number)") }
            var report: CloseReport?
            push.close { report = $0 }
            var texts: [String] = []
            try scene.run(until: {
                if let message = try pull.tryReceive() { texts.append(message.string) }
                return texts.count == 500
            })
            #expect(texts == (0..<500).map(String.init))
            try scene.run(until: { report != nil })
            #expect(report?.unsentMessages == 0)
        }
    }

    @Test("Backoff: delays grow while there is no peer, and are reset after a handshake")
    func pausesGrow() throws {
        try withTimedScene { scene in
            var pauses: [Duration] = []
            let push = try scene.push {
                $0.reconnectInterval = .milliseconds(4)
                $0.reconnectIntervalMax = .milliseconds(30)
            }
            push.onEvent = { _, event in if case .connectDelayed(_, let pause, _) = event { pauses.append(pause) } }
            let endpoint = try scene.freshEndpoint()
            try push.connect(endpoint)
            try scene.run(until: { pauses.count == 6 })
            #expect(pauses[0] >= .milliseconds(3) && pauses[0] <= .milliseconds(5))
            #expect(pauses[2] >= .milliseconds(12) && pauses[2] <= .milliseconds(20))
            #expect(pauses.allSatisfy { $0 <= .milliseconds(30) })
            let pull = try scene.pull { _, _ in }
            try pull.bind(endpoint)
            try scene.run(until: { push.peerCount == 1 })
            pauses = []
            try scene.close(pull)
            try scene.run(until: { !pauses.isEmpty })
            #expect(pauses[0] <= .milliseconds(5))
        }
    }

    @Test("N-7: a connector rejected by the peer gives up, with the reason in an event")
    func refused() throws {
        try withTimedScene { scene in
            var events: [SocketEvent] = []
            let push = try scene.push()
            let other = try scene.push()
            push.onEvent = { events.append($1) }
            try push.connect(other.bind(scene.anyEndpoint))
            try scene.run(until: { events.contains { if case .closed = $0 { true } else { false } } })
            let failure = events.first { if case .handshakeFailed = $0 { true } else { false } }
            #expect(failure?.reason?.message.isEmpty == false)
            #expect(push.peerCount == 0 && other.peerCount == 0)
            #expect(try push.send("x") == .wouldBlock)
        }
    }
}
