import EventReactor
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// One combination of limits, transport and threads with which every pattern must work.
struct MarksCase: CustomTestStringConvertible, Sendable {
    let road: Road
    let ioThreads: Int
    /// Whether the server lives on its own reactor.
    let hasTwoLoops: Bool
    let messages: Int
    let bytes: Int?

    var testDescription: String {
        "\(road), \(ioThreads) I/O threads, \(hasTwoLoops ? 2 : 1) loops, \(messages) messages, \(bytes ?? 0) bytes"
    }

    var options: SocketOptions {
        Scene.options {
            $0.sendHighWaterMark = messages
            $0.receiveHighWaterMark = messages
            $0.sendHighWaterMarkBytes = bytes
            $0.receiveHighWaterMarkBytes = bytes
        }
    }

    /// Marks of one message, and of fewer bytes than one message.
    static func all(_ roads: [Road] = Road.kinds) -> [MarksCase] {
        roads.flatMap { road in
            // Inproc does not use I/O threads.
            (road == .inproc ? [0] : [0, 1]).flatMap { ioThreads in
                [false, true].flatMap { hasTwoLoops in
                    [(1, nil), (1000, 1), (1, 1), (2, 30)].map { messages, bytes in
                        MarksCase(
                            road: road,
                            ioThreads: ioThreads,
                            hasTwoLoops: hasTwoLoops,
                            messages: messages,
                            bytes: bytes
                        )
                    }
                }
            }
        }
    }

    /// Sets up a server on its loop; returns its endpoint.
    typealias Server = @Sendable (MarksSide) throws -> String

    /// Sets up a server, on this thread or another one, and runs a client with it.
    func run(_ server: @escaping Server, client: (MarksSide, String) throws -> Void) throws {
        let context = Context(ioThreads: ioThreads)
        let endpoint = road.endpoint
        let reactor = try Reactor()
        defer { reactor.closeSockets() }
        let here = MarksSide(reactor, context, options, endpoint)
        guard hasTwoLoops else { return try client(here, server(here)) }
        let bound = Locked("")
        let options = options
        let thread = try Reactor.start(named: "server") { reactor in
            let there = MarksSide(reactor, context, options, endpoint)
            let endpoint = try server(there)
            bound.withLock { $0 = endpoint }
            reactor.shared(MarksSide.self) { there }
        }
        defer {
            thread.stop()
            thread.join()
        }
        try client(here, bound.withLock { $0 })
    }
}

/// The reactor and context of the sockets on one side of such a test.
final class MarksSide {
    // Not kept: a reactor may keep its side.
    unowned let reactor: Reactor
    let context: Context
    let options: SocketOptions
    /// The endpoint that the server binds.
    let endpoint: String
    private var kept: [AnyObject] = []

    init(_ reactor: Reactor, _ context: Context, _ options: SocketOptions, _ endpoint: String) {
        self.reactor = reactor
        self.context = context
        self.options = options
        self.endpoint = endpoint
    }

    /// Keeps an object for as long as the side.
    func keep(_ object: AnyObject) { kept.append(object) }

    func wait(_ what: String, _ condition: () throws -> Bool) throws { try reactor.run(until: condition, what) }
}

/// Messages in order, each sent as soon as there is room.
final class WaitingMessages: PushHandler, DealerHandler, RouterHandler, PairHandler, XPubHandler, ScatterHandler,
    ClientHandler, ServerHandler, ChannelHandler, PeerHandler
{
    private var messages: ArraySlice<Message>
    var send: (Message) throws -> SendResult = { _ in .wouldBlock }
    var received: (Message) -> Void = { _ in }

    init(_ messages: [Message] = []) { self.messages = messages[...] }

    var isEmpty: Bool { messages.isEmpty }

    func add(_ message: Message) {
        messages.append(message)
        drain()
    }

    func drain() {
        while let first = messages.first, (try? send(first)) == .accepted { messages.removeFirst() }
    }

    func socketIsWritable(_ socket: PushSocket) { drain() }
    func socketIsWritable(_ socket: DealerSocket) { drain() }
    func socketIsWritable(_ socket: RouterSocket) { drain() }
    func socketIsWritable(_ socket: PairSocket) { drain() }
    func socketIsWritable(_ socket: XPubSocket) { drain() }
    func socketIsWritable(_ socket: ScatterSocket) { drain() }
    func socketIsWritable(_ socket: ClientSocket) { drain() }
    func socketIsWritable(_ socket: ServerSocket) { drain() }
    func socketIsWritable(_ socket: ChannelSocket) { drain() }
    func socketIsWritable(_ socket: PeerSocket) { drain() }
    func socket(_ socket: ClientSocket, received message: Message) { received(message) }
    func socket(_ socket: ServerSocket, received message: Message) { received(message) }
    func socket(_ socket: ChannelSocket, received message: Message) { received(message) }
    func socket(_ socket: PeerSocket, received message: Message) { received(message) }
    func socket(_ socket: DealerSocket, received message: Message) { received(message) }
    func socket(_ socket: RouterSocket, received message: Message) { received(message) }
    func socket(_ socket: PairSocket, received message: Message) { received(message) }
    func socket(_ socket: XPubSocket, subscribed subscriber: Subscriber, to topic: Frame) { drain() }
}
