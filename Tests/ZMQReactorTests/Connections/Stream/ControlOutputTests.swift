import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// The engine's output waits for a slow reader, and uses no more memory than is queued.
@Suite(.hangLimit)
struct ControlOutputTests {
    @Test("sent bytes of a flood of subscriptions are freed, and the rest arrives in order", .nothingMovesByItself)
    func slowReader() throws {
        try withScene { scene in
            let listener = try RawListener()
            let sub = try scene.sub()
            try sub.connect(listener.endpoint)
            let peer = try listener.accept(scene.reactor)
            peer.shakeHands(as: "PUB")
            try scene.run(until: { sub.peerCount == 1 })
            peer.poll()
            peer.received.removeAll()
            let connection = try #require(sub.pipes.compactMap { $0 }.first?.link as? StreamConnection)
            var expected: [UInt8] = []
            var number = 0
            // More than the system accepts, and more again whenever the peer has read some of it.
            for _ in 0..<40 {
                for _ in 0..<5_000 {
                    number += 1
                    let topic = [UInt8]("topic number \(number)".utf8)
                    try sub.subscribe(to: topic)
                    expected += Wire.command("SUBSCRIBE", topic)
                }
                scene.reactor.run(.nowait)
                #expect(connection.controlSent <= connection.control.count / 2)
                if number > 100_000 { peer.poll() }
            }
            try scene.run(
                until: {
                    peer.poll()
                    #expect(connection.controlSent <= connection.control.count / 2)
                    return peer.received.count >= expected.count
                },
                within: .seconds(60)
            )
            #expect(peer.received == expected)
            #expect(connection.control.isEmpty)
        }
    }
}
