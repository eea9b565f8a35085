import EventReactor
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

/// An application that makes any call in any callback: it closes sockets, ends endpoints, makes others, sends and
/// pauses, at random.
final class Impulsive {
    private let scene: Scene
    private var random: SeededGenerator
    private let road: Road
    private let change: Scene.Change
    private(set) var sockets: [Socket] = []
    private var bound: [(endpoint: String, type: SocketType)] = []
    private var connected: [(socket: Socket, endpoint: String)] = []
    private(set) var completions = 0
    private(set) var expectedCompletions = 0
    /// Connections that have begun, whose handshake has succeeded, has failed, and that have ended after that, for each
    /// socket.
    private var connections: [ObjectIdentifier: (begun: Int, succeeded: Int, failed: Int, ended: Int)] = [:]
    /// How likely a callback makes a call, in percent.
    private let temper: Int

    init(in scene: Scene, on road: Road, seed: Int) {
        (self.scene, self.road) = (scene, road)
        var random = SeededGenerator(seed: UInt64(seed))
        temper = 2 + random.below(40)
        let linger: SocketOptions.Linger = [.none, .atMost(.milliseconds(5)), .atMost(.milliseconds(50)), .untilSent][
            random.below(4)
        ]
        let (isImmediate, mark, stop) = (random.below(3) == 0, 1 + random.below(20), random.below(8))
        change = {
            ($0.linger, $0.isImmediate) = (linger, isImmediate)
            ($0.sendHighWaterMark, $0.receiveHighWaterMark) = (mark, mark)
            ($0.reconnectInterval, $0.reconnectIntervalMax) = (.milliseconds(1), .milliseconds(4))
            if stop == 0 { $0.reconnectStop = [.handshakeFailed, .afterDisconnect] }
        }
        self.random = random
    }

    // MARK: Sockets

    private static let pairs: [(SocketType, SocketType)] = [
        (.pull, .push), (.push, .pull), (.dealer, .router), (.router, .dealer), (.pub, .sub), (.sub, .xpub),
        (.xpub, .xsub),
        (.pair, .pair), (.rep, .req), (.req, .rep), (.dealer, .dealer), (.router, .router), (.stream, .stream),
    ]

    /// Makes two sockets of compatible types, or three.
    func begin() throws {
        let isForMessages = road == .inproc
        let (first, second) = Self.pairs[random.below(Self.pairs.count - (isForMessages ? 1 : 0))]
        let isBoundFirst = random.below(2) == 0
        let endpoint = try road.freshEndpoint()
        let server = try make(first)
        let clients = try (0...random.below(2)).map { _ in try make(second) }
        if isBoundFirst { try? bind(server, endpoint) }
        for client in clients { try? connect(client, endpoint) }
        if !isBoundFirst { try? bind(server, endpoint) }
        for socket in sockets { send(socket) }
    }

    private func make(_ type: SocketType) throws -> Socket {
        let (reactor, context, options) = (scene.reactor, scene.context, Scene.options(change))
        let socket: Socket
        switch type {
        case .pull: socket = try PullSocket(on: reactor, in: context, options: options, handler: self)
        case .push: socket = try PushSocket(on: reactor, in: context, options: options, handler: self)
        case .dealer: socket = try DealerSocket(on: reactor, in: context, options: options, handler: self)
        case .router: socket = try RouterSocket(on: reactor, in: context, options: options, handler: self)
        case .pub: socket = try PubSocket(on: reactor, in: context, options: options, handler: self)
        case .sub: socket = try SubSocket(on: reactor, in: context, options: options, handler: self)
        case .xpub: socket = try XPubSocket(on: reactor, in: context, options: options, handler: self)
        case .xsub: socket = try XSubSocket(on: reactor, in: context, options: options, handler: self)
        case .req: socket = try ReqSocket(on: reactor, in: context, options: options, handler: self)
        case .rep: socket = try RepSocket(on: reactor, in: context, options: options, handler: self)
        case .stream: socket = try StreamSocket(on: reactor, in: context, options: options, handler: self)
        default: socket = try PairSocket(on: reactor, in: context, options: options, handler: self)
        }
        try (socket as? SubscribingSocket)?.subscribe(to: "")
        if random.below(3) == 0, socket is any RoutableSocket { try (socket as? DealerSocket)?.setRoutingID("name") }
        socket.onEvent = { [unowned self] in note($1, of: $0) }
        sockets.append(scene.track(socket))
        return socket
    }

    private func bind(_ socket: Socket, _ endpoint: String) throws {
        bound.append((try socket.bind(endpoint), socket.type))
    }

    private func connect(_ socket: Socket, _ endpoint: String) throws {
        try socket.connect(endpoint)
        connected.append((socket, endpoint))
    }

    // MARK: Acting

    private func note(_ event: SocketEvent, of socket: Socket) {
        var counts = connections[ObjectIdentifier(socket), default: (0, 0, 0, 0)]
        switch event {
        case .accepted, .connected: counts.begun += 1
        case .handshakeSucceeded: counts.succeeded += 1
        case .handshakeFailed: counts.failed += 1
        case .disconnected: counts.ended += 1
        default: break
        }
        connections[ObjectIdentifier(socket)] = counts
        act(socket)
    }

    /// Events that do not fit together.
    var faults: [String] {
        connections.values.compactMap {
            $0.ended > $0.succeeded || road != .inproc && $0.succeeded + $0.failed > $0.begun ? "\($0)" : nil
        }
    }

    private func act(_ socket: Socket) {
        guard random.below(100) < temper else { return }
        for _ in 0...random.below(2) { call(random.below(12), on: random.below(3) > 0 ? socket : anySocket) }
    }

    private var anySocket: Socket { sockets[random.below(sockets.count)] }

    private func call(_ number: Int, on socket: Socket) {
        switch number {
        case 0:
            if !socket.isClosed { expectedCompletions += 1 }
            let counts = !socket.isClosed
            socket.close { [weak self] _ in if counts { self?.completions += 1 } }
        case 1:
            guard let last = connected.last(where: { $0.socket === socket }) else { return }
            try? socket.disconnect(last.endpoint)
        case 2: if let endpoint = socket.lastEndpoint { try? socket.unbind(endpoint) }
        case 3: if let place = bound.last { try? connect(socket, place.endpoint) }
        case 4: if bound.count < 8 { try? bind(socket, bound.last?.endpoint ?? road.endpoint) }
        case 5: try? socket.configure { $0.linger = .none }
        case 6: (socket as? any ReceivingSocket)?.pause()
        case 7: (socket as? any ReceivingSocket)?.resume()
        case 8: scene.reactor.stop()
        case 9: _ = socket.connections
        default: send(socket)
        }
    }

    private func send(_ socket: Socket) {
        for number in 0...random.below(8) {
            let body = Pattern.bytes(random.below(3) == 0 ? random.below(100_000) : 10)
            _ = try? (socket as? any SendingSocket)?.send(Message(body))
            if let pub = socket as? PubSocket { _ = try? pub.send("\(number)") }
        }
    }

    /// Lets time pass, and does something in each turn.
    func live(turns: Int) {
        for _ in 0..<turns {
            act(anySocket)
            scene.reactor.run(.nowait)
        }
    }
}

extension Impulsive: PullHandler, PushHandler, DealerHandler, PubHandler, SubHandler, XPubHandler, XSubHandler,
    PairHandler
{
    func socket(_ socket: PullSocket, received message: Message) { act(socket) }
    func socketIsWritable(_ socket: PushSocket) { act(socket) }
    func socket(_ socket: DealerSocket, received message: Message) { act(socket) }
    func socketIsWritable(_ socket: DealerSocket) { act(socket) }
    func socketDroppedMessage(_ socket: PubSocket) { act(socket) }
    func socket(_ socket: SubSocket, received message: Message) { act(socket) }
    func socket(_ socket: XPubSocket, subscribed subscriber: Subscriber, to topic: Frame) {
        act(socket)
        if random.below(20) == 0 { subscriber.disconnect(because: "impulse") }
    }
    func socket(_ socket: XPubSocket, unsubscribed subscriber: Subscriber, from topic: Frame) { act(socket) }
    func socket(_ socket: XPubSocket, received message: Message) { act(socket) }
    func socketDroppedMessage(_ socket: XPubSocket) { act(socket) }
    func socketIsWritable(_ socket: XPubSocket) { act(socket) }
    func socket(_ socket: XSubSocket, received message: Message) { act(socket) }
    func socketDroppedMessage(_ socket: XSubSocket) { act(socket) }
    func socket(_ socket: PairSocket, received message: Message) { act(socket) }
    func socketIsWritable(_ socket: PairSocket) { act(socket) }
}

extension Impulsive: RouterHandler, ReqHandler, RepHandler, StreamHandler {
    func socket(_ socket: RouterSocket, received message: Message) {
        _ = try? socket.send(message)
        act(socket)
    }
    func socket(_ socket: RouterSocket, connected peer: RouterPeer) {
        act(socket)
        if random.below(10) == 0 { peer.disconnect() }
    }
    func socket(_ socket: RouterSocket, disconnected peer: RouterPeer) { act(socket) }
    func socketIsWritable(_ socket: RouterSocket) { act(socket) }
    func socketDroppedMessage(_ socket: RouterSocket) { act(socket) }
    func socket(_ socket: ReqSocket, received reply: Message) {
        act(socket)
        _ = try? socket.send("again")
    }
    func socket(_ socket: ReqSocket, failedWith error: ZMQError) { act(socket) }
    func socketIsWritable(_ socket: ReqSocket) { act(socket) }
    func socket(_ socket: RepSocket, received request: Message, reply: Reply) {
        act(socket)
        reply.send("reply")
    }
    func socket(_ socket: StreamSocket, received message: Message) {
        if random.below(10) == 0 { try? socket.hangUp(on: message[0]) }
        _ = try? socket.send(message)
        act(socket)
    }
    func socketIsWritable(_ socket: StreamSocket, for routingID: Frame) { act(socket) }
}
