import EventReactor
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

struct CostlyHandshakesTests {
    private final class Handshake: CostlyHandshake {
        private(set) var steps = 0

        func handshakeGoesOn() { steps += 1 }
    }

    private final class Accepting: CostlyAcceptor {
        private(set) var calls = 0

        func acceptingGoesOn() { calls += 1 }
    }

    @Test("a turn takes one step, and the others wait in their order")
    func oneStepEachTurn() throws {
        let reactor = try Reactor()
        let handshakes = CostlyHandshakes.on(reactor)
        let three = (0..<3).map { _ in Handshake() }
        check(handshakes.mayStep(three[0]))
        check(!handshakes.mayStep(three[1]) && !handshakes.mayStep(three[2]))
        reactor.run(.nowait)
        #expect(three.map(\.steps) == [0, 1, 0])
        // It waits behind the third.
        check(!handshakes.mayStep(three[0]))
        reactor.run(.nowait)
        #expect(three.map(\.steps) == [0, 1, 1])
        reactor.run(.nowait)
        #expect(three.map(\.steps) == [1, 1, 1])
        reactor.run(.nowait)
        check(handshakes.mayStep(three[0]))
    }

    @Test("while many wait nothing more is accepted")
    func acceptingWaits() throws {
        let reactor = try Reactor()
        let handshakes = CostlyHandshakes.on(reactor)
        let accepting = Accepting()
        check(handshakes.mayStep(Handshake()))
        for _ in 0..<CostlyHandshakes.most {
            check(handshakes.mayAccept(for: accepting))
            check(!handshakes.mayStep(Handshake()))
        }
        check(!handshakes.mayAccept(for: accepting))
        #expect(accepting.calls == 0)
        reactor.run(.nowait)
        #expect(accepting.calls == 1)
        check(handshakes.mayAccept(for: accepting))
    }

    #if Curve
        // The connections live on this reactor, so that the steps of one turn can be seen.
        @Test("a flood of CURVE handshakes takes one step in a turn, and all are answered")
        func flood() throws {
            let keys = try CurveKeyPair()
            try withScene(in: Context()) { scene in
                let server = try scene.pull { $0.security = try! .curveServer(keys, authenticator: .acceptAll) }
                let endpoint = try server.bind(anyPort)
                let peers = try (0..<24).map { _ in
                    let peer = try RawPeer(endpoint)
                    let curve = try CurvePeer(
                        own: CurveKeyPair(),
                        transient: CurveKeyPair(),
                        peerKey: keys.publicKey.bytes
                    )
                    peer.send(Wire.greeting(mechanism: "CURVE") + Wire.command("HELLO", curve.hello()))
                    return peer
                }
                // Behind the greeting.
                var answered = 0
                try waitUntil("all to be answered") {
                    scene.reactor.run(.nowait)
                    for peer in peers { peer.poll() }
                    let count = peers.count { $0.received.count > 64 }
                    #expect(count <= answered + 1)
                    answered = count
                    #expect(server.observer.admissions.connections.connections <= answered + 2 * CostlyHandshakes.most)
                    return count == peers.count
                }
            }
        }
    #endif
}
