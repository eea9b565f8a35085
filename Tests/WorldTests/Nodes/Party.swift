import ZMQReactor
import ZMQReactorTesting

/// One socket of a node, from its start to its end, on a reactor of its own.
final class Party {
    enum End: Equatable {
        /// It lives.
        case none
        /// It lingers.
        case closing
        case closed(unsent: Int)
        /// It was there, and is not any more.
        case crashed
    }

    let number: Int
    let node: Node
    let role: Role
    unowned let world: World
    private(set) var reactor: Reactor?
    private(set) var context: Context?
    private(set) var socket: Socket?
    var end = End.none

    var accepted = 0
    var received = 0
    /// As they were at the end.
    private(set) var statistics: SocketStatistics?

    private let subscriptions = Subscriptions()
    private var timer: ReactorTimer?

    var isAlive: Bool { end == .none }
    var name: String { "\(node.name)#\(number)" }

    init(_ node: Node, number: Int, in world: World) throws {
        (self.node, self.number, self.world) = (node, number, world)
        role = node.role
        let reactor = try world.scene.makeReactor()
        let context = Context()
        (self.reactor, self.context) = (reactor, context)
        world.place(self, on: reactor)
        let socket = try makeSocket(on: reactor, in: context, node.options)
        self.socket = socket
        socket.onEvent = { [unowned self] _, event in world.trace.add("\(name) \(event)") }
        for endpoint in node.binds { try socket.bind(endpoint) }
        for endpoint in node.connects { try socket.connect(endpoint) }
        if role.speaks { scheduleSpeech() }
    }

    private func makeSocket(on reactor: Reactor, in context: Context, _ options: SocketOptions) throws -> Socket {
        switch role {
        case .push: return try PushSocket(on: reactor, in: context, options: options)
        case .pull:
            return try PullSocket(on: reactor, in: context, options: options) { [unowned self] in take($1) }
        case .pub: return try PubSocket(on: reactor, in: context, options: options)
        case .xpub: return try XPubSocket(on: reactor, in: context, options: options, handler: subscriptions)
        case .sub:
            let sub = try SubSocket(on: reactor, in: context, options: options) { [unowned self] in
                take($1, behind: 1)
            }
            for topic in node.topics { try sub.subscribe(to: topic) }
            return sub
        case .xsub:
            let sub = try XSubSocket(on: reactor, in: context, options: options) { [unowned self] in
                take($1, behind: 1)
            }
            for topic in node.topics { try sub.subscribe(to: topic) }
            return sub
        case .dealer:
            let dealer = try DealerSocket(on: reactor, in: context, options: options) { [unowned self] in take($1) }
            if node.hasIdentity { try dealer.setRoutingID(node.name) }
            return dealer
        case .pair:
            return try PairSocket(on: reactor, in: context, options: options) { [unowned self] in take($1) }
        case .req:
            let req = try ReqSocket(on: reactor, in: context, options: options)
            if node.hasIdentity { try req.setRoutingID(node.name) }
            return req
        case .rep:
            return try RepSocket(on: reactor, in: context, options: options) { [unowned self] _, request, reply in
                take(request)
                answer(reply)
            }
        case .router:
            return try RouterSocket(on: reactor, in: context, options: options) { [unowned self] in route($1) }
        }
    }

    // MARK: Receiving

    private func take(_ message: Message, behind count: Int = 0) {
        switch Payload.read(message, behind: count) {
        case .whole(let number):
            world.trace.add("\(name) got \(number)")
            world.ledger.received(number, by: self)
        case .torn(let text): world.ledger.report("\(name) got \(text)")
        }
    }

    /// Replies to what a peer has sent.
    private func route(_ message: Message) {
        let isEnveloped = message.count > 2 && message[1].isEmpty
        take(message, behind: isEnveloped ? 2 : 1)
        guard world.isSpeaking || isEnveloped, let router = socket as? RouterSocket else { return }
        _ = send(behind: [Array(message[0])] + (isEnveloped ? [[]] : [])) { try router.send($0) }
    }

    private func answer(_ reply: Reply) {
        let number = world.ledger.nextNumber
        world.ledger.sent(by: self, copies: 1)
        reply.send(Payload.message(number))
    }

    // MARK: Sending

    /// Returns whether the message was accepted.
    @discardableResult
    private func send(
        behind prefix: [[UInt8]] = [],
        copies: Int = 1,
        _ send: (Message) throws -> SendResult
    ) -> Bool {
        let number = world.ledger.nextNumber
        do {
            guard try send(Payload.message(number, behind: prefix)) == .accepted else { return false }
        } catch {
            world.ledger.report("\(name) cannot send: \(error)")
            return false
        }
        world.trace.add("\(name) sent \(number)")
        world.ledger.sent(by: self, copies: copies)
        return true
    }

    private func scheduleSpeech() {
        timer = reactor?.after(.microseconds(1 + world.random.below(200_000))) { [unowned self] _ in speak() }
    }

    private func speak() {
        timer = nil
        guard isAlive, world.isSpeaking else { return }
        for _ in 0...world.random.below(world.random.below(8) == 0 ? 100 : 8) {
            guard sayOne() else { break }
        }
        scheduleSpeech()
    }

    private func sayOne() -> Bool {
        switch socket {
        case let push as PushSocket: return send { try push.send($0) }
        case let dealer as DealerSocket: return send { try dealer.send($0) }
        case let pair as PairSocket: return send { try pair.send($0) }
        case let publisher as PubSocket: return publish(publisher) { try publisher.send($0) }
        case let publisher as XPubSocket: return publish(publisher) { _ = try publisher.send($0) }
        case let req as ReqSocket:
            guard !req.isWaiting else { return false }
            let number = world.ledger.nextNumber
            return send { message in
                try req.request(message, timeout: .seconds(2)) { [unowned self] result in
                    switch result {
                    case .success(let reply): take(reply)
                    case .failure: world.ledger.withdraw(number)
                    }
                }
            }
        default: return false
        }
    }

    private func publish(_ publisher: PublishingSocket, _ send: (Message) throws -> Void) -> Bool {
        let topic = [
            UInt8(ascii: "a") + UInt8(world.random.below(4)), UInt8(ascii: "0") + UInt8(world.random.below(3)),
        ]
        let copies = publisher.subscriberCount(to: topic)
        return self.send(behind: [topic], copies: copies) {
            _ = try send($0)
            return .accepted
        }
    }

    // MARK: The end

    /// Closes the socket, which sends what is queued as long as its linger allows.
    func close(_ completion: @escaping () -> Void = {}) {
        guard isAlive, let socket else { return }
        end = .closing
        timer?.cancel()
        socket.close { [unowned self] report in
            guard end == .closing else { return }
            statistics = socket.statistics
            end = .closed(unsent: report.unsentMessages)
            world.trace.add("\(name) closed \(report.unsentMessages)")
            completion()
        }
    }

    /// Ends at once, as if its process were killed.
    func crash() {
        guard end == .none || end == .closing else { return }
        end = .crashed
        world.trace.add("\(name) crashed")
        let reactor = reactor
        release()
        reactor?.closeSockets()
    }

    /// Lets go of everything; what the sockets have counted stays.
    func release() {
        timer?.cancel()
        timer = nil
        (socket, context, reactor) = (nil, nil, nil)
    }

    func noteStatistics() { if let socket { statistics = socket.statistics } }
}

/// Receives subscriptions, and does nothing with them.
private final class Subscriptions: XPubHandler {}
