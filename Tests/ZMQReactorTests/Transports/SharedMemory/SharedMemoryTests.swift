import Glibc
import Testing
import ZMQReactorTestSupport

@testable import EventReactor
@testable import ZMQReactor

/// Connections that move to shared memory, and those that do not.
@Suite(.hangLimit)
struct SharedMemoryTests {
    /// The number of rings of the scene's own reactor.
    private func rings(_ scene: Scene) -> Int { RingPoller.on(scene.reactor).ringCount }

    private func pattern(_ size: Int, _ seed: Int) -> [UInt8] { Pattern.bytes(size, seed: seed) }

    @Test("SHM-1, SHM-2: both ends share memory, and messages of every size arrive in order", arguments: [0, 1])
    func pushPull(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let sizes = [0, 1, 255, 256, 8191, 65_536, 262_144, 262_145, 1 << 20, 3 << 20, 64]
            var received: [[UInt8]] = []
            let pull = try scene.pull { received.append([UInt8]($1[0])) }
            let push = try scene.push()
            try push.connect(pull.bind(Unique.ipcEndpoint()))
            let sent = sizes.enumerated().map { pattern($1, $0) }
            for message in sent { #expect(try push.send(message) == .accepted) }
            try scene.run(until: { received.count == sent.count })
            #expect(received == sent)
            if ioThreads == 0 { #expect(rings(scene) == 2) }
            #expect(push.statistics.bytesSent == pull.statistics.bytesReceived)
            for number in 0..<50_000 {
                while try push.send("\(number)") == .wouldBlock { scene.reactor.run(.once) }
            }
            try scene.run(until: { received.count == sent.count + 50_000 })
            #expect(received[sent.count...].map { String(decoding: $0, as: UTF8.self) } == (0..<50_000).map { "\($0)" })
        }
    }

    @Test("SHM-1: one end does not share: the connection stays with the socket", arguments: [true, false], [0, 1])
    func oneEnd(serverShares: Bool, ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let rep = try scene.dealer { $0.ipcSharesMemory = serverShares }
            let req = try scene.dealer { $0.ipcSharesMemory = !serverShares }
            try req.connect(rep.bind(Unique.ipcEndpoint()))
            for size in [0, 100, 1 << 20] {
                #expect(try req.send(pattern(size, 1)) == .accepted)
                #expect([UInt8](try scene.receive(rep)[0]) == pattern(size, 1))
                #expect(try rep.send(pattern(size, 2)) == .accepted)
                #expect([UInt8](try scene.receive(req)[0]) == pattern(size, 2))
            }
            #expect(rings(scene) == 0)
        }
    }

    @Test("requests and replies, and a broadcast, over an abstract name", arguments: [0, 1])
    func types(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let router = try scene.router()
            let endpoint = try router.bind(Unique.abstractEndpoint())
            let dealers = try (0..<3).map { number in
                let dealer = try scene.dealer()
                try dealer.setRoutingID("d\(number)")
                try dealer.connect(endpoint)
                return dealer
            }
            for (number, dealer) in dealers.enumerated() {
                #expect(try dealer.send("request") == .accepted)
                #expect(try scene.receive(router).text == "d\(number)|request")
                #expect(try router.send(["d\(number)", "reply"]) == .accepted)
                #expect(try scene.receive(dealer).text == "reply")
            }
            let (xpub, sub, pub, xsub) = (
                try scene.xpub(), try scene.sub(to: "a"), try scene.pub(), try scene.xsub(to: "b")
            )
            try sub.connect(xpub.bind(Unique.ipcEndpoint()))
            try xsub.connect(pub.bind(Unique.ipcEndpoint()))
            try scene.wait(for: 1, subscribersOf: xpub, to: "a")
            try scene.wait(for: 1, subscribersOf: pub, to: "b")
            for number in 0..<100 {
                #expect(try xpub.send("a\(number)") == .accepted)
                try pub.send("b\(number)")
            }
            #expect(try scene.receive(100, sub) == (0..<100).map { "a\($0)" })
            #expect(try scene.receive(100, xsub) == (0..<100).map { "b\($0)" })
            try sub.unsubscribe(from: "a")
            try scene.wait(for: 0, subscribersOf: xpub)
            let (one, other) = (try scene.pair(), try scene.pair())
            try one.connect(other.bind(Unique.ipcEndpoint()))
            try scene.wait("a connection") { one.peerCount == 1 && other.peerCount == 1 }
            #expect(try one.send("x") == .accepted && other.send("y") == .accepted)
            #expect(try scene.receive(one).text == "y" && scene.receive(other).text == "x")
        }
    }

    @Test("NULL with an authenticator, PLAIN and CURVE, either side the server", arguments: [0, 1], [true, false])
    func security(ioThreads: Int, serverBinds: Bool) throws {
        var all: [(SocketSecurity, SocketSecurity)] = [
            (.null(authenticator: .acceptAll), .none),
            (.plainServer(authenticator: .acceptAll), try .plainClient(username: "user", password: Password("word"))),
        ]
        #if Curve
            let keys = try CurveKeyPair()
            all.append(
                (try .curveServer(keys, authenticator: .acceptAll), try .curveClient(serverKey: keys.publicKey))
            )
        #endif
        for (server, client) in all {
            try withScene(in: Context(ioThreads: ioThreads)) { scene in
                let binding = try scene.dealer { $0.security = serverBinds ? server : client }
                let connecting = try scene.dealer { $0.security = serverBinds ? client : server }
                try connecting.connect(binding.bind(Unique.ipcEndpoint()))
                for size in [10, 300_000] {
                    #expect(try connecting.send(pattern(size, 5)) == .accepted)
                    #expect([UInt8](try scene.receive(binding)[0]) == pattern(size, 5))
                    #expect(try binding.send(pattern(size, 6)) == .accepted)
                    #expect([UInt8](try scene.receive(connecting)[0]) == pattern(size, 6))
                }
                if ioThreads == 0 { #expect(rings(scene) == 2) }
            }
        }
    }

    @Test("a receiver that does not receive holds the sender back, and then gets everything", arguments: [0, 1])
    func marks(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let pull = try scene.pull { ($0.receiveHighWaterMark, $0.receiveHighWaterMarkBytes) = (10, nil) }
            let push = try scene.push { ($0.sendHighWaterMark, $0.sendHighWaterMarkBytes) = (10, nil) }
            try push.connect(pull.bind(Unique.ipcEndpoint()))
            try scene.run(until: { push.peerCount == 1 })
            var sent = 0
            // Both queues, and the ring.
            let message = [UInt8](repeating: 1, count: 50_000)
            while sent < 1000 {
                while try push.send(message) == .accepted { sent += 1 }
                let before = sent
                scene.settle(.milliseconds(20))
                while try push.send(message) == .accepted { sent += 1 }
                if sent == before { break }
            }
            #expect(sent < 80)
            for _ in 0..<sent { #expect(try scene.receive(pull)[0].count == 50_000) }
            #expect(try push.send("more") == .accepted)
            #expect(try scene.receive(pull).text == "more")
        }
    }

    @Test("SHM-6: what is queued leaves within the linger, and arrives when the sender is gone", arguments: [0, 1])
    func linger(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let pull = try scene.pull()
            let endpoint = try pull.bind(Unique.ipcEndpoint())
            for round in 0..<3 {
                let push = try scene.push()
                try push.connect(endpoint)
                for number in 0..<100 { #expect(try push.send("\(round)-\(number)") == .accepted) }
                #expect(try scene.close(push).unsentMessages == 0)
                #expect(try scene.receive(100, pull) == (0..<100).map { "\(round)-\($0)" })
            }
            try scene.run(until: { pull.peerCount == 0 })
            #expect(rings(scene) == 0)
        }
    }

    @Test("a connection that ends is made again, and shares again", arguments: [0, 1])
    func reconnect(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let endpoint = Unique.ipcEndpoint()
            let push = try scene.push()
            try push.connect(endpoint)
            for round in 0..<3 {
                let pull = try scene.pull()
                try pull.bind(endpoint)
                #expect(try push.send("\(round)") == .accepted)
                #expect(try scene.receive(pull).text == "\(round)")
                try scene.close(pull)
                try scene.run(until: { push.peerCount == 0 })
            }
            #expect(push.statistics.reconnects == 2)
        }
    }

    @Test("heartbeats go through the rings", arguments: [0, 1])
    func heartbeats(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let change: Scene.Change = {
                ($0.heartbeatInterval, $0.heartbeatTimeout) = (.milliseconds(20), .seconds(5))
            }
            let (pull, push) = (try scene.pull(change), try scene.push(change))
            try push.connect(pull.bind(Unique.ipcEndpoint()))
            try scene.run(until: { (push.connections.first?.heartbeatRoundTrip ?? nil) != nil })
            #expect(push.peerCount == 1 && push.connections[0].peer.address.contains("uid \(getuid())"))
        }
    }

    @Test("SHM-1: libzmq at the other end, either side binding", arguments: [true, false])
    func libzmq(weBind: Bool) throws {
        try withScene { scene in
            let (dealer, peer) = (try scene.dealer(), try LibzmqPeer(.dealer))
            let endpoint = Unique.ipcEndpoint()
            if weBind {
                try dealer.bind(endpoint)
                try peer.connect(endpoint)
            } else {
                try peer.bind(endpoint)
                try dealer.connect(endpoint)
            }
            try scene.wait("a connection") { dealer.peerCount == 1 }
            #expect(try dealer.send("hello") == .accepted)
            #expect(try scene.reactor.run(until: peer.receiving()) == [Array("hello".utf8)])
            try scene.reactor.run(until: peer.sending(["reply"]))
            #expect(try scene.receive(dealer).text == "reply")
            #expect(rings(scene) == 0)
        }
    }

    @Test("a peer that announces nothing uses the socket from its first byte behind the handshake")
    func plainPeer() throws {
        try withScene { scene in
            let pull = try scene.pull()
            let peer = try RawPeer(pull.bind(Unique.ipcEndpoint()))
            // All in one piece: no byte is lost at the end of the handshake.
            peer.send(Wire.greeting() + Wire.ready("PUSH") + Wire.message("one") + Wire.message("two"))
            #expect(try scene.receive(2, pull) == ["one", "two"])
        }
    }

    @Test("an idle connection lets the reactor sleep, and is woken by the next message")
    func sleeping() throws {
        try withScene(in: Context()) { scene in
            let (pull, push) = (try scene.pull(), try scene.push())
            try push.connect(pull.bind(Unique.ipcEndpoint()))
            for number in 0..<20 {
                #expect(try push.send("\(number)") == .accepted)
                #expect(try scene.receive(pull).text == "\(number)")
                let before = scene.reactor.waits
                try scene.run(until: { scene.reactor.waits > before })
            }
        }
    }

    @Test("what is large is taken in one turn, as far as its share goes")
    func turns() throws {
        try withScene(in: Context()) { scene in
            scene.reactor.isWorkMeasured = false
            var (sizes, most, last) = ([Int](), 0, 0)
            let pull = try scene.pull { sizes.append($1.byteCount) }
            let peer = try RingPeer(scene, as: "PUSH", to: pull.bind(Unique.ipcEndpoint()))
            try peer.share(capacity: 1 << 20)
            let message = Wire.message([pattern(900_000, 1)])
            for round in 1...2 {
                #expect(message.withUnsafeBytes { peer.writer!.write($0) } == message.count)
                peer.wake()
                (most, last) = (0, pull.statistics.bytesReceived)
                try scene.run(until: {
                    let now = pull.statistics.bytesReceived
                    (most, last) = (max(most, now - last), now)
                    return sizes.count == round
                })
            }
            // The first reads of a connection are smaller.
            #expect(most > TurnLoad.share / 2)
        }
    }

    @Test("no reactor has more than its number of rings: other connections stay with the socket")
    func mostRings() throws {
        try withScene(in: Context()) { scene in
            RingPoller.on(scene.reactor).ringCount = RingPoller.mostRings - 1
            defer { RingPoller.on(scene.reactor).ringCount -= RingPoller.mostRings - 1 }
            let pull = try scene.pull()
            let endpoint = try pull.bind(Unique.ipcEndpoint())
            for number in 0..<3 {
                let push = try scene.push()
                try push.connect(endpoint)
                #expect(try push.send("\(number)") == .accepted)
                #expect(try scene.receive(pull).text == "\(number)")
            }
            #expect(rings(scene) == RingPoller.mostRings - 1, "every offer was refused, and its memory given back")
        }
    }

    @Test("messages of many frames, with heartbeats between them", arguments: [0, 1])
    func frames(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let change: Scene.Change = { $0.heartbeatInterval = .milliseconds(2) }
            let (pull, push) = (try scene.pull(change), try scene.push(change))
            try push.connect(pull.bind(Unique.ipcEndpoint()))
            for round in 0..<20 {
                let frames = (0..<200).map { pattern(round * $0, $0) }
                let message = Message(frames: frames.map { Frame($0) })
                #expect(try push.send(message) == .accepted)
                let received: Message = try scene.receive(pull)
                let found: [[UInt8]] = received.map { frame in frame.withUnsafeBytes { [UInt8]($0) } }
                #expect(found == frames)
            }
        }
    }

    @Test("idle strategies", arguments: [IdleStrategy.park, .adaptive, .busyPoll(.microseconds(30))])
    func strategies(strategy: IdleStrategy) throws {
        try withScene(in: Context()) { scene in
            scene.reactor.idleStrategy = strategy
            let (pull, push) = (try scene.pull(), try scene.push())
            try push.connect(pull.bind(Unique.ipcEndpoint()))
            for number in 0..<50 {
                for part in 0..<number { #expect(try push.send("\(number)-\(part)") == .accepted) }
                #expect(try scene.receive(number, pull) == (0..<number).map { "\(number)-\($0)" })
                if number % 10 == 0 { scene.run(for: .milliseconds(1)) }
            }
            #expect(rings(scene) == 2)
        }
    }
}
