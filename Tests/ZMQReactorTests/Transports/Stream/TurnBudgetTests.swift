import TestSupport
import Testing

@testable import ZMQReactor

@Suite(.hangLimit)
struct TurnBudgetTests {
    @Test("a large message leaves in parts, so that others have their turn", arguments: [1, 16])
    func large(frames: Int) throws {
        // On an I/O thread it is that one's turns that count.
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
}
