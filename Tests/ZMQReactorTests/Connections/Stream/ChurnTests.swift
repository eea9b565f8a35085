import Glibc
import Testing
import ZMQReactorTestSupport

@testable import EventReactor
@testable import ZMQReactor

/// Very many connections that begin or end at once: a turn does not take longer the more they are.
@Suite(.hangLimit)
struct ChurnTests {
    private static let count = 150
    /// Fewer than the events that the loop takes at once from the operating system, which would be handled in a turn.
    private static let most = 60

    /// A socket that receives from a good peer, too.
    private final class Server {
        private let scene: Scene
        private(set) var socket: PullSocket!
        private(set) var endpoint = ""
        private var good: RawPeer!
        private var (sent, arrived) = (0, 0)

        init(_ road: Road, in scene: Scene) throws {
            self.scene = scene
            socket = try scene.pull { [unowned self] _, _ in arrived += 1 }
            try socket.bind(Unique.ipcEndpoint())
            good = try scene.rawPeer("PUSH", of: socket)
            endpoint = try socket.bind(road.endpoint)
        }

        /// Connections that have been accepted, and nothing else.
        func halfOpen() throws -> [RawPeer] {
            let plain = endpoint.replacing("ws://", with: "tcp://").replacing("/path", with: "")
            let peers = try (0..<ChurnTests.count).map { number in
                if number % 50 == 0 { scene.settle() }
                return try scene.rawPeer(to: plain)
            }
            scene.settle()
            return peers
        }

        func open() throws -> [RawPeer] {
            try (0..<ChurnTests.count).map { _ in try scene.rawPeer("PUSH", of: socket) }
        }

        /// Lets something happen, and runs turns, in each of which a message arrives, until so much is done, which is
        /// more than one turn does. The first message comes first, because the loop learns of few descriptors in the
        /// first of such turns.
        func run(_ happens: () -> Void, until done: () -> Int) throws {
            send()
            happens()
            turn()
            #expect(done() < ChurnTests.most)
            try scene.run(until: {
                send()
                turn()
                return done() == ChurnTests.count
            })
        }

        private func send() {
            good.send(message: [1])
            sent += 1
        }

        private func turn() {
            scene.reactor.run(.nowait)
            #expect(arrived == sent)
        }
    }

    @Test("connections that are made at once are accepted in several turns", arguments: [Road.tcp, .ipc])
    func accepts(road: Road) throws {
        try withScene(in: Context()) { scene in
            let server = try Server(road, in: scene)
            // No more than fit the backlog.
            let peers = try (0..<60).map { _ in try scene.rawPeer(to: server.endpoint) }
            scene.reactor.run(.nowait)
            for peer in peers { peer.poll() }
            #expect(peers.contains { $0.received.isEmpty })
            try scene.run(until: {
                for peer in peers { peer.poll() }
                return peers.allSatisfy { !$0.received.isEmpty }
            })
        }
    }

    @Test("handshakes that go on at once do so in several turns, and messages pass", arguments: [Road.tcp, .ipc])
    func handshakes(road: Road) throws {
        try withScene(in: Context()) { scene in
            let server = try Server(road, in: scene)
            let peers = try server.halfOpen()
            let before = server.socket.peerCount
            try server.run({ for peer in peers { peer.shakeHands(as: "PUSH") } }) { server.socket.peerCount - before }
        }
    }

    @Test("handshakes that end at once do so in several turns, and messages pass", arguments: [Road.tcp, .ipc, .ws])
    func endsOfHandshakes(road: Road) throws {
        try withScene(in: Context()) { scene in
            let server = try Server(road, in: scene)
            let peers = try server.halfOpen()
            try server.run({ for peer in peers { peer.hangUp() } }) { server.socket.statistics.handshakeFailures }
        }
    }

    @Test("connections that end at once do so in several turns, for their reasons", arguments: [false, true])
    func ends(byReset: Bool) throws {
        try withScene(in: Context()) { scene in
            let server = try Server(.tcp, in: scene)
            var reasons: [EventReason.Kind] = []
            server.socket.onEvent = { _, event in
                if case .disconnected(_, _, let reason) = event { reasons.append(reason.kind) }
            }
            let peers = try server.open()
            try server.run({ for peer in peers { if byReset { peer.reset() } else { peer.hangUp() } } }) {
                reasons.count
            }
            #expect(reasons.allSatisfy { $0 == (byReset ? .system(ECONNRESET) : .peerClosed) })
        }
    }

    @Test("the end of a subscriber keeps its reason although it is published to meanwhile", arguments: [false, true])
    func endsOfSubscribers(byReset: Bool) throws {
        try withScene(in: Context()) { scene in
            let pub = try scene.pub()
            var reasons: [EventReason.Kind] = []
            pub.onEvent = { _, event in
                if case .disconnected(_, _, let reason) = event { reasons.append(reason.kind) }
            }
            let peers = try (0..<Self.count).map { _ in
                let peer = try scene.rawPeer("SUB", of: pub)
                peer.subscribe("")
                return peer
            }
            try scene.run(until: { pub.subscriberCount == Self.count })
            for peer in peers { if byReset { peer.reset() } else { peer.hangUp() } }
            scene.reactor.run(.nowait)
            #expect(reasons.count < Self.most)
            try scene.run(until: {
                _ = try pub.send("news")
                scene.reactor.run(.nowait)
                return reasons.count == Self.count
            })
            #expect(reasons.allSatisfy { $0 == (byReset ? .system(ECONNRESET) : .peerClosed) })
        }
    }

    @Test("a raw peer that half-closes while others begin and end receives the reply")
    func halfClose() throws {
        try withScene(in: Context()) { scene in
            let stream = try scene.stream(received: { stream, message in
                if message.frame(1)?.isEmpty == false { _ = try stream.send(message) }
            })
            let peer = try scene.rawPeer(to: stream.bind(anyPort))
            try scene.run(until: { stream.peerCount == 1 })
            let busy = (0..<4).map { _ in Busy(on: scene.reactor) }
            for each in busy { scene.reactor.whenChurnHasTime(each) }
            peer.send("ask")
            peer.finish()
            scene.reactor.run(.nowait)
            scene.reactor.run(.nowait)
            #expect(!busy[3].wasCalled)
            try scene.run(until: {
                peer.poll()
                return peer.received == Array("ask".utf8) && busy[3].wasCalled
            })
        }
    }

    @Test("a listener that waits to accept may be unbound meanwhile, beside a watchdog")
    func unbindsWhileWaiting() throws {
        try withScene(in: Context()) { scene in
            let reactor = scene.reactor
            let watchdog = try Watchdog(limit: .seconds(60)) { _ in }
            defer { watchdog.stop() }
            watchdog.watch(reactor)
            let pull = try scene.pull()
            let endpoint = try pull.bind(anyPort)
            let peer = try scene.rawPeer(to: endpoint)
            let busy = (0..<3).map { _ in Busy(on: reactor) }
            for each in busy { reactor.whenChurnHasTime(each) }
            reactor.run(.nowait)
            #expect(busy.map(\.wasCalled) == [true, false, false])
            try pull.unbind(endpoint)
            while !busy[2].wasCalled { reactor.run(.nowait) }
            reactor.run(.nowait)
            try scene.run(until: {
                peer.poll()
                return peer.isClosed
            })
        }
    }

    /// Takes the time of a turn.
    private final class Busy: NextTurnHandler {
        private unowned let reactor: Reactor
        private(set) var wasCalled = false
        init(on reactor: Reactor) { self.reactor = reactor }

        func reactorTurnGoesOn() {
            wasCalled = true
            while reactor.grantChurn() {}
        }
    }
}
