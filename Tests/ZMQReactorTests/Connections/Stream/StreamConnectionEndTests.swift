import Glibc
import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

/// The last states of a connection, over memory.
@Suite(.hangLimit)
struct StreamConnectionEndTests {
    @Test("a subscription that comes while the last bytes are acknowledged breaks nothing")
    func subscribingAtTheEnd() throws {
        try withMemoryPeer(of: { try $0.sub(to: "a") }) { (sub, peer) throws in
            peer.shakeHands(as: "PUB")
            peer.far.incoming.isStalled = true
            peer.connection.close(afterSending: true)
            peer.pass(.milliseconds(20))
            #expect(peer.connection.flags.contains(.awaitsAcknowledgement))
            try sub.subscribe(to: "b")
            try sub.unsubscribe(from: "a")
            peer.pass(.milliseconds(20))
            #expect(peer.reason == nil)
            peer.far.incoming.isStalled = false
            peer.pass(.seconds(2))
            #expect(peer.reason?.kind == .closed)
        }
    }

    @Test("a connection that is held back and has handed everything on owns no buffer", arguments: [false, true])
    func heldBackOwnsNothing(isRaw: Bool) throws {
        func deliver(_ peer: MemoryPeer, _ bytes: [UInt8]) {
            peer.far.send(bytes)
            peer.turn()
            #expect(!peer.near.interest.contains(.readable))
            check(peer.connection.input.isEmpty && peer.connection.input.chunk == nil, "a chunk is kept")
        }
        if isRaw {
            // The message about the peer's arrival waits, too.
            let options = Scene.options { $0.receiveHighWaterMark = 2 }
            try withMemoryPeer(of: {
                $0.track(try StreamSocket(on: $0.reactor, in: $0.context, options: options))
            }) { (_, peer) throws in
                peer.turn()
                deliver(peer, bytes("hello"))
            }
        } else {
            try withMemoryPeer(of: { try $0.pull { $0.receiveHighWaterMark = 1 } }) { (_, peer) throws in
                peer.shakeHands(as: "PUSH")
                deliver(peer, Wire.message("hello"))
            }
        }
    }
}
