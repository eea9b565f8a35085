import EventReactor
import Synchronization
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

@Suite(.hangLimit)
struct SocketClosedTests {
    enum Ending: CaseIterable { case close, closeWithoutLinger, terminate }

    @Test(
        "a handler of each type is called once when its socket is closed, and released then",
        arguments: Ending.allCases,
        [0, 1]
    )
    func everyType(ending: Ending, ioThreads: Int) throws {
        for (type, make) in EndHandler.sockets {
            try withTimedScene(ioThreads: ioThreads) { scene in
                var entries: [String] = []
                var isReleased = false
                weak var handler: EndHandler?
                let socket: Socket
                do {
                    let new = EndHandler({ entries.append($0) }, released: { isReleased = true })
                    handler = new
                    socket = try scene.track(make(scene.reactor, scene.context, new))
                }
                if ending == .closeWithoutLinger { try socket.configure { $0.linger = .none } }
                if type != .dgram, type != .stream || scene.virtual == nil { try socket.bind(scene.anyEndpoint) }
                if ending == .terminate {
                    scene.context.terminate()
                } else {
                    socket.close { _ in entries.append("completed") }
                    #expect(entries.isEmpty, "\(type) is closing")
                }
                try scene.run(until: { handler == nil }, "the handler of \(type) to be released")
                #expect(entries == (ending == .terminate ? ["closed"] : ["closed", "completed"]), "\(type)")
                #expect(isReleased)
                socket.close()
                scene.settle()
                #expect(entries.count(where: { $0 == "closed" }) == 1, "\(type)")
            }
        }
    }

    @Test("handlers of all types are called when the thread of their reactor ends", arguments: [0, 1])
    func threadEnd(ioThreads: Int) throws {
        let context = Context(ioThreads: ioThreads)
        let entries = Mutex<[String]>([])
        let thread = try Reactor.start { reactor in
            for (type, make) in EndHandler.sockets {
                let handler = EndHandler({ entry in entries.withLock { $0.append("\(type) \(entry)") } })
                try make(reactor, context, handler).bind(type == .dgram ? "udp://127.0.0.1:*" : anyPort)
            }
        }
        thread.stop()
        thread.join()
        #expect(entries.withLock(\.self) == EndHandler.sockets.map { "\($0.type) closed" })
    }

    @Test("a handler is called when the linger ends, and not before", arguments: [0, 1])
    func linger(ioThreads: Int) throws {
        try withTimedScene(ioThreads: ioThreads) { scene in
            var entries: [String] = []
            let push = try scene.push(
                { $0.linger = .atMost(.milliseconds(50)) },
                handler: EndHandler({ entries.append($0) })
            )
            try push.connect(scene.freshEndpoint())
            #expect(try push.send("nobody takes it") == .accepted)
            let start = scene.elapsed
            push.close { report in entries.append("\(report.unsentMessages) unsent") }
            scene.run(for: .milliseconds(10))
            #expect(entries.isEmpty)
            try scene.run(until: { entries.count == 2 })
            #expect(entries == ["closed", "1 unsent"])
            #expect(scene.elapsed - start >= .milliseconds(50))
        }
    }

    @Test("a ROUTER's peers have left before the last call", arguments: [0, 1])
    func peersFirst(ioThreads: Int) throws {
        try withTimedScene(ioThreads: ioThreads) { scene in
            var entries: [String] = []
            let handler = EndHandler({ entries.append($0) })
            let router = try scene.track(RouterSocket(on: scene.reactor, in: scene.context, handler: handler))
            let dealer = try scene.track(DealerSocket(on: scene.reactor, in: scene.context))
            try scene.connect(dealer, to: router)
            try scene.close(router)
            #expect(entries.last == "closed")
            #expect(entries.count(where: { $0 == "closed" }) == 1)
        }
    }

    @Test(
        "a handler that cancels its timer in its last call is not needed by it any more, while another socket lingers"
    )
    func timer() throws {
        try withTimedScene { scene in
            final class Sampler: PullHandler {
                var timer: ReactorTimer?
                let ticked: () -> Void

                init(on reactor: Reactor, _ ticked: @escaping () -> Void) {
                    self.ticked = ticked
                    timer = reactor.every(.milliseconds(1)) { [unowned self] _ in self.ticked() }
                }

                func socket(_ socket: PullSocket, received message: Message) {}
                func socketClosed(_ socket: PullSocket) { timer?.cancel() }
            }
            var ticks = 0
            let push = try scene.push { $0.linger = .atMost(.milliseconds(100)) }
            try push.connect(scene.freshEndpoint())
            #expect(try push.send("nobody takes it") == .accepted)
            let pull = try scene.track(
                PullSocket(on: scene.reactor, in: scene.context, handler: Sampler(on: scene.reactor) { ticks += 1 })
            )
            try scene.run(until: { ticks > 2 })
            try scene.close(pull)
            let last = ticks
            try scene.close(push)
            #expect(ticks == last)
        }
    }
}

/// Reports its last call, any call after that, and its release.
private final class EndHandler {
    private let report: (String) -> Void
    private let released: () -> Void
    private var hasEnded = false

    init(_ report: @escaping (String) -> Void, released: @escaping () -> Void = {}) {
        (self.report, self.released) = (report, released)
    }

    deinit { released() }

    private func note(_ entry: String = "late") {
        if hasEnded { report(entry) }
    }

    private func ended() {
        report("closed")
        hasEnded = true
    }

    typealias Make = @Sendable (Reactor, Context, EndHandler) throws -> Socket

    /// Every type; a new one is a line.
    static let sockets: [(type: SocketType, make: Make)] = [
        (.pub, { try PubSocket(on: $0, in: $1, handler: $2) }),
        (.sub, { try SubSocket(on: $0, in: $1, handler: $2) }),
        (.xpub, { try XPubSocket(on: $0, in: $1, handler: $2) }),
        (.xsub, { try XSubSocket(on: $0, in: $1, handler: $2) }),
        (.push, { try PushSocket(on: $0, in: $1, handler: $2) }),
        (.pull, { try PullSocket(on: $0, in: $1, handler: $2) }),
        (.pair, { try PairSocket(on: $0, in: $1, handler: $2) }),
        (.req, { try ReqSocket(on: $0, in: $1, handler: $2) }),
        (.rep, { try RepSocket(on: $0, in: $1, handler: $2) }),
        (.dealer, { try DealerSocket(on: $0, in: $1, handler: $2) }),
        (.router, { try RouterSocket(on: $0, in: $1, handler: $2) }),
        (.stream, { try StreamSocket(on: $0, in: $1, handler: $2) }),
        (.client, { try ClientSocket(on: $0, in: $1, handler: $2) }),
        (.server, { try ServerSocket(on: $0, in: $1, handler: $2) }),
        (.scatter, { try ScatterSocket(on: $0, in: $1, handler: $2) }),
        (.gather, { try GatherSocket(on: $0, in: $1, handler: $2) }),
        (.channel, { try ChannelSocket(on: $0, in: $1, handler: $2) }),
        (.peer, { try PeerSocket(on: $0, in: $1, handler: $2) }),
        (.radio, { try RadioSocket(on: $0, in: $1, handler: $2) }),
        (.dish, { try DishSocket(on: $0, in: $1, handler: $2) }),
        (.dgram, { try DgramSocket(on: $0, in: $1, handler: $2) }),
    ]
}

extension EndHandler: PubHandler, SubHandler, XPubHandler, XSubHandler, PushHandler, PullHandler, PairHandler,
    ReqHandler, RepHandler, DealerHandler, RouterHandler, StreamHandler, ClientHandler, ServerHandler, ScatterHandler,
    GatherHandler, ChannelHandler, PeerHandler, RadioHandler, DishHandler, DgramHandler
{
    func socketClosed(_ socket: PubSocket) { ended() }
    func socketClosed(_ socket: SubSocket) { ended() }
    func socketClosed(_ socket: XPubSocket) { ended() }
    func socketClosed(_ socket: XSubSocket) { ended() }
    func socketClosed(_ socket: PushSocket) { ended() }
    func socketClosed(_ socket: PullSocket) { ended() }
    func socketClosed(_ socket: PairSocket) { ended() }
    func socketClosed(_ socket: ReqSocket) { ended() }
    func socketClosed(_ socket: RepSocket) { ended() }
    func socketClosed(_ socket: DealerSocket) { ended() }
    func socketClosed(_ socket: RouterSocket) { ended() }
    func socketClosed(_ socket: StreamSocket) { ended() }
    func socketClosed(_ socket: ClientSocket) { ended() }
    func socketClosed(_ socket: ServerSocket) { ended() }
    func socketClosed(_ socket: ScatterSocket) { ended() }
    func socketClosed(_ socket: GatherSocket) { ended() }
    func socketClosed(_ socket: ChannelSocket) { ended() }
    func socketClosed(_ socket: PeerSocket) { ended() }
    func socketClosed(_ socket: RadioSocket) { ended() }
    func socketClosed(_ socket: DishSocket) { ended() }
    func socketClosed(_ socket: DgramSocket) { ended() }

    func socket(_ socket: PullSocket, received message: Message) { note() }
    func socket(_ socket: SubSocket, received message: Message) { note() }
    func socket(_ socket: XSubSocket, received message: Message) { note() }
    func socket(_ socket: PairSocket, received message: Message) { note() }
    func socket(_ socket: ReqSocket, received message: Message) { note() }
    func socket(_ socket: DealerSocket, received message: Message) { note() }
    func socket(_ socket: RouterSocket, received message: Message) { note() }
    func socket(_ socket: StreamSocket, received message: Message) { note() }
    func socket(_ socket: ClientSocket, received message: Message) { note() }
    func socket(_ socket: ServerSocket, received message: Message) { note() }
    func socket(_ socket: GatherSocket, received message: Message) { note() }
    func socket(_ socket: ChannelSocket, received message: Message) { note() }
    func socket(_ socket: PeerSocket, received message: Message) { note() }
    func socket(_ socket: DishSocket, received message: Message) { note() }
    func socket(_ socket: DgramSocket, received message: Message) { note() }
    func socket(_ socket: RepSocket, received request: Message, reply: Reply) { note() }

    func socketIsWritable(_ socket: PushSocket) { note() }
    func socketIsWritable(_ socket: ScatterSocket) { note() }
    func socketDroppedMessage(_ socket: PubSocket) { note() }
    func socketDroppedMessage(_ socket: RadioSocket) { note() }
    func socketDroppedMessage(_ socket: XSubSocket) { note() }
    func socket(_ socket: RouterSocket, connected peer: RouterPeer) { note() }
    func socket(_ socket: RouterSocket, disconnected peer: RouterPeer) { note() }
}
