import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

/// Our sockets and libzmq's, either side binding.
@Suite(.serialized) struct LibzmqPairingTests {
    /// Connects the two, in either direction.
    private func join(_ socket: Socket, _ peer: LibzmqPeer, weBind: Bool, _ scene: Scene) throws {
        if weBind { try peer.connect(scene.endpoint(of: socket)) } else { try socket.connect(peer.bind()) }
    }

    /// The publisher's messages, and those that a subscriber to "t" receives.
    private static let sent: [[PeerFrame]] = [
        ["t"], ["other"], ["t1", "", "x"], [""], ["topic", .pattern(size: 200_000, seed: 1), ""], ["T"],
        ["t", [0, 255]],
    ]
    private static let wanted = sent.filter { $0[0].content.first == UInt8(ascii: "t") }

    private func message(_ frames: [PeerFrame]) -> Message { Message(frames: frames.map { Frame($0.content) }) }

    /// We publish.
    private func publish(_ socket: PublishingSocket, to peer: LibzmqPeer, _ scene: Scene) throws {
        try scene.wait("a connection") { socket.peerCount == 1 }
        // A bound libzmq SUB sends its subscriptions only when it is called (S-5).
        try scene.reactor.run(until: peer.expectingNothing(for: .milliseconds(20)))
        try scene.wait(for: 1, subscribersOf: socket, to: "t")
        for frames in Self.sent {
            if let pub = socket as? PubSocket { try pub.send(message(frames)) }
            if let xpub = socket as? XPubSocket { #expect(try xpub.send(message(frames)) == .accepted) }
        }
        for frames in Self.wanted { try scene.reactor.run(until: peer.expecting(frames)) }
        try scene.reactor.run(until: peer.expectingNothing(for: .milliseconds(50)))
    }

    @Test("CMB-01: PUB to libzmq's SUB", arguments: [true, false])
    func pubToSub(weBind: Bool) throws {
        try withScene { scene in
            let (pub, peer) = (try scene.pub(), try LibzmqPeer(.sub, [.subscribe("t")]))
            try join(pub, peer, weBind: weBind, scene)
            try publish(pub, to: peer, scene)
            try peer.set(.unsubscribe("t"))
            try scene.wait(for: 0, subscribersOf: pub)
        }
    }

    @Test(
        "CMB-10, S-3: PUB and XPUB to libzmq's XSUB, which subscribes by messages",
        arguments: [true, false],
        [true, false]
    )
    func toXSub(weBind: Bool, isXPub: Bool) throws {
        try withScene { scene in
            let socket: PublishingSocket = isXPub ? try scene.xpub() : try scene.pub()
            let peer = try LibzmqPeer(.xsub)
            try join(socket, peer, weBind: weBind, scene)
            try scene.wait("a connection") { socket.peerCount == 1 }
            // XSUB sends to its current publishers: to none before the handshake.
            try scene.reactor.run(until: peer.sending([.bytes([1] + Array("t".utf8))]))
            try publish(socket, to: peer, scene)
            if let xpub = socket as? XPubSocket {
                #expect(try scene.receive(xpub) == "\u{1}t")
                try scene.reactor.run(until: peer.sending(["user", "", "message"]))
                #expect(try scene.receive(xpub) == ["user", "", "message"])
            }
            try scene.reactor.run(until: peer.sending([.bytes([0] + Array("t".utf8))]))
            try scene.wait(for: 0, subscribersOf: socket)
        }
    }

    @Test("CMB-10, XPB-4, XPB-6: XPUB to libzmq's SUB", arguments: [true, false])
    func xpubToSub(weBind: Bool) throws {
        try withScene { scene in
            let (xpub, peer) = (try scene.xpub(), try LibzmqPeer(.sub, [.subscribe("t")]))
            try join(xpub, peer, weBind: weBind, scene)
            try publish(xpub, to: peer, scene)
            #expect(try scene.receive(xpub) == "\u{1}t")
            try peer.set(.subscribe("u"), .unsubscribe("t"))
            #expect(try scene.receive(2, xpub) == ["\u{1}u", "\0t"])
            try peer.kill()
            #expect(try scene.receive(xpub) == "\0u")
        }
    }

    @Test(
        "CMB-01, CMB-10, XSB-2: SUB and XSUB of libzmq's PUB and XPUB",
        arguments: [true, false],
        [PeerSocketType.pub, .xpub]
    )
    func subscribe(weBind: Bool, publisher: PeerSocketType) throws {
        for isXSub in [false, true] {
            try withScene { scene in
                let socket: SubscribingSocket = isXSub ? try scene.xsub(to: "t") : try scene.sub(to: "t")
                let receiver = socket as! any ReceivingSocket
                let peer = try LibzmqPeer(publisher)
                try join(socket, peer, weBind: weBind, scene)
                try scene.wait("a connection") { socket.peerCount == 1 }
                if publisher == .xpub {
                    #expect(try scene.reactor.run(until: peer.receiving()) == [[1] + Array("t".utf8)])
                    if let xsub = socket as? XSubSocket {
                        try xsub.send(["user", "", "message"])
                        #expect(
                            try scene.reactor.run(until: peer.receiving())
                                == [Array("user".utf8), [], Array("message".utf8)]
                        )
                    }
                } else {
                    // A PUB does not report subscriptions: send until the first message arrives.
                    var first: Message?
                    while first == nil {
                        try scene.reactor.run(until: peer.sending(["t?"]))
                        scene.settle(.milliseconds(5))
                        first = try receiver.tryReceive()
                    }
                    scene.settle()
                    while try receiver.tryReceive() != nil {}
                }
                for frames in Self.sent { try scene.reactor.run(until: peer.sending(frames)) }
                for frames in Self.wanted { #expect(try scene.receive(receiver) == message(frames)) }
                #expect(try scene.receiveAll(receiver) == [])
                try socket.unsubscribe(from: "t")
                if publisher == .xpub {
                    #expect(try scene.reactor.run(until: peer.receiving()) == [[0] + Array("t".utf8)])
                    try socket.subscribe(to: "end")
                    #expect(try scene.reactor.run(until: peer.receiving()) == [[1] + Array("end".utf8)])
                    socket.close()
                    #expect(try scene.reactor.run(until: peer.receiving()) == [[0] + Array("end".utf8)])
                }
            }
        }
    }

    @Test("CMB-09, PAI-04, PAI-09: PAIR and libzmq's PAIR", arguments: [true, false])
    func pairs(weBind: Bool) throws {
        try withScene { scene in
            let (pair, peer) = (try scene.pair(), try LibzmqPeer(.pair))
            try join(pair, peer, weBind: weBind, scene)
            for frames in Self.sent {
                try scene.reactor.run(until: peer.sending(frames))
                #expect(try scene.receive(pair) == message(frames))
                #expect(try pair.send(message(frames)) == .accepted)
                try scene.reactor.run(until: peer.expecting(frames))
            }
        }
    }

    @Test("PAI-04, PAI-05: a second libzmq PAIR waits, with its messages, until the first has left")
    func secondPair() throws {
        try withScene { scene in
            let pair = try scene.pair()
            let (first, second) = (try LibzmqPeer(.pair), try LibzmqPeer(.pair, [.integer("RECONNECT_IVL", 10)]))
            try first.connect(scene.endpoint(of: pair))
            try scene.wait("the first") { pair.peerCount == 1 }
            try second.connect(scene.endpoint(of: pair))
            try scene.reactor.run(until: second.sending(["second"]))
            #expect(try scene.receiveAll(pair) == [])
            try scene.reactor.run(until: first.sending(["first"]))
            #expect(try scene.receive(pair) == "first")
            try first.kill()
            #expect(try scene.receive(pair) == "second")
            #expect(try pair.send("answer") == .accepted)
            try scene.reactor.run(until: second.expecting(["answer"]))
        }
    }
}
