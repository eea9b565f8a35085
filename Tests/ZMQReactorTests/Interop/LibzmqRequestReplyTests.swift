import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

@Suite(.hangLimit, .serialized)
struct LibzmqRequestReplyTests {
    private func join(_ scene: Scene, _ socket: Socket, _ peer: LibzmqPeer, weBind: Bool) throws {
        if weBind { try peer.connect(socket.bind(anyPort)) } else { try socket.connect(peer.bind()) }
        try scene.wait("the handshake with libzmq") { socket.peerCount == 1 }
    }

    /// The messages of every pair, without envelopes.
    static let bodies: [[PeerFrame]] =
        [0, 1, 254, 255, 256, 8192, 65_536, 1 << 20].map { [.pattern(size: $0, seed: $0)] }
        + [2, 3, 17, 200].map(Shape.frames)
        + [
            ["", ""], ["", "x", ""],
            [.pattern(size: 20_000), "", .pattern(size: 3), .pattern(size: 1 << 20, seed: 4), "end"],
        ]

    /// Our side sends, libzmq echoes.
    private func weAsk(
        _ scene: Scene,
        _ socket: any SendingSocket & ReceivingSocket,
        _ peer: LibzmqPeer,
        behind prefix: [PeerFrame] = []
    ) throws {
        let reply = try peer.echoing(Self.bodies.count)
        for body in Self.bodies {
            let message = Shape.message(prefix + body)
            #expect(try socket.send(message) == .accepted)
            #expect(try scene.receive(socket).hasSameBytes(as: message))
        }
        #expect(try scene.reactor.run(until: reply) == Self.bodies.count)
    }

    /// libzmq sends, our handler echoes.
    private func theyAsk(_ scene: Scene, _ peer: LibzmqPeer, behind prefix: [PeerFrame] = []) throws {
        for body in Self.bodies {
            _ = try peer.sending(prefix + body)
            try scene.reactor.run(until: peer.expecting(prefix + body))
        }
    }

    @Test("CMB-02, REQ-3, REQ-4: our REQ, a REP of libzmq", arguments: [true, false], [true, false])
    func reqToRep(weBind: Bool, correlates: Bool) throws {
        try withScene { scene in
            let (req, peer) = try (scene.req(), LibzmqPeer(.rep))
            req.correlatesReplies = correlates
            try join(scene, req, peer, weBind: weBind)
            try weAsk(scene, req, peer)
        }
    }

    @Test("CMB-02, REP-6, REP-9: a REQ of libzmq, our REP", arguments: [true, false], [true, false])
    func repToReq(weBind: Bool, correlates: Bool) throws {
        try withScene { scene in
            let rep = try scene.rep { $2.send($1) }
            let peer = try LibzmqPeer(.req, [.flag("REQ_CORRELATE", correlates), .flag("REQ_RELAXED", correlates)])
            try join(scene, rep, peer, weBind: weBind)
            try theyAsk(scene, peer)
        }
    }

    @Test("CMB-03, REQ-3, REQ-4: our REQ, a ROUTER of libzmq", arguments: [true, false])
    func reqToRouter(weBind: Bool) throws {
        try withScene { scene in
            let (req, peer) = try (scene.req(), LibzmqPeer(.router))
            try req.setRoutingID("ours")
            try join(scene, req, peer, weBind: weBind)
            let reply = try peer.receiving()
            #expect(try req.send("hello") == .accepted)
            #expect(try scene.reactor.run(until: reply) == [bytes("ours"), [], bytes("hello")])
            try peer.send("ours", "without the empty frame")
            try peer.send("ours", "", "answer")
            // libzmq's own REQ would disconnect such a peer; ours drops wrong messages.
            #expect(try scene.receive(req) == "answer")
            #expect(req.statistics.messagesDropped == 1)
            try weAsk(scene, req, peer)
        }
    }

    @Test("CMB-03, RTR-9, RTR-11: a REQ of libzmq, our ROUTER", arguments: [true, false])
    func routerToReq(weBind: Bool) throws {
        try withScene { scene in
            var ids: Set<Frame> = []
            let router = try scene.router {
                ids.insert($1[0])
                _ = try? $0.send($1)
            }
            let peer = try LibzmqPeer(.req, [.routingID("theirs")])
            try join(scene, router, peer, weBind: weBind)
            try theyAsk(scene, peer)
            #expect(ids == ["theirs"])
        }
    }

    @Test("CMB-04: our DEALER, a REP of libzmq", arguments: [true, false])
    func dealerToRep(weBind: Bool) throws {
        try withScene { scene in
            let (dealer, peer) = try (scene.dealer(), LibzmqPeer(.rep))
            try join(scene, dealer, peer, weBind: weBind)
            #expect(try dealer.send("without the empty frame") == .accepted)
            try weAsk(scene, dealer, peer, behind: [""])
            try weAsk(scene, dealer, peer, behind: ["one", "two", ""])
        }
    }

    @Test("CMB-04, REP-4: a DEALER of libzmq, our REP", arguments: [true, false])
    func repToDealer(weBind: Bool) throws {
        try withScene { scene in
            let (rep, peer) = try (scene.rep { $2.send($1) }, LibzmqPeer(.dealer))
            try join(scene, rep, peer, weBind: weBind)
            try peer.send("without the empty frame")
            try theyAsk(scene, peer, behind: [""])
            try theyAsk(scene, peer, behind: ["one", "two", ""])
            #expect(rep.statistics.messagesDropped == 1)
        }
    }

    @Test("CMB-05, DLR-2: our DEALER, a ROUTER of libzmq", arguments: [true, false])
    func dealerToRouter(weBind: Bool) throws {
        try withScene { scene in
            let (dealer, peer) = try (scene.dealer(), LibzmqPeer(.router))
            try join(scene, dealer, peer, weBind: weBind)
            try weAsk(scene, dealer, peer)
        }
    }

    @Test("CMB-05, RTR-6: a DEALER of libzmq, our ROUTER", arguments: [true, false])
    func routerToDealer(weBind: Bool) throws {
        try withScene { scene in
            var ids: Set<Frame> = []
            let router = try scene.router {
                ids.insert($1[0])
                _ = try? $0.send($1)
            }
            let peer = try LibzmqPeer(.dealer)
            try join(scene, router, peer, weBind: weBind)
            try theyAsk(scene, peer)
            #expect(ids.count == 1 && ids.first?.count == 5)
        }
    }

    @Test("CMB-06, DLR-1: our DEALER, a DEALER of libzmq", arguments: [true, false])
    func dealerToDealer(weBind: Bool) throws {
        try withScene { scene in
            let (dealer, peer) = try (scene.dealer(), LibzmqPeer(.dealer))
            try join(scene, dealer, peer, weBind: weBind)
            try weAsk(scene, dealer, peer)
        }
        try withScene { scene in
            let (dealer, peer) = try (scene.dealer(), LibzmqPeer(.dealer))
            try join(scene, dealer, peer, weBind: weBind)
            var replies: [PeerReply<Void>] = []
            for body in Self.bodies {
                replies.append(try peer.expecting(body))
                #expect(try dealer.send(Shape.message(body)) == .accepted)
            }
            for reply in replies { try scene.reactor.run(until: reply) }
        }
    }

    @Test("CMB-07: our ROUTER, a ROUTER of libzmq", arguments: [true, false])
    func routerToRouter(weBind: Bool) throws {
        try withScene { scene in
            let (router, peer) = try (scene.router(), LibzmqPeer(.router, [.routingID("theirs")]))
            try router.setRoutingID("ours")
            try join(scene, router, peer, weBind: weBind)
            let reply = try peer.receiving()
            #expect(try router.send(["theirs", "hello"]) == .accepted)
            #expect(try scene.reactor.run(until: reply) == [bytes("ours"), bytes("hello")])
            try peer.send("ours", "back")
            #expect(try scene.receive(router).text == "theirs|back")
            try weAsk(scene, router, peer, behind: ["theirs"])
        }
    }

    @Test("RTR-7: libzmq's probe, and ours to libzmq")
    func probes() throws {
        try withScene { scene in
            let (router, dealer) = try (scene.router(), scene.dealer())
            let peer = try LibzmqPeer(.dealer, [.routingID("theirs"), .flag("PROBE_ROUTER")])
            try peer.connect(router.bind(anyPort))
            #expect(try scene.receive(router).text == "theirs|")
            dealer.probesPeers = true
            try dealer.setRoutingID("ours")
            let other = try LibzmqPeer(.router)
            try dealer.connect(other.bind())
            #expect(try scene.reactor.run(until: other.receiving()) == [bytes("ours"), []])
        }
    }

    @Test("RTR-7: two libzmq DEALERs with the same id: with handover the second replaces the first")
    func handover() throws {
        try withScene { scene in
            let recorder = Recorder()
            let router = try scene.router(handler: recorder)
            router.allowsHandover = true
            let endpoint = try router.bind(anyPort)
            // By default libzmq reconnects, and takes the id again; this peer does not.
            let first = try LibzmqPeer(.dealer, [.routingID("d"), .integer("RECONNECT_IVL", -1)])
            try first.connect(endpoint)
            try scene.wait("the first") { recorder.connected.count == 1 }
            let second = try LibzmqPeer(.dealer, [.routingID("d")])
            try second.connect(endpoint)
            try scene.wait("the second") { recorder.connected.count == 2 }
            #expect(try router.send("x", to: "d") == .accepted)
            #expect(try scene.reactor.run(until: second.receiving()) == [bytes("x")])
            try first.expectNothing()
        }
    }

    @Test("a REP of libzmq is killed in the middle of a request; a timeout and a retry recover")
    func killedRep() throws {
        try withScene { scene in
            let (req, outcomes) = try (scene.req(), Recorder())
            let first = try LibzmqPeer(.rep)
            let endpoint = try first.bind(freeEndpoint())
            try req.connect(endpoint)
            let taken = try first.receiving()
            try req.request("x", timeout: .milliseconds(500), retries: 20, outcomes)
            _ = try scene.reactor.run(until: taken)
            try first.kill()
            try scene.wait("the end") { req.peerCount == 0 }
            let second = try LibzmqPeer(.rep)
            try second.bind(endpoint)
            _ = try second.echoing()
            try scene.wait("the reply") { !outcomes.texts.isEmpty }
            #expect(outcomes.texts == ["x"])
        }
    }

    @Test("PRX-14: REQ–ROUTER–DEALER–REP with libzmq in any of the places", arguments: 0..<8)
    func chain(places: Int) throws {
        try withScene { scene in
            let (ourClients, ourBroker, ourWorkers) = (places & 1 != 0, places & 2 != 0, places & 4 != 0)
            let process = try PeerProcess()
            var (front, back) = ("", "")
            var theirs: [LibzmqPeer] = []
            var forwarding: PeerReply<Int>?
            if ourBroker {
                let broker = try Broker(scene)
                (front, back) = try (broker.clients.bind(anyPort), broker.workers.bind(anyPort))
            } else {
                let (router, dealer) = try (LibzmqPeer(.router, in: process), LibzmqPeer(.dealer, in: process))
                (front, back) = try (router.bind(), dealer.bind())
                theirs += [router, dealer]
                forwarding = try router.proxying(to: dealer)
            }
            var seen: [Message] = []
            for _ in 0..<2 {
                if ourWorkers {
                    let worker = try scene.rep {
                        seen.append($1)
                        $2.send($1)
                    }
                    try worker.connect(back)
                } else {
                    let worker = try LibzmqPeer(.rep, in: process)
                    theirs.append(worker)
                    try worker.connect(back)
                    _ = try worker.echoing()
                }
            }
            let bodies = (0..<3).map { [.text("client \($0)"), "", .pattern(size: 10_000, seed: $0)] as [PeerFrame] }
            if ourClients {
                let clients = try bodies.map { _ in try scene.req() }
                for client in clients { try client.connect(front) }
                for _ in 0..<5 {
                    for (client, body) in zip(clients, bodies) {
                        #expect(try client.send(Shape.message(body)) == .accepted)
                    }
                    for (client, body) in zip(clients, bodies) {
                        #expect(try scene.receive(client).hasSameBytes(as: Shape.message(body)))
                    }
                }
            } else {
                let clients = try bodies.map { _ in try LibzmqPeer(.req, in: process) }
                for client in clients { try client.connect(front) }
                for _ in 0..<5 {
                    for (client, body) in zip(clients, bodies) { _ = try client.sending(body) }
                    for (client, body) in zip(clients, bodies) { try scene.reactor.run(until: client.expecting(body)) }
                }
            }
            if ourWorkers { #expect(seen.count == 15 && Set(seen) == Set(bodies.map(Shape.message))) }
            if let forwarding { #expect(try forwarding.stop() == 30) }
        }
    }
}
