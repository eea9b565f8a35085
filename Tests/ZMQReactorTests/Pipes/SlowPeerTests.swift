import EventReactor
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// A peer whose queue stays full is disconnected, if an option enables this.
@Suite(.hangLimit) struct SlowPeerTests {
    /// Publishes until the condition holds.
    private func publish(_ pub: PubSocket, in scene: Scene, until condition: () throws -> Bool) throws {
        let message = Message(Wire.zeros(1000))
        try scene.run(
            until: {
                try pub.send(message)
                return try condition()
            },
            "the end of the slow peer"
        )
    }

    @Test(arguments: LimitSetting.timed)
    func thePeerThatDoesNotReadIsDisconnected(setting: LimitSetting) throws {
        try setting.withScene { scene in
            let pub = try scene.pub {
                ($0.sendHighWaterMark, $0.sendBuffer) = (10, 16_384)
                $0.limits.slowPeerTimeout = .milliseconds(100)
            }
            var reasons: [EventReason] = []
            pub.onEvent = { if $1.isDisconnect, let reason = $1.reason { reasons.append(reason) } }
            let endpoint = try pub.bind(setting.endpoint(in: scene))
            let sub = try scene.sub(to: "")
            try sub.connect(endpoint)
            let slow = try scene.rawPeer(to: endpoint, receiveBuffer: 4096)
            slow.shakeHands(as: "SUB")
            slow.subscribe("")
            try scene.wait(for: 2, subscribersOf: pub)
            // Never more than the fast one has received, or a busy machine would make it slow, too.
            var (sent, taken) = (0, 0)
            try scene.wait("the end of the slow peer") {
                if sent == taken {
                    try pub.send(Message(Wire.zeros(1000)))
                    sent += 1
                }
                while try sub.tryReceive() != nil { taken += 1 }
                return !reasons.isEmpty
            }
            #expect(reasons.map(\.kind) == [.limitExceeded(.slowPeer)])
            #expect(reasons[0].message == "the queue for the peer has been full for 0.1 seconds")
            try scene.run(until: { pub.statistics.limits[.slowPeer] == 1 && pub.peerCount == 1 })
            #expect(pub.statistics.limits.total == 1 && sub.statistics.reconnects == 0)
        }
    }

    @Test func aSocketOfTheProgramIsDisconnectedToo() throws {
        try withVirtualScene { scene in
            let pub = try scene.pub {
                $0.sendHighWaterMark = 10
                $0.limits.slowPeerTimeout = .milliseconds(50)
            }
            var reasons: [EventReason] = []
            pub.onEvent = { if $1.isDisconnect, let reason = $1.reason { reasons.append(reason) } }
            let sub = try scene.sub(to: "") { $0.receiveHighWaterMark = 10 }
            try sub.connect(pub.bind(Road.inproc.endpoint))
            try scene.wait(for: 1, subscribersOf: pub)
            try publish(pub, in: scene) { !reasons.isEmpty }
            #expect(reasons[0].limit == .slowPeer && pub.statistics.limits[.slowPeer] >= 1)
        }
    }

    @Test(arguments: [0, 1])
    func messagesForAnEndpointWaitForItsNextPeer(ioThreads: Int) throws {
        try withTimedScene(ioThreads: ioThreads) { scene in
            let push = try scene.push {
                ($0.sendHighWaterMark, $0.sendBuffer, $0.limits.slowPeerTimeout) = (10, 16_384, .milliseconds(50))
            }
            var reasons: [EventReason] = []
            push.onEvent = { if $1.isDisconnect, let reason = $1.reason { reasons.append(reason) } }
            let server = try scene.rawListener(receiveBuffer: 16_384)
            try push.connect(server.endpoint)
            let slow = try server.accept()
            slow.shakeHands(as: "PULL")
            try scene.wait("the handshake") { push.peerCount == 1 }
            var accepted = 0
            try scene.wait("the end of the slow peer") {
                if reasons.isEmpty, try push.send(Message(Wire.zeros(20_000))) == .accepted { accepted += 1 }
                return !reasons.isEmpty
            }
            #expect(reasons.map(\.kind) == [.limitExceeded(.slowPeer)])
            try scene.wait("the count") { push.statistics.messagesSent + push.messagesQueued == accepted }
            #expect(push.statistics.messagesDropped == 0 && push.messagesQueued > 5)
            let quick = try server.accept()
            quick.shakeHands(as: "PULL")
            try scene.wait("everything") {
                quick.poll()
                return push.statistics.messagesSent == accepted
            }
        }
    }

    /// A PUSH with a full queue for a peer that does not read.
    private func withFullQueue(
        _ timeout: Duration?,
        _ body: (_ push: PushSocket, _ peer: RawPeer, _ scene: Scene) throws -> Void
    ) throws {
        try withVirtualScene { scene in
            let push = try scene.push {
                ($0.sendHighWaterMark, $0.linger) = (10, .none)
                $0.limits.slowPeerTimeout = timeout
            }
            let peer = try scene.rawPeer("PULL", of: push, receiveBuffer: 4096)
            while try push.fill(with: Message(Wire.zeros(10_000))) > 0 { scene.run(for: .zero) }
            #expect(push.messagesQueued > 5)
            try body(push, peer, scene)
        }
    }

    @Test func theTimeCountsFromTheMessageThatDidNotFit() throws {
        try withFullQueue(.seconds(80)) { push, _, scene in
            for _ in 0..<7 { scene.run(for: .seconds(10)) }
            scene.run(for: .milliseconds(9999))
            #expect(push.peerCount == 1)
            scene.run(for: .milliseconds(2))
            #expect(push.peerCount == 0)
            #expect(push.statistics.limits[.slowPeer] == 1)
        }
    }

    @Test func aPeerThatReadsHalfOfItsQueueIsNotSlow() throws {
        try withFullQueue(.seconds(80)) { push, peer, scene in
            scene.run(for: .seconds(70))
            try scene.wait("half of the queue to leave") {
                peer.poll()
                return push.messagesQueued <= 5
            }
            for _ in 0..<100 { scene.run(for: .seconds(10)) }
            #expect(push.peerCount == 1 && push.statistics.limits.total == 0)
        }
    }

    @Test(arguments: [nil, .seconds(Int64.max)] as [Duration?])
    func byDefaultAPeerMayBeSlowForEver(timeout: Duration?) throws {
        try withFullQueue(timeout) { push, _, scene in
            for _ in 0..<20 { scene.run(for: .seconds(1_000_000)) }
            #expect(push.peerCount == 1 && push.statistics.limits.total == 0)
        }
    }

    @Test func theSmallestTimeIsTaken() throws {
        try withFullQueue(.nanoseconds(1)) { push, _, scene in
            scene.run(for: .milliseconds(1))
            #expect(push.peerCount == 0 && push.statistics.limits[.slowPeer] == 1)
        }
    }
}
