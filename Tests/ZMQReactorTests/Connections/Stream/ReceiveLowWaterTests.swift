import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

@Suite(.hangLimit)
struct ReceiveLowWaterTests {
    /// A PULL socket and a PUSH peer after the handshake.
    private func connected(in scene: Scene, _ change: Scene.Change = { _ in }) throws -> (PullSocket, RawPeer) {
        let pull = try scene.pull(change)
        let peer = try RawPeer(pull.bind(anyPort))
        peer.shakeHands(as: "PUSH")
        try scene.run(until: { pull.peerCount == 1 })
        return (pull, peer)
    }

    private func send(_ bytes: some Collection<UInt8>, to peer: RawPeer, in scene: Scene) throws {
        var rest = Array(bytes)[...]
        try scene.run(
            until: {
                rest = rest.dropFirst(max(peer.send(Array(rest)), 0))
                return rest.isEmpty
            },
            "room for \(bytes.count) bytes"
        )
    }

    private func received(_ pull: PullSocket) -> Int { pull.connections.first?.bytesReceived ?? 0 }

    @Test("a large frame arrives complete in any parts", arguments: [70_000, 1 << 18, 300_000, 3 << 20])
    func parts(size: Int) throws {
        try withScene { scene in
            let (pull, peer) = try connected(in: scene)
            let body = Pattern.bytes(size)
            let bytes = Wire.longFrame(body)
            let cuts = [0, 9, 10, size / 2, 70_000, size, size + 8, bytes.count].sorted()
            // Twice: the second one finds a buffer of its size.
            for _ in 0..<2 {
                for (start, end) in zip(cuts, cuts.dropFirst()) where start < end {
                    try send(bytes[start..<end], to: peer, in: scene)
                    scene.settle(.milliseconds(2))
                }
                try scene.run(until: { pull.messagesWaiting == 1 })
                #expect(try pull.tryReceive() == Message(body))
            }
            // Small ones are reported at once again.
            peer.send(Wire.message("x"))
            try scene.run(until: { pull.messagesWaiting == 1 })
        }
    }

    @Test("a small part of a large frame causes no wake-up")
    func quiet() throws {
        try withScene { scene in
            let (pull, peer) = try connected(in: scene)
            let bytes = Wire.longFrame(Pattern.bytes(300_000))
            let before = received(pull)
            try send(bytes[..<1000], to: peer, in: scene)
            try scene.run(until: { received(pull) == before + 1000 })
            // Few enough: the operating system ignores the mark when its buffer is nearly full.
            try send(bytes[1000..<20_000], to: peer, in: scene)
            scene.settle()
            #expect(received(pull) == before + 1000)
            try send(bytes[20_000...], to: peer, in: scene)
            try scene.run(until: { received(pull) == before + bytes.count })
        }
    }

    @Test("a peer that ends in the middle of a large frame is detected", arguments: [true, false])
    func end(byReset: Bool) throws {
        try withScene { scene in
            let (pull, peer) = try connected(in: scene)
            try send(Wire.longFrame(Pattern.bytes(300_000)).prefix(50_000), to: peer, in: scene)
            scene.settle(.milliseconds(2))
            if byReset { peer.reset() } else { peer.hangUp() }
            try scene.run(until: { pull.peerCount == 0 })
        }
    }

    @Test("with heartbeats, each part of a large frame is a sign of life", arguments: [true, false])
    func heartbeat(isAskedByPeer: Bool) throws {
        try withScene { scene in
            let (pull, peer) = try connected(in: scene) {
                if !isAskedByPeer { $0.heartbeatInterval = .seconds(60) }
            }
            if isAskedByPeer {
                peer.send(Wire.command("PING", [2, 0]))
                try scene.run(until: { peer.hasReceived(Wire.command("PONG", [])) })
            }
            let bytes = Wire.longFrame(Pattern.bytes(300_000))
            let before = received(pull)
            for (start, end) in [(0, 1000), (1000, 1001), (1001, 90_000)] {
                try send(bytes[start..<end], to: peer, in: scene)
                try scene.run(until: { received(pull) == before + end })
            }
        }
    }
}
