import Testing
import ZMQReactorTestSupport
import ZMQReactorTesting

@testable import ZMQReactor

@Suite(.hangLimit)
struct MutualCloseTests {
    /// Sends until there is no room on the way, nor at the peer, which receives nothing.
    private func fill(_ socket: PairSocket, _ scene: Scene) throws {
        var count = 0
        while try socket.send(Pattern.bytes(1000)) == .accepted {
            count += 1
            if count.isMultiple(of: 5) { scene.settle() }
        }
    }

    @Test("two sockets that close with full queues do not wait for each other", arguments: [true, false])
    func fullQueues(isFirstAlone: Bool) throws {
        try withVirtualScene { scene in
            scene.network.capacity = 2000
            let sockets = try (0..<2).map { _ in
                try scene.pair {
                    ($0.sendHighWaterMark, $0.receiveHighWaterMark, $0.linger) = (10, 1, .untilSent)
                }
            }
            let endpoint = scene.anyEndpoint
            try sockets[0].bind(endpoint)
            try sockets[1].connect(endpoint)
            try scene.run(until: { sockets.allSatisfy { $0.peerCount == 1 } })
            for socket in sockets { try fill(socket, scene) }
            var unsent: [Int] = []
            sockets[0].close { unsent.append($0.unsentMessages) }
            if isFirstAlone { scene.settle() }
            sockets[1].close { unsent.append($0.unsentMessages) }
            try scene.run(until: { unsent.count == 2 }, "both to close")
        }
    }
}
