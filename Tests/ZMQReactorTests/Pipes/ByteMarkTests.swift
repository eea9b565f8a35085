import Testing
import ZMTP

@testable import ZMQReactor

/// Paths that stay quick although there are marks in bytes.
@Suite struct ByteMarkTests {
    @Test(
        "by default many messages arrive at once, and what grows is handed over without a lock",
        .nothingMovesByItself
    )
    func quickPaths() throws {
        try withScene { scene in
            let socket = try scene.push()
            let pipe = Pipe(
                of: socket,
                endpoint: .inproc("x"),
                options: socket.endpointOptions.pipe,
                isPersistent: true
            )
            #expect(pipe.inboundCapacity(for: 64 * 1024) == 1000)
            #expect(pipe.hasKnownCapacity && pipe.hasClearCapacity)
            let handle = scene.reactor.handle
            let connection = ChannelConnection(
                ChannelPair(between: handle, and: handle),
                .connector,
                pipe,
                to: .endpoint,
                on: handle,
                peer: PeerDescription(""),
                owner: NoOwner()
            )
            pipe.outbound.append("first")
            connection.flush()
            pipe.outbound.append("second")
            #expect(pipe.hasClearCapacity)
            #expect(connection.handOverGrowth())
            #expect(pipe.sending.outstanding == Credit(messages: 2, bytes: 7 + 8))
        }
    }

    @Test("messages that are larger than what is copied are counted each, until they have gone")
    func largeMessages() throws {
        try withScene { scene in
            let socket = try scene.push { $0.sendHighWaterMarkBytes = 1 << 20 }
            let pipe = Pipe(
                of: socket,
                endpoint: .inproc("x"),
                options: socket.endpointOptions.pipe,
                isPersistent: true
            )
            let large = Message([UInt8](repeating: 1, count: 400_000))
            var taken = 0
            while pipe.hasKnownCapacity {
                pipe.outbound.append(large)
                #expect(!pipe.hasClearCapacity)
                taken += 1
            }
            #expect(taken == 3)
            pipe.release(pipe.outbound.byteCount)
            #expect(pipe.hasKnownCapacity && pipe.hasClearCapacity)
        }
    }
}

private final class NoOwner: ChannelConnectionOwner {
    func connectionEnded(_ connection: ChannelConnection) {}
}
