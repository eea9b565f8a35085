import ZMQReactor
import ZMQReactorTesting

extension World {
    /// The roles that meet: the binding side first.
    private static let services: [(Role, Role)] = [
        (.pull, .push), (.push, .pull), (.pub, .sub), (.xpub, .sub), (.sub, .pub), (.xsub, .pub), (.pub, .xsub),
        (.rep, .req), (.req, .rep), (.router, .req), (.router, .dealer), (.dealer, .router), (.dealer, .dealer),
        (.pair, .pair), (.dealer, .rep),
    ]

    /// Makes some services, each with programs that bind and programs that connect to all of them or some.
    func build() {
        scene.network.delay = .microseconds(random.below(3) * random.below(20_000))
        for number in 0..<3 + random.below(5) {
            let (binding, connecting) = Self.services[random.below(Self.services.count)]
            let isPair = binding == .pair
            let binders = (0..<(isPair ? 1 : 1 + random.below(3))).map { index in
                let node = makeNode("s\(number)-\(binding)\(index)", binding)
                node.binds = ["memory://\(node.name)"]
                return node
            }
            for index in 0..<(isPair ? 1 : 1 + random.below(4)) {
                let node = makeNode("s\(number)-\(connecting)-\(index)", connecting)
                let endpoints = binders.flatMap(\.binds)
                node.connects = endpoints.filter { _ in random.below(4) > 0 }
                if node.connects.isEmpty { node.connects = [endpoints[random.below(endpoints.count)]] }
                add(node)
            }
            binders.forEach(add)
        }
        for node in nodes {
            scene.reactor.after(.microseconds(random.below(50_000))) { [unowned self] _ in start(node) }
        }
    }

    private func makeNode(_ name: String, _ role: Role) -> Node {
        let node = Node(name, role)
        node.hasIdentity = random.below(2) == 0
        node.topics = ["", "a", "b", "c", "a0", "d2"].filter { _ in random.below(3) == 0 }
        if node.topics.isEmpty { node.topics = ["b"] }
        node.options = makeOptions()
        return node
    }

    private func makeOptions() -> SocketOptions {
        var options = SocketOptions()
        let marks = [1, 2, 10, 100, 1000]
        options.sendHighWaterMark = marks[random.below(marks.count)]
        options.receiveHighWaterMark = marks[random.below(marks.count)]
        if random.below(4) == 0 { options.sendHighWaterMarkBytes = 1 + random.below(100_000) }
        if random.below(4) == 0 { options.receiveHighWaterMarkBytes = 1 + random.below(100_000) }
        options.reconnectInterval = .milliseconds(1 + random.below(100))
        options.reconnectIntervalMax = .milliseconds(200)
        options.connectTimeout = .seconds(1)
        options.handshakeInterval = .seconds(1 + random.below(5))
        if random.below(2) == 0 { options.heartbeatInterval = .milliseconds(200 + random.below(3000)) }
        if random.below(3) == 0 { options.writeTimeout = .milliseconds(500 + random.below(5000)) }
        options.isImmediate = random.below(4) == 0
        options.acceptsLegacyPeers = random.below(4) > 0
        options.linger = random.below(4) == 0 ? .none : .atMost(.milliseconds(1 + random.below(3000)))
        return options
    }
}
