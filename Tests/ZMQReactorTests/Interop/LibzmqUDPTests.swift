import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Over udp with a libzmq that has its draft types, in another process.
@Suite(.serialized, .timeLimit(.minutes(20)))
struct LibzmqUDPTests {
    // libzmq's buffer has 8192 bytes, with the group.
    private static let bodies: [PeerFrame] = [
        "x", [], [0, 255], .pattern(size: 255), .pattern(size: 256), .pattern(size: 1400),
        .pattern(size: 8000, seed: 1),
    ]
    private static let groups = ["one", "g", String(repeating: "g", count: 127)]

    private func endpoints() throws -> [String] {
        try ["udp://127.0.0.1:\(freePort())", "udp://127.0.0.1;\(RawMulticast.group):\(freePort())"]
    }

    /// Sends until the DISH receives: libzmq opens its descriptor on a thread of its own.
    private func greet(_ scene: Scene, _ radio: RadioSocket, _ peer: LibzmqPeer) throws {
        try scene.wait(for: 1, membersOf: radio)
        try peer.join("first")
        let first = try peer.receiving()
        try scene.run(until: {
            try radio.send("?", to: "first")
            scene.settle(.milliseconds(5))
            return first.isReady
        })
        try peer.leave("first")
    }

    @Test("UDP-1, UDP-3: RADIO to libzmq's DISH, unicast and multicast", arguments: [0, 1])
    func radio(ioThreads: Int) throws {
        for endpoint in try endpoints() {
            try withScene(in: Context(ioThreads: ioThreads)) { scene in
                let (radio, peer) = try (scene.open(RadioSocket.self), LibzmqPeer(draft: .dish))
                for group in Self.groups { try peer.join(group) }
                _ = try peer.bind(endpoint)
                try radio.connect(endpoint)
                try greet(scene, radio, peer)
                for group in Self.groups {
                    for body in Self.bodies {
                        try radio.send("not joined", to: Frame(group.dropLast()))
                        try radio.send(Message(body.content), to: Frame(group))
                        try scene.reactor.run(until: peer.expecting([.text(group), body]))
                    }
                }
            }
        }
    }

    @Test("UDP-1, UDP-3: DISH of libzmq's RADIO, unicast and multicast", arguments: [0, 1])
    func dish(ioThreads: Int) throws {
        for endpoint in try endpoints() {
            try withScene(in: Context(ioThreads: ioThreads)) { scene in
                let (dish, peer) = try (scene.dish(), LibzmqPeer(draft: .radio))
                for group in Self.groups { try dish.join(Frame(group)) }
                #expect(try dish.bind(endpoint) == endpoint)
                try peer.connect(endpoint)
                for group in Self.groups {
                    for body in Self.bodies {
                        try scene.reactor.run(until: peer.sending([.text(String(group.dropLast())), "not joined"]))
                        try scene.reactor.run(until: peer.sending([.text(group), body]))
                        #expect(try scene.receive(dish) == [Frame(group), Frame(body.content)])
                    }
                }
                #expect(dish.statistics.dropped[.notSubscribed] == Self.groups.count * Self.bodies.count)
                #expect(dish.statistics.dropped[.malformed] == 0)
            }
        }
    }

    @Test("DGM-1: DGRAM and libzmq's DGRAM, both ways", arguments: [0, 1])
    func dgram(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let (dgram, peer) = try (scene.open(DgramSocket.self), LibzmqPeer(draft: .dgram))
            let here = try dgram.bind("udp://127.0.0.1:*").dropFirst(6)
            let there = "127.0.0.1:\(try freePort())"
            _ = try peer.bind("udp://\(there)")
            for body in Self.bodies {
                try scene.reactor.run(until: peer.sending([.text(String(here)), body]))
                #expect(try scene.receive(dgram) == [Frame(there), Frame(body.content)])
                #expect(try dgram.send(Message(body.content), to: Frame(there)) == .accepted)
                try scene.reactor.run(until: peer.expecting([.text(String(here)), body]))
            }
        }
    }

    @Test("UDP-1: 2,000 messages in order", arguments: [true, false])
    func order(weSend: Bool) throws {
        try withScene { scene in
            let endpoint = "udp://127.0.0.1:\(try freePort())"
            guard weSend else {
                var next = 0
                let dish = try scene.open(DishSocket.self) { _, message in
                    #expect(NumberedMessage(message[1])?.number == next)
                    next += 1
                }
                try dish.join("g")
                try dish.bind(endpoint)
                let peer = try LibzmqPeer(draft: .radio, [.sendHighWaterMark(0)])
                try peer.connect(endpoint)
                let reply = try peer.flooding(2000, size: 100, prefix: ["g"])
                try scene.run(until: { next == 2000 }, "the last one", within: .seconds(30))
                return try scene.reactor.run(until: reply)
            }
            let peer = try LibzmqPeer(draft: .dish, [.receiveHighWaterMark(0), .integer("RCVBUF", 4 << 20)])
            try peer.join("g")
            _ = try peer.bind(endpoint)
            let radio = try scene.open(RadioSocket.self)
            try radio.connect(endpoint)
            try greet(scene, radio, peer)
            let reply = try peer.verifying(2000, size: 100)
            for number in 0..<2000 {
                try radio.send(Message(NumberedMessage(number: number).bytes(size: 100)), to: "g")
                // libzmq takes one with each system call.
                if number % 100 == 0 { scene.settle(.milliseconds(2)) }
            }
            #expect(try scene.reactor.run(until: reply) == [0: 2000])
        }
    }
}
