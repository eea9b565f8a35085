import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

/// Heartbeats on real connections; their rules are tested in virtual time, with `Liveness`.
struct HeartbeatTests {
    private static let ping = Wire.command("PING", [0, 0])

    /// A PULL socket and a PUSH peer after the handshake.
    private func connected(
        in scene: Scene,
        minor: UInt8 = 1,
        _ change: Scene.Change
    ) throws -> (PullSocket, RawPeer) {
        let pull = try scene.pull(change)
        let peer = try scene.rawPeer(to: pull.bind(scene.anyEndpoint))
        peer.shakeHands(as: "PUSH", minor: minor)
        try scene.run(until: { pull.peerCount == 1 })
        return (pull, peer)
    }

    @Test func aSilentPeerIsDropped() throws {
        try withTimedScene { scene in
            let (pull, peer) = try connected(in: scene) { $0.heartbeatInterval = .milliseconds(20) }
            var reason: EventReason?
            pull.onEvent = { _, event in if case .disconnected(_, _, let why) = event { reason = why } }
            try scene.run(until: { peer.hasReceived(Self.ping) })
            try scene.run(until: { reason != nil })
            #expect(reason?.kind == .heartbeatTimeout)
            #expect(pull.connections.isEmpty)
        }
    }

    @Test func aPeerThatAnswersStays() throws {
        try withTimedScene { scene in
            let (pull, peer) = try connected(in: scene) {
                ($0.heartbeatInterval, $0.heartbeatTimeout) = (.milliseconds(2), .seconds(5))
            }
            var pings = 0
            try scene.run(until: {
                peer.poll()
                let count = peer.received.count
                if peer.received.suffix(Self.ping.count).elementsEqual(Self.ping), count > pings {
                    pings = count
                    peer.send(Wire.command("PONG", []))
                }
                return pull.connections.first?.heartbeatRoundTrip != nil && count > 64 + 30 + 5 * Self.ping.count
            })
            #expect(pull.connections[0].heartbeatRoundTrip! < .seconds(5))
        }
    }

    @Test func peersOf3_0AreNotPinged() throws {
        try withTimedScene { scene in
            let (pull, peer) = try connected(in: scene, minor: 0) { $0.heartbeatInterval = .milliseconds(2) }
            scene.settle(.milliseconds(40))
            #expect(!peer.hasReceived(Array("PING".utf8)))
            #expect(pull.peerCount == 1)
        }
    }

    @Test func thePeersTimeToLiveIsHonoured() throws {
        try withTimedScene { scene in
            let (pull, peer) = try connected(in: scene) { _ in }
            peer.send(Wire.command("PING", [0, 1]))
            try scene.run(until: { peer.hasReceived(Wire.command("PONG", [])) })
            let start = scene.elapsed
            try scene.run(until: { pull.peerCount == 0 })
            #expect(scene.elapsed - start >= .milliseconds(80))
        }
    }

    @Test func ourTimeToLiveIsSent() throws {
        try withTimedScene { scene in
            let (_, peer) = try connected(in: scene) {
                ($0.heartbeatInterval, $0.heartbeatTTL) = (.milliseconds(20), .milliseconds(1250))
            }
            try scene.run(until: { peer.hasReceived(Wire.command("PING", [0, 13])) })
        }
    }

    @Test func noTimeoutWhileNotReading() throws {
        try withTimedScene { scene in
            let (pull, peer) = try connected(in: scene) {
                ($0.heartbeatInterval, $0.heartbeatTTL) = (.milliseconds(20), .seconds(1))
                $0.receiveHighWaterMark = 1
            }
            peer.send(Wire.message("1") + Wire.message("2"))
            // This side stops reading, and turns the time to live off.
            try scene.run(until: { peer.hasReceived(Self.ping) })
            scene.settle(.milliseconds(80))
            #expect(pull.peerCount == 1)
            #expect(try pull.tryReceive() == "1")
            try scene.run(until: { pull.messagesWaiting == 1 })
            #expect(try pull.tryReceive() == "2")
            // Now it reads again, and the peer's silence counts.
            try scene.run(until: { pull.peerCount == 0 })
        }
    }

    /// Waits until a connection to libzmq has lasted for ten heartbeats. If one ends because the machine is slow,
    /// another follows.
    private func lastsForTenHeartbeats(
        libzmqBinds: Bool,
        _ options: [PeerOption] = [],
        _ change: Scene.Change = { _ in },
        _ condition: (ConnectionInfo) -> Bool = { _ in true }
    ) throws {
        try withScene { scene in
            let peer = try LibzmqPeer(.push, options)
            let pull = try scene.pull(change)
            if libzmqBinds { try pull.connect(peer.bind()) } else { try peer.connect(pull.bind(anyPort)) }
            let handshake = Wire.greeting().count + Wire.ready("PUSH").count
            let heartbeats = 10 * Wire.command("PONG", []).count
            try scene.run(until: {
                pull.connections.contains { $0.bytesReceived >= handshake + heartbeats && condition($0) }
            })
        }
    }

    @Test(arguments: [true, false])
    func libzmqAnswers(libzmqBinds: Bool) throws {
        try lastsForTenHeartbeats(libzmqBinds: libzmqBinds) {
            ($0.heartbeatInterval, $0.heartbeatTimeout, $0.heartbeatTTL) = (
                .milliseconds(10), .seconds(5), .seconds(1)
            )
        } _: {
            $0.heartbeatRoundTrip != nil
        }
    }

    @Test(arguments: [true, false])
    func libzmqAsks(libzmqBinds: Bool) throws {
        // The timeout is shorter than this wait for a first reply.
        let (interval, timeout) = (PeerOption.integer("HEARTBEAT_IVL", 10), PeerOption.integer("HEARTBEAT_TIMEOUT", 30))
        try lastsForTenHeartbeats(libzmqBinds: libzmqBinds, [interval, timeout, .integer("HEARTBEAT_TTL", 1000)])
    }

    @Test func aHalfOpenConnectionIsDetectedAndRestored() throws {
        try withVirtualScene { scene in
            let pull = try scene.pull()
            let push = try scene.push {
                ($0.heartbeatInterval, $0.heartbeatTimeout) = (.seconds(20), .seconds(40))
            }
            try push.connect(pull.bind(scene.anyEndpoint))
            try scene.run(until: { push.peerCount == 1 })
            // The other side is gone without closing the connection.
            scene.network.connections[0].isStalled = true
            let start = scene.elapsed
            try scene.run(until: { push.peerCount == 0 }, within: .seconds(100))
            #expect(scene.elapsed - start >= .seconds(40) && scene.elapsed - start <= .seconds(60))
            #expect(try push.send("x") == .accepted)
            try scene.run(until: { pull.statistics.messagesReceived == 1 })
            #expect(push.statistics.reconnects == 1)
            scene.network.connections[0].reset()
        }
    }
}
