import Glibc
import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

/// Our sockets and those of a libzmq with its draft types, either side binding.
@Suite(.serialized, .timeLimit(.minutes(20)))
struct LibzmqDraftTests {
    /// Connects the two, in either direction, and waits for the handshake.
    private func join(_ socket: Socket, _ peer: LibzmqPeer, weBind: Bool, _ road: Road, _ scene: Scene) throws {
        if weBind {
            try peer.connect(socket.bind(road.endpoint))
        } else {
            try socket.connect(peer.bind(road.endpoint))
        }
        try scene.wait("a connection") { socket.peerCount == 1 }
    }

    private static let bodies: [PeerFrame] = [
        "x", [], [0, 255], .pattern(size: 255), .pattern(size: 256), .pattern(size: 200_000, seed: 1),
    ]
    private static let settings = [Road.tcp, .ipc].flatMap { road in [true, false].map { (road, $0) } }

    private func text(_ frame: [UInt8]) -> String { String(decoding: frame, as: UTF8.self) }

    @Test("CLI-1, CLI-2: CLIENT and libzmq's SERVER", arguments: settings)
    func client(road: Road, weBind: Bool) throws {
        try withScene { scene in
            let (client, peer) = try (scene.open(ClientSocket.self), LibzmqPeer(draft: .server))
            try join(client, peer, weBind: weBind, road, scene)
            for body in Self.bodies {
                #expect(try client.send(Message(body.content)) == .accepted)
                let received = try scene.reactor.run(until: peer.receiving())
                #expect(received[0].count == 4 && received[1] == body.content)
                try scene.reactor.run(until: peer.sending([.bytes(received[0]), body]))
                #expect(try scene.receive(client) == Message(body.content))
            }
        }
    }

    @Test("SRV-1, SRV-5, SRV-6: SERVER and libzmq's CLIENT", arguments: settings)
    func server(road: Road, weBind: Bool) throws {
        try withScene { scene in
            let (server, peer) = try (scene.open(ServerSocket.self), LibzmqPeer(draft: .client))
            try join(server, peer, weBind: weBind, road, scene)
            var id = Frame()
            for body in Self.bodies {
                try scene.reactor.run(until: peer.sending([body]))
                let message = try scene.receive(server)
                id = message[0]
                #expect(Array(message[1]) == body.content)
                #expect(try server.send(message) == .accepted)
                try scene.reactor.run(until: peer.expecting([body]))
            }
            try peer.kill()
            try scene.wait("the end") { server.peerCount == 0 }
            let error = #expect(throws: ZMQError.self) { try server.send("x", to: id) }
            #expect(error?.code == .hostUnreachable)
        }
    }

    @Test("SCT-1, GTH-1: SCATTER and GATHER with libzmq's", arguments: settings)
    func pipeline(road: Road, weBind: Bool) throws {
        try withScene { scene in
            let (scatter, gatherer) = try (scene.open(ScatterSocket.self), LibzmqPeer(draft: .gather))
            try join(scatter, gatherer, weBind: weBind, road, scene)
            let (gather, scatterer) = try (scene.open(GatherSocket.self), LibzmqPeer(draft: .scatter))
            try join(gather, scatterer, weBind: weBind, road, scene)
            for body in Self.bodies {
                #expect(try scatter.send(Message(body.content)) == .accepted)
                try scene.reactor.run(until: gatherer.expecting([body]))
                try scene.reactor.run(until: scatterer.sending([body]))
                #expect(try scene.receive(gather) == Message(body.content))
            }
        }
    }

    @Test("CHN-1, CHN-2: CHANNEL and libzmq's CHANNEL", arguments: settings)
    func channel(road: Road, weBind: Bool) throws {
        try withScene { scene in
            let (channel, peer) = try (scene.open(ChannelSocket.self), LibzmqPeer(draft: .channel))
            try join(channel, peer, weBind: weBind, road, scene)
            for body in Self.bodies {
                try scene.reactor.run(until: peer.sending([body]))
                #expect(try scene.receive(channel) == Message(body.content))
                #expect(try channel.send(Message(body.content)) == .accepted)
                try scene.reactor.run(until: peer.expecting([body]))
            }
        }
    }

    @Test("PER-1, PER-2: PEER and libzmq's PEER, either of them connecting and speaking first", arguments: settings)
    func peer(road: Road, weBind: Bool) throws {
        try withScene { scene in
            let (socket, peer) = try (scene.open(PeerSocket.self), LibzmqPeer(draft: .peer))
            var ours = Frame()
            var theirs: [UInt8] = []
            if weBind {
                theirs = try peer.connectPeer(socket.bind(road.endpoint))
                try scene.reactor.run(until: peer.sending([.bytes(theirs), "first"]))
                let message = try scene.receive(socket)
                ours = message[0]
                #expect(message[1] == "first")
            } else {
                ours = try socket.connectPeer(peer.bind(road.endpoint))
                #expect(try socket.send("first", to: ours) == .accepted)
                let received = try scene.reactor.run(until: peer.receiving())
                theirs = received[0]
                #expect(text(received[1]) == "first")
            }
            for body in Self.bodies {
                try scene.reactor.run(until: peer.sending([.bytes(theirs), body]))
                #expect(try scene.receive(socket) == [ours, Frame(body.content)])
                #expect(try socket.send(Message(body.content), to: ours) == .accepted)
                try scene.reactor.run(until: peer.expecting([.bytes(theirs), body]))
            }
        }
    }

    @Test("RAD-1, RAD-2, RAD-3: RADIO to libzmq's DISH", arguments: settings)
    func radio(road: Road, weBind: Bool) throws {
        try withScene { scene in
            let (radio, peer) = try (scene.open(RadioSocket.self), LibzmqPeer(draft: .dish))
            let longest = String(repeating: "g", count: 255)
            try peer.join("one")
            try join(radio, peer, weBind: weBind, road, scene)
            // A bound libzmq DISH joins only when it is called.
            try scene.reactor.run(until: peer.expectingNothing(for: .milliseconds(20)))
            try scene.wait(for: 1, membersOf: radio, in: "one")
            for group in [longest, ""] {
                try peer.join(group)
                try scene.wait(for: 1, membersOf: radio, in: Frame(group))
            }
            for group in ["one", "on", "one1", longest, ""] {
                for body in Self.bodies { try radio.send(Message(body.content), to: Frame(group)) }
            }
            for group in ["one", longest, ""] {
                for body in Self.bodies {
                    try scene.reactor.run(until: peer.expecting([.text(group), body]))
                }
            }
            try peer.leave("one")
            try scene.wait(for: 0, membersOf: radio, in: "one")
            #expect(radio.groupCount == 2)
            try radio.send("left", to: "one")
            try scene.reactor.run(until: peer.expectingNothing(for: .milliseconds(50)))
        }
    }

    @Test("DSH-1, DSH-2, RAD-3: DISH of libzmq's RADIO", arguments: settings)
    func dish(road: Road, weBind: Bool) throws {
        try withScene { scene in
            let (dish, peer) = try (scene.dish(in: "one"), LibzmqPeer(draft: .radio))
            try join(dish, peer, weBind: weBind, road, scene)
            // A RADIO does not report its members: send until the first message arrives.
            func reach(_ group: String) throws {
                var first: Message?
                while first == nil {
                    try scene.reactor.run(until: peer.sending([.text(group), "?"]))
                    scene.settle(.milliseconds(5))
                    first = try dish.tryReceive()
                }
                scene.settle()
                while try dish.tryReceive() != nil {}
            }
            try reach("one")
            let longest = String(repeating: "g", count: 255)
            for group in [longest, ""] {
                try dish.join(Frame(group))
                try reach(group)
            }
            for group in ["one", "on", "one1", longest, ""] {
                for body in Self.bodies { try scene.reactor.run(until: peer.sending([.text(group), body])) }
            }
            for group in ["one", longest, ""] {
                for body in Self.bodies {
                    #expect(try scene.receive(dish) == [Frame(group), Frame(body.content)])
                }
            }
            #expect(try scene.receiveAll(dish).isEmpty)
        }
    }

    #if Curve
        @Test("RAD-3, CU-11: over CURVE, groups are joined by encrypted commands", arguments: [true, false])
        func curve(weAreServer: Bool) throws {
            let (server, client) = try (CurveKeyPair(), CurveKeyPair())
            func secret(_ keys: CurveKeyPair) -> PeerOption {
                .bytes("CURVE_SECRETKEY", keys.secretKey.withUnsafeBytes { Array($0) })
            }
            let ours: SocketSecurity =
                try weAreServer
                ? .curveServer(server, authenticator: .acceptAll)
                : .curveClient(client, serverKey: server.publicKey)
            let theirs: [PeerOption] =
                weAreServer
                ? [
                    .bytes("CURVE_SERVERKEY", server.publicKey.bytes),
                    .bytes("CURVE_PUBLICKEY", client.publicKey.bytes),
                    secret(client),
                ] : [.flag("CURVE_SERVER"), secret(server)]
            try withScene { scene in
                let radio = try scene.open(RadioSocket.self) { $0.security = ours }
                let member = try LibzmqPeer(draft: .dish, theirs)
                try member.join("g")
                try join(radio, member, weBind: true, .tcp, scene)
                try scene.wait(for: 1, membersOf: radio, in: "g")
                try radio.send("secret", to: "g")
                try scene.reactor.run(until: member.expecting(["g", "secret"]))

                let dish = try scene.dish(in: "g") { $0.security = ours }
                let sender = try LibzmqPeer(draft: .radio, theirs)
                try join(dish, sender, weBind: true, .tcp, scene)
                var message: Message?
                while message == nil {
                    try scene.reactor.run(until: sender.sending(["g", "secret"]))
                    scene.settle(.milliseconds(5))
                    message = try dish.tryReceive()
                }
                #expect(message == ["g", "secret"])
            }
        }
    #endif

    @Test("TS-5: threads send to libzmq by a handle")
    func handle() throws {
        try withScene { scene in
            let (client, peer) = try (scene.open(ClientSocket.self), LibzmqPeer(draft: .server))
            try join(client, peer, weBind: false, .tcp, scene)
            let handle = client.handle
            for stream in 0..<4 {
                startThread {
                    for number in 0..<500 {
                        let body = NumberedMessage(stream: stream, number: number).bytes(size: 20)
                        while (try? handle.send(Message(body))) == .wouldBlock { sched_yield() }
                    }
                }
            }
            #expect(try scene.reactor.run(until: peer.verifying(2000, size: 20)) == [0: 500, 1: 500, 2: 500, 3: 500])
        }
    }
}
