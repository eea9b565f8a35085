import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Proxies between libzmq peers.
@Suite(.hangLimit, .serialized)
struct LibzmqProxyTests {
    @Test("PRX-03, PRX-04, PRX-08: publishers and subscribers of libzmq; subscriptions and cancellations pass")
    func publishing() throws {
        try withScene { scene in
            let (publishers, subscribers, _) = try scene.forwarder()
            let (front, back) = try (publishers.bind(anyPort), subscribers.bind(anyPort))
            let pub = try LibzmqPeer(.xpub)
            try pub.connect(front)
            try scene.wait("the publisher") { publishers.peerCount == 1 }
            let sub = try LibzmqPeer(.sub, [.subscribe("a")])
            try sub.connect(back)
            #expect(try scene.reactor.run(until: pub.receiving()) == [[1] + bytes("a")])
            let reply = try sub.verifying(1000)
            _ = try pub.flooding(1000, prefix: ["a"])
            #expect(try scene.reactor.run(until: reply) == [0: 1000])
            let (late, other) = try (LibzmqPeer(.sub, [.subscribe("a")]), LibzmqPeer(.sub, [.subscribe("b")]))
            try late.connect(back)
            try other.connect(back)
            // A second subscription to the same topic is not forwarded.
            #expect(try scene.reactor.run(until: pub.receiving()) == [[1] + bytes("b")])
            try scene.wait("both") { subscribers.subscriberCount == 3 }
            try sub.kill()
            try other.kill()
            #expect(try scene.reactor.run(until: pub.receiving()) == [[0] + bytes("b")])
            try late.kill()
            #expect(try scene.reactor.run(until: pub.receiving()) == [[0] + bytes("a")])
        }
    }

    @Test("PRX-14: REQ and REP of libzmq, through ROUTER and DEALER")
    func requests() throws {
        try withScene { scene in
            let (clients, workers, proxy) = try scene.queue()
            let rep = try LibzmqPeer(.rep)
            try rep.connect(workers.bind(anyPort))
            _ = try rep.echoing()
            let req = try LibzmqPeer(.req)
            try req.connect(clients.bind(anyPort))
            for number in 0..<50 {
                _ = try req.sending([.text("\(number)"), "", "body"])
                #expect(try scene.reactor.run(until: req.receiving()) == [bytes("\(number)"), [], bytes("body")])
            }
            #expect(proxy.statistics.frontend.messagesReceived == 50 && proxy.statistics.frontend.messagesSent == 50)
        }
    }

    @Test("PRX-20: PUSH and PULL of libzmq: 100,000 messages, none lost and in order")
    func tasks() throws {
        try withScene { scene in
            let (producers, consumers, proxy) = try scene.streamer()
            let (push, pull) = try (LibzmqPeer(.push), LibzmqPeer(.pull))
            try push.connect(producers.bind(anyPort))
            try pull.connect(consumers.bind(anyPort))
            let reply = try pull.verifying(100_000)
            let flood = try push.flooding(100_000)
            try scene.run(until: { reply.isReady && flood.isReady }, "all of them", within: .seconds(30))
            #expect(try reply.value() == [0: 100_000])
            try flood.value()
            #expect(proxy.statistics.backend.messagesSent == 100_000)
        }
    }

    @Test("PRX-22: a REQ of libzmq steers the proxy")
    func control() throws {
        try withScene { scene in
            let control = try scene.rep()
            let proxy = try Proxy(frontend: scene.pull(), backend: scene.push(), control: control)
            let req = try LibzmqPeer(.req)
            try req.connect(control.bind(anyPort))
            _ = try req.sending(["STATISTICS"])
            let zeros = Array(repeating: [UInt8](repeating: 0, count: 8), count: 8)
            #expect(try scene.reactor.run(until: req.receiving()) == zeros)
            for (command, isPaused) in [("PAUSE", true), ("RESUME", false)] {
                _ = try req.sending([.text(command)])
                #expect(try scene.reactor.run(until: req.receiving()) == [[]])
                #expect(proxy.isPaused == isPaused)
            }
            _ = try req.sending(["TERMINATE"])
            #expect(try scene.reactor.run(until: req.receiving()) == [[]])
            #expect(proxy.end != nil)
        }
    }
}
