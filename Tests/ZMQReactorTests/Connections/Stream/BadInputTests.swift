import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// A bound PULL with a good PUSH beside a misbehaving peer.
@Suite(.hangLimit)
struct BadInputTests {
    fileprivate struct Victim {
        let scene: Scene
        let pull: PullSocket
        let push: PushSocket
        let inbox: Recorder
        let endpoint: String
        let failures: Failures

        final class Failures {
            var reasons: [String] = []
            var accepted = 0
        }

        /// Checks that the good peer is still served.
        func checkService() throws {
            let before = inbox.count
            #expect(try push.send("still there") == .accepted)
            try scene.run(until: { inbox.count == before + 1 })
            #expect(pull.peerCount == 1)
            #expect(push.statistics.reconnects == 0)
        }

        /// Runs until the connection has been closed, and checks that it is removed.
        func expectEnd(of peer: RawPeer) throws {
            try scene.run(
                until: {
                    peer.poll()
                    return peer.isClosed
                },
                "the connection to be closed"
            )
            try scene.run(until: { pull.listeners[0].connectionCount == 1 })
        }
    }

    /// - Parameter isTimed: whether the test waits for time, which is then virtual where it can be.
    private func withVictim(
        isTimed: Bool = false,
        _ change: @escaping Scene.Change = { _ in },
        _ body: (Victim) throws -> Void
    ) throws {
        func run(_ scene: Scene) throws {
            let inbox = Recorder()
            let failures = Victim.Failures()
            let pull = try scene.pull(change) { inbox.add($1) }
            pull.onEvent = { _, event in
                switch event {
                case .accepted: failures.accepted += 1
                case .handshakeFailed(_, _, let reason), .disconnected(_, _, let reason):
                    failures.reasons.append(reason.message)
                default: break
                }
            }
            let endpoint = try pull.bind(scene.anyEndpoint)
            let push = try scene.push()
            try push.connect(endpoint)
            try scene.run(until: { pull.peerCount == 1 && push.peerCount == 1 })
            let victim = Victim(
                scene: scene,
                pull: pull,
                push: push,
                inbox: inbox,
                endpoint: endpoint,
                failures: failures
            )
            try body(victim)
            try victim.checkService()
        }
        if isTimed { try withTimedScene { try run($0) } } else { try withScene { try run($0) } }
    }

    @Test(
        "RAW-03, ERR-01: a peer of another protocol is disconnected, without effect on others",
        .nothingMovesByItself,
        arguments: [
            "hello, is anybody there?\n" + String(repeating: "x", count: 100),
            "GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: curl/7.88\r\nAccept: */*\r\n\r\n",
            "\n",
            "EHLO mail.example.org\r\n",
        ]
    )
    func otherLanguages(text: String) throws {
        try withVictim(isTimed: true, { $0.handshakeInterval = .milliseconds(200) }) { victim in
            let peer = try victim.scene.rawPeer(to: victim.endpoint)
            peer.send(text)
            try victim.expectEnd(of: peer)
            #expect(victim.failures.reasons.count == 1)
            #expect(victim.inbox.count == 0)
        }
    }

    @Test("PAT-06, ERR-01: random bytes, before and after the handshake", arguments: 1...30)
    func randomBytes(seed: Int) throws {
        try withVictim(isTimed: true, { $0.handshakeInterval = .milliseconds(100) }) { victim in
            var random = SeededGenerator(seed: UInt64(seed))
            let peer = try victim.scene.rawPeer(to: victim.endpoint)
            if seed % 3 == 1 { peer.send(Wire.greeting()) }
            if seed % 3 == 2 { peer.shakeHands(as: "PUSH") }
            for _ in 0..<1 + random.below(20) {
                peer.send((0..<random.below(5000)).map { _ in UInt8(truncatingIfNeeded: random.next()) })
                victim.scene.reactor.run(.nowait)
            }
            // Random bytes may be messages; then the peer disconnects.
            victim.scene.settle(.milliseconds(5))
            peer.hangUp()
            try victim.scene.run(until: { victim.pull.listeners[0].connectionCount == 1 })
        }
    }

    @Test(
        "N-9: half a greeting, then silence: the handshake's time runs out",
        .nothingMovesByItself,
        arguments: [0, 1, 10, 11, 12, 40, 63, 64, 66]
    )
    func silence(bytes: Int) throws {
        try withVictim(isTimed: true, { $0.handshakeInterval = .milliseconds(60) }) { victim in
            let peer = try victim.scene.rawPeer(to: victim.endpoint)
            peer.send(Array((Wire.greeting() + Wire.ready("PUSH")).prefix(bytes)))
            let start = victim.scene.elapsed
            try victim.expectEnd(of: peer)
            #expect(victim.scene.elapsed - start == .milliseconds(60))
            #expect(victim.failures.reasons == ["the handshake timed out"])
        }
    }

    @Test("a frame that is larger than allowed ends the connection at its header", arguments: [1001, 1 << 30, Int.max])
    func oversized(announced: Int) throws {
        try withVictim({ $0.maxMessageSize = 1000 }) { victim in
            let peer = try RawPeer(victim.endpoint)
            peer.shakeHands(as: "PUSH")
            try victim.scene.run(until: { victim.pull.peerCount == 2 })
            peer.send([2] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: announced >> ($0 * 8)) })
            try victim.expectEnd(of: peer)
            #expect(victim.inbox.count == 0)
        }
    }

    @Test("a message whose frames add up to more than allowed ends the connection")
    func oversizedInParts() throws {
        try withVictim({ $0.maxMessageSize = 1000 }) { victim in
            let peer = try RawPeer(victim.endpoint)
            peer.shakeHands(as: "PUSH")
            try victim.scene.run(until: { victim.pull.peerCount == 2 })
            for _ in 0..<5 { peer.send([1, 250] + [UInt8](repeating: 1, count: 250)) }
            try victim.expectEnd(of: peer)
            #expect(victim.inbox.count == 0)
        }
    }

    @Test("a huge frame that is announced but not sent uses no memory")
    func announcedOnly() throws {
        try withVictim({ $0.maxMessageSize = 1 << 30 }) { victim in
            let before = try ProcessResources.memoryInUse()
            var peers: [RawPeer] = []
            for _ in 0..<20 {
                let peer = try RawPeer(victim.endpoint)
                peer.shakeHands(as: "PUSH")
                peer.send([2, 0, 0, 0, 0, 0x3F, 0, 0, 0] + [UInt8](repeating: 1, count: 3000))
                peers.append(peer)
            }
            try victim.scene.run(until: { victim.pull.peerCount == 21 })
            victim.scene.settle()
            // Other tests run at the same time: 20 GB would be wrong.
            #expect(try ProcessResources.memoryInUse() - before < 1 << 30)
            peers = []
            try victim.scene.run(until: { victim.pull.peerCount == 1 })
        }
    }

    @Test("frames with reserved flags end the connection", arguments: [0x08, 0x10, 0x80, 0xFF] as [UInt8])
    func reservedFlags(flags: UInt8) throws {
        try withVictim { victim in
            let peer = try RawPeer(victim.endpoint)
            peer.shakeHands(as: "PUSH")
            peer.send([flags, 1, 0])
            try victim.expectEnd(of: peer)
        }
    }

    @Test("a peer that resets, at every stage", arguments: 0..<4)
    func reset(stage: Int) throws {
        try withVictim { victim in
            for _ in 0..<5 {
                let accepted = victim.failures.accepted
                let peer = try RawPeer(victim.endpoint)
                switch stage {
                case 0: break
                case 1: peer.send(Array(Wire.greeting().prefix(20)))
                case 2: peer.shakeHands(as: "PUSH")
                default:
                    peer.shakeHands(as: "PUSH")
                    peer.send([1, 3] + Array("abc".utf8) + [0, 10, 1, 2])
                }
                try victim.scene.run(until: { victim.failures.accepted > accepted })
                if stage >= 2 { try victim.scene.run(until: { victim.pull.peerCount == 2 }) }
                peer.reset()
                try victim.scene.run(until: { victim.pull.listeners[0].connectionCount == 1 })
            }
            #expect(victim.inbox.count == 0, "half a message is not delivered")
        }
    }

    @Test("a peer that sends requests without reading the replies does not fill our memory")
    func pingFlood() throws {
        try withVictim { victim in
            // With a smaller one, the operating system may send one small segment each 200 ms.
            let peer = try RawPeer(victim.endpoint, receiveBuffer: 64 * 1024)
            peer.shakeHands(as: "PUSH")
            try victim.scene.run(until: { victim.pull.peerCount == 2 })
            let ping = Wire.command("PING", [0, 0] + [UInt8](repeating: 7, count: 16))
            let flood = Array(repeating: ping, count: 2000).flatMap { $0 }
            var quiet = 0
            var offset = 0
            var sent = 0
            // Until neither side makes progress.
            while quiet < 20, sent < 64 << 20 {
                let count = peer.send(Array(flood[offset...]))
                if count > 0 {
                    sent += count
                    offset = (offset + count) % flood.count
                    quiet = 0
                } else {
                    quiet += 1
                }
                victim.scene.settle(.milliseconds(2))
            }
            #expect(sent < 64 << 20, "this side stops reading")
            try victim.checkServiceBeside()
            // When it reads again, everything continues.
            // A reply is the PING without its time to live.
            let answers = sent / ping.count * (ping.count - 2)
            try victim.scene.run(until: {
                peer.poll()
                return peer.received.count == Wire.greeting().count + Wire.ready("PULL").count + answers
            })
            peer.hangUp()
            try victim.scene.run(until: { victim.pull.peerCount == 1 })
        }
    }

    @Test("N-8: a wrong server: the connector retries with growing delays, and finds the right one later")
    func connectingToNonsense() throws {
        try withScene { scene in
            let listener = try RawListener(port: freePort())
            let push = try scene.push()
            var failures = 0
            push.onEvent = { _, event in if case .handshakeFailed = event { failures += 1 } }
            try push.connect(listener.endpoint)
            #expect(try push.send("patience") == .accepted)
            try scene.run(until: {
                if let peer = listener.accept() {
                    peer.send("220 mail.example.org ESMTP\r\n" + String(repeating: " ", count: 64))
                }
                return failures >= 3
            })
            listener.close()
            let inbox = Recorder()
            let pull = try scene.pull { inbox.add($1) }
            try pull.bind(listener.endpoint)
            try scene.run(until: { inbox.count == 1 })
        }
    }
}

extension BadInputTests.Victim {
    /// Checks that the good peer is served beside the bad one.
    fileprivate func checkServiceBeside() throws {
        let before = inbox.count
        #expect(try push.send("beside") == .accepted)
        try scene.run(until: { inbox.count == before + 1 })
    }
}
