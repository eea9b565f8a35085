import Testing
import ZMQReactorTestSupport

@testable import EventReactor
@testable import ZMQReactor

/// Peers that take or send much, and one that does little: a turn does not take longer the more of the former there are.
@Suite(.hangLimit)
struct LoadedTurnTests {
    /// Moves a turn's share in each turn.
    private final class Rest: NextTurnHandler {
        private let reactor: Reactor
        var isOver = false

        init(on reactor: Reactor) {
            self.reactor = reactor
            reactor.inNextTurn(self)
        }

        func reactorTurnGoesOn() {
            guard !isOver else { return }
            reactor.didMove(TurnLoad.share)
            reactor.inNextTurn(self)
        }
    }

    private static let count = 24

    @Test("a small reply does not wait for what is sent to many others, and that leaves in parts")
    func output() throws {
        try withScene(in: Context()) { scene in
            scene.reactor.isWorkMeasured = false
            let router = try scene.router()
            try router.bind(anyPort)
            let size = 200_000
            let peers = try (0...Self.count).map { number in
                try scene.rawPeer("DEALER", of: router, identity: [UInt8(number + 1)], receiveBuffer: 4 << 20)
            }
            for number in 1...Self.count {
                _ = try router.send(Message(frames: [Frame([UInt8(number)]), Frame(Pattern.bytes(size))]))
            }
            _ = try router.send(Message(frames: [Frame([UInt8(Self.count + 1)]), Frame("small")]))

            // A turn sends its share, the piece that exceeds it, and what is small.
            let most = TurnLoad.share + StreamConnection.turnBudget + Reactor.largePiece
            var sent = router.statistics.bytesSent
            scene.reactor.run(.nowait)
            #expect(router.statistics.bytesSent - sent <= most)
            peers.last!.poll()
            #expect(peers.last!.received == Wire.message("small"))

            let total = sent + Self.count * (size + 9) + Wire.message("small").count
            try scene.run(until: {
                for peer in peers { peer.poll() }
                let now = router.statistics.bytesSent
                #expect(now - sent <= most)
                sent = now
                return sent >= total
            })
            #expect(sent == total)
        }
    }

    @Test("what many send is read in turn, and a small message does not wait for all of it")
    func input() throws {
        try withScene(in: Context()) { scene in
            scene.reactor.isWorkMeasured = false
            var sizes: [Int] = []
            let pull = try scene.pull { sizes.append($1.byteCount) }
            try pull.bind(Road.ipc.endpoint)
            let flooders = try (0..<Self.count).map { _ in try scene.rawPeer("PUSH", of: pull) }
            let good = try scene.rawPeer("PUSH", of: pull)
            let message = Wire.message([Pattern.bytes(1 << 20)])
            var progress = Array(repeating: 0, count: Self.count)
            func sendMore() {
                for number in 0..<Self.count where progress[number] < message.count {
                    progress[number] += max(
                        0,
                        flooders[number].send(Array(message[progress[number]...].prefix(1 << 18)))
                    )
                }
            }
            // Until each is known to send much.
            for _ in 0..<4 {
                sendMore()
                scene.reactor.run(.nowait)
            }
            sendMore()
            good.send(message: [1])
            // A turn reads its share, the piece that exceeds it, and what waited from the turn before.
            let most = 2 * (TurnLoad.share + InputBuffer.largestRead)
            var received = pull.statistics.bytesReceived
            scene.reactor.run(.nowait)
            #expect(sizes.contains(1))
            #expect(pull.statistics.bytesReceived - received <= most)
            try scene.run(until: {
                sendMore()
                let now = pull.statistics.bytesReceived
                #expect(now - received <= most)
                received = now
                return sizes.count == Self.count + 1
            })
            #expect(sizes.count { $0 == 1 << 20 } == Self.count)
        }
    }

    @Test("what is small is handled before what is large, in the same turn")
    func order() throws {
        try withScene(in: Context()) { scene in
            scene.reactor.isWorkMeasured = false
            var sizes: [Int] = []
            let pull = try scene.pull { sizes.append($1.byteCount) }
            try pull.bind(Road.ipc.endpoint)
            // The small one is neither the first nor the last of those that are ready.
            let peers = try (0..<5).map { _ in try scene.rawPeer("PUSH", of: pull) }
            let large = Wire.message([Pattern.bytes(Reactor.largePiece)])
            // The first read shows that a peer sends much.
            for _ in 0..<3 {
                sizes = []
                for (number, peer) in peers.enumerated() {
                    if number == 2 { peer.send(message: [1]) } else { #expect(peer.send(large) == large.count) }
                }
                scene.reactor.run(.nowait)
                #expect(sizes.count == peers.count)
            }
            #expect(sizes.first == 1)
        }
    }

    @Test("what is large leaves and is read although every turn leaves work for the next")
    func fullTurns() throws {
        try withScene(in: Context()) { scene in
            scene.reactor.isWorkMeasured = false
            let (push, pull) = (try scene.push(), try scene.pull())
            try scene.connect(push, to: pull)
            let rests = (0..<2).map { _ in Rest(on: scene.reactor) }
            defer { for rest in rests { rest.isOver = true } }
            let message = Message(Pattern.bytes(500_000))
            for _ in 0..<5 {
                #expect(try push.send(message) == .accepted)
                #expect(try scene.receive(pull) == message)
            }
        }
    }

    @Test("what is small is read although much is sent in every turn, and every turn leaves work for the next")
    func readingBesideOutput() throws {
        try withScene(in: Context()) { scene in
            scene.reactor.isWorkMeasured = false
            let dealer = try scene.dealer()
            try dealer.bind(anyPort)
            let peer = try scene.rawPeer("DEALER", of: dealer, receiveBuffer: 4 << 20)
            let rests = (0..<2).map { _ in Rest(on: scene.reactor) }
            defer { for rest in rests { rest.isOver = true } }
            let large = Message(Pattern.bytes(2 * Reactor.largePiece))
            let timer = scene.reactor.every(.nanoseconds(1)) { _ in _ = try dealer.send(large) }
            defer { timer.cancel() }
            for number in 0..<5 {
                peer.send(message: [UInt8(number)])
                try scene.run(until: {
                    peer.poll()
                    peer.received = []
                    return try dealer.tryReceive() != nil
                })
            }
        }
    }

    @Test("costly work for several peers shares the time of a turn, however little each of them has sent")
    func costlyWork() throws {
        try withScene(in: Context()) { scene in
            var count = 0
            let pull = try scene.pull { _, _ in
                count += 1
                // A portion takes longer than a turn may.
                let start = scene.reactor.workTime
                while scene.reactor.workTime - start < WorkBudget.time / 4 {}
            }
            try pull.bind(Road.ipc.endpoint)
            let peers = try (0..<4).map { _ in try scene.rawPeer("PUSH", of: pull) }
            let each = 100
            for peer in peers { peer.send((0..<each).flatMap { _ in Wire.message("m") }) }
            scene.reactor.run(.nowait)
            // The first one's second portion uses up the turn; the others have one.
            #expect(count == (peers.count + 1) * WorkBudget.initialSize)
            try scene.run(until: { count == peers.count * each })
        }
    }
}
