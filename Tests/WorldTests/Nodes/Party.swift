import ZMQReactor
import ZMQReactorTesting

/// The socket of a node, from its start to its end.
final class Party {
    let number: Int
    let node: Node
    let role: Role
    unowned let world: World
    private(set) var reactor: Reactor?
    private(set) var socket: Socket?
    private var handler: Handler?
    private var timer: ReactorTimer?

    private(set) var end = Facts.End.none
    /// As they were at the end.
    private(set) var counters: Facts.Counters?
    var received = 0
    var reportedDrops = 0
    private var unsentAtDisconnects = 0
    private var hasChangedWays = false
    var hasHungUp = false
    var partner: Int?
    var forwarded = 0
    /// Of the capture socket of a proxy: the numbers of the proxy's two sockets, what it was shown of their messages, and
    /// how many it missed.
    var shows: [Int] = []
    var (shown, notShown) = (0, 0)
    let group: Int?

    /// The topics subscribed to, each as often as it is.
    private(set) var topics: [String] = []
    /// The peers of a STREAM, with what has arrived of an incomplete record.
    var streams: [(id: Frame, rest: [UInt8], isHungUp: Bool)] = []
    /// The connected peers of a PEER.
    var peers: [Frame] = []
    /// The endpoints that it has left for a while.
    var away: Set<String> = []

    var isAlive: Bool { end == .none }
    var name: String { "\(node.name)#\(number)" }

    init(_ node: Node, number: Int, in world: World) throws {
        (self.node, self.number, self.world) = (node, number, world)
        role = node.role
        reactor = node.loop.reactor
        group = node.isLocal ? world.group(of: node.program) : nil
        world.place(self)
        let handler = Handler(self)
        self.handler = handler
        let socket = try makeSocket(handler)
        self.socket = socket
        socket.onEvent = { [unowned self] _, event in world.trace.add("\(name) \(event)") }
        for endpoint in node.binds { try socket.bind(endpoint) }
        for endpoint in node.connects { try socket.connect(endpoint) }
        for topic in node.topics { try subscribe(to: topic) }
        if role.speaks, !node.isProxied { scheduleSpeech() }
    }

    // MARK: Speech

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

    // MARK: Changes

    /// Subscribes, or joins a group, which a socket does once.
    func subscribe(to topic: String) throws {
        switch socket {
        case let subscriber as SubscribingSocket: try subscriber.subscribe(to: topic)
        case let dish as DishSocket where !topics.contains(topic): try dish.join(Frame(topic))
        default: return
        }
        topics.append(topic)
    }

    func unsubscribe(from topic: String) throws {
        guard let index = topics.firstIndex(of: topic) else { return }
        switch socket {
        case let subscriber as SubscribingSocket: try subscriber.unsubscribe(from: topic)
        case let dish as DishSocket: try dish.leave(Frame(topic))
        default: return
        }
        topics.remove(at: index)
    }

    /// Leaves an endpoint; `connect` returns to it.
    func disconnect(from endpoint: String) throws {
        hasChangedWays = true
        try socket?.disconnect(endpoint) { [unowned self] report in
            unsentAtDisconnects += report.unsentMessages
            world.trace.add("\(name) disconnected \(report.unsentMessages)")
        }
    }

    func connect(to endpoint: String) throws { if isAlive { try socket?.connect(endpoint) } }
    func unbind(from endpoint: String) throws { try socket?.unbind(endpoint) }
    func bind(to endpoint: String) throws { if isAlive { _ = try socket?.bind(endpoint) } }

    // MARK: The end

    /// Closes the socket, which sends what is queued as long as its linger allows.
    func close(_ completion: @escaping () -> Void = {}) {
        guard isAlive, let socket else { return }
        end = .closing
        timer?.cancel()
        world.trace.add("\(name) closes")
        socket.close { [unowned self] report in
            guard end == .closing else { return }
            counters = Facts.Counters(socket.statistics)
            end = .closed(unsent: report.unsentMessages)
            node.program.unsent += report.unsentMessages
            world.trace.add("\(name) closed \(report.unsentMessages)")
            completion()
        }
    }

    /// Is not there any more.
    func crash() {
        guard end == .none || end == .closing else { return }
        end = .crashed
        world.trace.add("\(name) crashed")
        timer?.cancel()
    }

    /// Lets go of everything; what the socket has counted stays.
    func release() {
        timer?.cancel()
        if let socket { world.watch(socket) }
        (timer, socket, handler, reactor) = (nil, nil, nil, nil)
        (streams, peers) = ([], [])
    }

    // MARK: Facts

    var facts: Facts.Party {
        Facts.Party(
            name: name,
            role: role,
            end: end,
            counters: counters ?? socket.map { Facts.Counters($0.statistics) },
            reportedDrops: reportedDrops,
            unsentAtDisconnects: unsentAtDisconnects,
            conflates: node.options.isConflating,
            hasChangedWays: hasChangedWays,
            hasHungUp: hasHungUp,
            handsOver: role == .router && node.allowsHandover,
            group: group,
            partner: partner,
            forwarded: forwarded,
            shows: shows,
            shown: shown,
            notShown: notShown,
            isWitness: node.isWitness
        )
    }
}

extension Facts.Counters {
    init(_ statistics: SocketStatistics) {
        (sent, received) = (statistics.messagesSent, statistics.messagesReceived)
        (bytesSent, bytesReceived) = (statistics.bytesSent, statistics.bytesReceived)
        for reason in DropReason.all where statistics.dropped[reason] > 0 {
            dropped[reason] = statistics.dropped[reason]
        }
    }
}
