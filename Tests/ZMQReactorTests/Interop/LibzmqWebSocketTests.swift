import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Sockets over ws against libzmq's, each side binding.
@Suite(.hangLimit, .serialized)
struct LibzmqWebSocketTests {
    private func join(_ scene: Scene, _ socket: Socket, _ peer: LibzmqPeer, weBind: Bool) throws {
        if weBind {
            try peer.connect(socket.bind(WebSocketTests.anyEndpoint))
        } else {
            try socket.connect(peer.bind(WebSocketTests.anyEndpoint))
        }
        try scene.run(until: { socket.peerCount == 1 }, "the handshake with libzmq")
    }

    @Test("WS-8: every size and number of frames from our PUSH to a PULL of libzmq", arguments: [true, false])
    func pushShapes(weBind: Bool) throws {
        try withScene { scene in
            let push = try scene.push()
            let pull = try LibzmqPeer(.pull)
            try join(scene, push, pull, weBind: weBind)
            var replies: [PeerReply<Void>] = []
            for size in Shape.sizes {
                let frame = PeerFrame.pattern(size: size, seed: size)
                replies.append(try pull.expecting([frame]))
                #expect(try push.send(frame.content) == .accepted)
            }
            for count in Shape.frameCounts {
                replies.append(try pull.expecting(Shape.frames(count)))
                #expect(try push.send(Shape.message(Shape.frames(count))) == .accepted)
            }
            for reply in replies { try scene.reactor.run(until: reply) }
        }
    }

    @Test("WS-9: every size and number of frames from a PUSH of libzmq to our PULL", arguments: [true, false])
    func pullShapes(weBind: Bool) throws {
        try withScene { scene in
            let inbox = Recorder()
            let pull = try scene.pull { inbox.add($1) }
            let push = try LibzmqPeer(.push)
            try join(scene, pull, push, weBind: weBind)
            var expected: [Message] = []
            for size in Shape.sizes {
                let frames: [PeerFrame] = [.pattern(size: size, seed: size)]
                expected.append(Shape.message(frames))
                _ = try push.sending(frames)
            }
            for count in Shape.frameCounts {
                expected.append(Shape.message(Shape.frames(count)))
                _ = try push.sending(Shape.frames(count))
            }
            try scene.run(until: { inbox.count == expected.count })
            for (found, message) in zip(inbox.messages, expected) { #expect(found.hasSameBytes(as: message)) }
        }
    }

    @Test("ALL-4, ALL-5: 50,000 messages from our PUSH arrive once and in order", arguments: [true, false])
    func pushInOrder(weBind: Bool) throws {
        try withScene { scene in
            let push = try scene.push()
            let pull = try LibzmqPeer(.pull)
            try join(scene, push, pull, weBind: weBind)
            let reply = try pull.verifying(50_000)
            var next = 0
            try scene.run(
                until: {
                    while next < 50_000, try push.send(NumberedMessage(number: next).bytes()) == .accepted { next += 1 }
                    return reply.isReady
                },
                "libzmq to take them",
                within: .seconds(30)
            )
            #expect(try reply.value() == [0: 50_000])
        }
    }

    @Test("ALL-4, ALL-5: 50,000 messages from a PUSH of libzmq arrive once and in order", arguments: [true, false])
    func pullInOrder(weBind: Bool) throws {
        try withScene { scene in
            var next = 0
            let pull = try scene.pull { _, message in
                #expect(NumberedMessage(message[0])?.number == next)
                next += 1
            }
            let push = try LibzmqPeer(.push)
            try join(scene, pull, push, weBind: weBind)
            let reply = try push.flooding(50_000)
            try scene.run(until: { next == 50_000 }, "all to arrive", within: .seconds(30))
            try scene.reactor.run(until: reply)
        }
    }

    @Test("REQ-1: our REQ asks a REP of libzmq, and its REQ our REP", arguments: [true, false])
    func requests(weBind: Bool) throws {
        try withScene { scene in
            let req = try scene.req()
            let rep = try LibzmqPeer(.rep)
            try join(scene, req, rep, weBind: weBind)
            #expect(try req.send("question") == .accepted)
            #expect(try scene.reactor.run(until: rep.receiving()) == [Array("question".utf8)])
            try rep.send("answer")
            #expect(try scene.receive(req).text == "answer")

            let ours = try scene.answering("re")
            let theirs = try LibzmqPeer(.req)
            try join(scene, ours, theirs, weBind: weBind)
            try theirs.send("question")
            #expect(try scene.reactor.run(until: theirs.receiving()) == [Array("re:question".utf8)])
        }
    }

    @Test("SUB-7, S-3: subscriptions and topics travel both ways", arguments: [true, false])
    func topics(weBind: Bool) throws {
        try withScene { scene in
            let pub = try scene.pub()
            let sub = try LibzmqPeer(.sub, [.bytes("SUBSCRIBE", "a".utf8)])
            try join(scene, pub, sub, weBind: weBind)
            // A bound SUB of libzmq subscribes when it is next called.
            try scene.wait("a subscriber") {
                _ = try sub.get("EVENTS")
                return pub.subscriberCount == 1
            }
            try pub.send("b1")
            try pub.send("a1")
            #expect(try scene.reactor.run(until: sub.receiving()) == [Array("a1".utf8)])

            let ours = try scene.sub(to: "a")
            let theirs = try LibzmqPeer(.xpub)
            try join(scene, ours, theirs, weBind: weBind)
            #expect(try scene.reactor.run(until: theirs.receiving()) == [[1] + Array("a".utf8)])
            try theirs.send("b1")
            try theirs.send("a1")
            #expect(try scene.receive(ours).text == "a1")
        }
    }

    @Test("RTR-9, ID-2: DEALER and ROUTER, with routing ids", arguments: [true, false])
    func routing(weBind: Bool) throws {
        try withScene { scene in
            let dealer = try scene.dealer()
            try dealer.setRoutingID("us")
            let router = try LibzmqPeer(.router)
            try join(scene, dealer, router, weBind: weBind)
            #expect(try dealer.send("x") == .accepted)
            #expect(try scene.reactor.run(until: router.receiving()) == [Array("us".utf8), Array("x".utf8)])
            try router.send("us", "y")
            #expect(try scene.receive(dealer).text == "y")

            let ours = try scene.router()
            let theirs = try LibzmqPeer(.dealer, [.bytes("ROUTING_ID", "they".utf8)])
            try join(scene, ours, theirs, weBind: weBind)
            try theirs.send("x")
            #expect(try scene.receive(ours).text == "they|x")
            #expect(try ours.send("y", to: "they") == .accepted)
            #expect(try scene.reactor.run(until: theirs.receiving()) == [Array("y".utf8)])
        }
    }

    @Test("WS-16, HB-4: both sides' heartbeats are answered", arguments: [true, false])
    func heartbeats(weBind: Bool) throws {
        try withScene { scene in
            let pull = try scene.pull { ($0.heartbeatInterval, $0.heartbeatTimeout) = (.milliseconds(20), .seconds(5)) }
            let push = try LibzmqPeer(
                .push,
                [.integer("HEARTBEAT_IVL", 20), .integer("HEARTBEAT_TIMEOUT", 5000)]
            )
            var ends = 0
            pull.onEvent = { _, event in if event.isDisconnect { ends += 1 } }
            try join(scene, pull, push, weBind: weBind)
            try scene.run(until: { pull.connections.first?.heartbeatRoundTrip != nil }, "an answer to a PING")
            scene.settle(.milliseconds(200))
            #expect(ends == 0 && pull.peerCount == 1)
            try push.send("still here")
            #expect(try scene.receive(pull).text == "still here")
        }
    }
}
