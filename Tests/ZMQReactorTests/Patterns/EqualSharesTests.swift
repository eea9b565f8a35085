import EventReactor
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// A sender that is always faster than its peers gives equal shares to equal peers.
@Suite(.hangLimit)
struct EqualSharesTests {
    enum Kind: CaseIterable { case push, dealer, req, scatter, client }

    /// How the sender sends.
    enum Way: CaseIterable {
        /// In the call of the handler when there is room.
        case callback
        /// A task that waits for room.
        case task
        /// A proxy that is fed faster than it can send.
        case proxy
        /// A task that waits for room at the handle, as one on any thread does.
        case handle
    }

    struct Case: CustomTestStringConvertible {
        let kind: Kind
        let way: Way
        let road: Road
        let ioThreads: Int
        var testDescription: String { "\(kind), \(way), \(road), \(ioThreads) I/O threads" }
    }

    static var cases: [Case] {
        var cases: [Case] = []
        for kind in Kind.allCases {
            // REQ works in lockstep, and cannot be in a proxy.
            for way in Way.allCases where kind != .req || way != .proxy {
                if way == .handle, kind != .scatter, kind != .client { continue }
                for road in Road.kinds {
                    for ioThreads in 0...1 {
                        cases.append(Case(kind: kind, way: way, road: road, ioThreads: ioThreads))
                    }
                }
            }
        }
        return cases
    }

    private static let peers = 3

    /// Small compared with the shares: one peer's queue more or less makes no difference.
    private static func marks(_ options: inout SocketOptions) {
        options.sendHighWaterMark = 100
        options.receiveHighWaterMark = 100
    }

    @Test("three equal peers get equal shares", arguments: cases)
    func equal(_ test: Case) throws {
        // In virtual time peers are equal even on a busy machine: all take the same time.
        try withScene(in: Context(ioThreads: test.ioThreads), clock: ManualClock()) { scene in
            let total = test.kind == .req ? 300 : 30_000
            var shares = Array(repeating: 0, count: Self.peers)
            // Objects that the sender needs live as long as the test.
            let start: () throws -> Void
            let sender: Socket
            switch test.kind {
            case .push: (sender, start) = try pushSender(scene, test.way, total)
            case .dealer: (sender, start) = try dealerSender(scene, test.way, total)
            case .req: (sender, start) = try reqSender(scene, test.way, total)
            case .scatter: (sender, start) = try oneFrameSender(ScatterSocket.self, scene, test.way, total) { $0 }
            case .client: (sender, start) = try oneFrameSender(ClientSocket.self, scene, test.way, total) { $0 }
            }
            try sender.bind(test.road.endpoint)
            for number in 0..<Self.peers {
                let peer: Socket
                if test.kind == .req {
                    peer = scene.track(
                        try RepSocket(on: scene.reactor, in: scene.context) { _, request, reply in
                            shares[number] += 1
                            reply.send(request)
                        }
                    )
                } else if test.kind == .scatter {
                    peer = try scene.open(GatherSocket.self) { _, _ in shares[number] += 1 }
                } else if test.kind == .client {
                    peer = try scene.open(ServerSocket.self) { _, _ in shares[number] += 1 }
                } else if test.kind == .dealer {
                    peer = scene.track(
                        try DealerSocket(on: scene.reactor, in: scene.context) { _, _ in shares[number] += 1 }
                    )
                } else {
                    peer = try scene.pull { _, _ in shares[number] += 1 }
                }
                try peer.connect(sender.lastEndpoint!)
            }
            try scene.wait("the peers") { sender.peerCount == Self.peers }
            try start()
            try scene.run(until: { shares.reduce(0, +) == total }, "all messages", within: .seconds(60))
            let fair = Double(total) / Double(Self.peers)
            #expect(shares.allSatisfy { abs(Double($0) - fair) <= 0.1 * fair }, "\(shares)")
        }
    }

    private func pushSender(_ scene: Scene, _ way: Way, _ total: Int) throws -> (Socket, () throws -> Void) {
        var sent = 0
        func fill(_ push: PushSocket) { while sent < total, try! push.send("message") == .accepted { sent += 1 } }
        switch way {
        case .callback:
            let push = try scene.push(Self.marks, handler: Recorder { fill($0) })
            return (push, { fill(push) })
        case .task:
            let push = try scene.push(Self.marks)
            return (
                push, { scene.task(Recorder()) { _ in for _ in 0..<total { try await push.sendWhenReady("message") } } }
            )
        case .proxy:
            let push = try scene.push(Self.marks)
            return (push, try feed(push, scene, total))
        case .handle: preconditionFailure("a PUSH has no handle")
        }
    }

    private func oneFrameSender<S: ShareableSocket & HandledSocket>(
        _ type: S.Type,
        _ scene: Scene,
        _ way: Way,
        _ total: Int,
        _ convert: (Recorder) -> S.Handler
    ) throws -> (Socket, () throws -> Void) {
        var sent = 0
        func fill(_ socket: S) { while sent < total, try! socket.send("message") == .accepted { sent += 1 } }
        let filler = Recorder(onWritable: { fill($0 as! S) })
        let sender = try scene.open(type, Self.marks, handler: way == .callback ? convert(filler) : nil)
        switch way {
        case .callback: return (sender, { fill(sender) })
        case .task:
            return (
                sender,
                { scene.task(Recorder()) { _ in for _ in 0..<total { try await sender.sendWhenReady("message") } } }
            )
        case .handle:
            let handle = sender.handle
            return (
                sender,
                { scene.task(Recorder()) { _ in for _ in 0..<total { try await handle.sendWhenReady("message") } } }
            )
        case .proxy: return (sender, try feed(sender, scene, total))
        }
    }

    private func dealerSender(_ scene: Scene, _ way: Way, _ total: Int) throws -> (Socket, () throws -> Void) {
        switch way {
        case .callback:
            let filler = DealerFiller(total)
            let dealer = try scene.dealer(Self.marks, handler: filler)
            return (dealer, { filler.socketIsWritable(dealer) })
        case .task:
            let dealer = try scene.dealer(Self.marks)
            return (
                dealer,
                { scene.task(Recorder()) { _ in for _ in 0..<total { try await dealer.sendWhenReady("message") } } }
            )
        case .proxy:
            let dealer = try scene.dealer(Self.marks)
            return (dealer, try feed(dealer, scene, total))
        case .handle: preconditionFailure("a DEALER has no handle")
        }
    }

    private func reqSender(_ scene: Scene, _ way: Way, _ total: Int) throws -> (Socket, () throws -> Void) {
        let req = try scene.req()
        guard way == .callback else {
            return (
                req, { scene.task(Recorder()) { _ in for _ in 0..<total { _ = try await req.request("message") } } }
            )
        }
        var sent = 0
        func ask() {
            sent += 1
            let result = try! req.request("message") { _ in if sent < total { ask() } }
            #expect(result == .accepted)
        }
        return (req, { ask() })
    }

    /// Puts a proxy in front of `sender`, fed by a PUSH in the program.
    private func feed(_ sender: Socket, _ scene: Scene, _ total: Int) throws -> () throws -> Void {
        let source = try scene.pull()
        try Proxy(frontend: source, backend: sender)
        var sent = 0
        func fill(_ push: PushSocket) { while sent < total, try! push.send("message") == .accepted { sent += 1 } }
        let feeder = try scene.push(handler: Recorder { fill($0) })
        return {
            try scene.join(feeder, to: source)
            fill(feeder)
        }
    }
}

private final class DealerFiller: DealerHandler {
    private var left: Int
    init(_ total: Int) { left = total }
    func socket(_ socket: DealerSocket, received message: Message) {}
    func socketIsWritable(_ socket: DealerSocket) {
        while left > 0, try! socket.send("message") == .accepted { left -= 1 }
    }
}
