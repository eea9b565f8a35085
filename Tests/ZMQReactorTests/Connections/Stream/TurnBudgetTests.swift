import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

@Suite(.hangLimit)
struct TurnBudgetTests {
    // The connections live on this reactor, so that the output of one turn can be seen.
    @Test("a large message is sent in parts, so that others get their turn", arguments: [1, 16])
    func large(frames: Int) throws {
        try withScene(in: Context()) { scene in
            let push = try scene.push()
            let peer = try RawPeer(push.bind(anyPort), receiveBuffer: 8 << 20)
            peer.shakeHands(as: "PULL")
            try scene.run(until: { push.peerCount == 1 })
            let size = 4 << 20
            let body = Pattern.bytes(size / frames)
            _ = try push.send(Message(frames: Array(repeating: Frame(body), count: frames)))
            var sent = push.connections[0].bytesSent
            let end = sent + size
            var most = 0
            try scene.run(until: {
                peer.poll()
                let now = push.connections[0].bytesSent
                most = max(most, now - sent)
                sent = now
                return sent >= end
            })
            #expect(most <= StreamConnection.turnBudget)
        }
    }

    @Test("so are the bytes for a raw peer")
    func raw() throws {
        try withScene(in: Context()) { scene in
            var sent: [Int] = []
            let size = 4 << 20
            let stream = scene.track(
                try StreamSocket(on: scene.reactor, in: scene.context) { socket, message in
                    _ = try? socket.send(Pattern.bytes(size), to: message[0])
                }
            )
            let peer = try RawPeer(stream.bind(anyPort), receiveBuffer: 8 << 20)
            try scene.run(until: {
                peer.poll()
                sent.append(stream.statistics.bytesSent)
                return sent.last == size
            })
            #expect(zip(sent, sent.dropFirst()).allSatisfy { $1 - $0 <= StreamConnection.turnBudget })
        }
    }
}
