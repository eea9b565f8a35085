import ZMQReactor
import ZMQReactorTesting

extension World {
    /// Makes some services, each with programs that bind and programs that connect to all of them or some.
    func build() {
        scene.network.delay = .microseconds(random.below(3) * random.below(20_000))
        for number in 0..<4 + random.below(5) {
            switch random.below(10) {
            case 0..<5: buildService(number)
            case 5..<7: buildLocalService(number)
            default: buildRelayedService(number)
            }
        }
        for program in programs {
            program.hasSessions = random.below(3) == 0
            scene.reactor.after(.microseconds(random.below(50_000))) { [unowned self] _ in start(program) }
        }
    }

    // MARK: Over the network

    /// The roles that meet: the binding side first.
    private static let services: [(Role, Role)] = [
        (.pull, .push), (.push, .pull), (.pub, .sub), (.xpub, .sub), (.sub, .pub), (.xsub, .pub), (.pub, .xsub),
        (.xpub, .xsub), (.xsub, .xpub), (.rep, .req), (.req, .rep), (.router, .req), (.router, .dealer),
        (.dealer, .router), (.dealer, .dealer), (.pair, .pair), (.dealer, .rep), (.stream, .stream),
        (.gather, .scatter), (.scatter, .gather), (.server, .client), (.client, .server), (.peer, .peer),
        (.channel, .channel), (.radio, .dish), (.dish, .radio),
    ]

    private func buildService(_ number: Int) {
        let (binding, connecting) = Self.services[random.below(Self.services.count)]
        // Some peers share a name, of which one at a time can have it; and two share the one place at a PAIR.
        let areTwins = binding == .router && connecting == .dealer && random.below(3) == 0
        let form = binding == .stream ? "" : someForm()
        let binders = (0..<(binding.isExclusive ? 1 : 1 + random.below(3))).map { index in
            let node = makeNode("s\(number)-\(binding)\(index)", binding)
            node.binds = ["memory://\(node.name)\(form)"]
            return node
        }
        let count = areTwins || binding.isExclusive ? 1 + random.below(2) : 1 + random.below(4)
        for index in 0..<count {
            let node = makeNode("s\(number)-\(connecting)-\(index)", connecting)
            connect(node, to: binders)
            guard areTwins || binding.isExclusive else { continue }
            if areTwins { node.identity = "s\(number)-twin" }
            makeSpare(node, unless: index == 0)
        }
        conflate(nodes.filter { $0.name.hasPrefix("s\(number)-") })
        for node in nodes where node.role == .dealer && (binding == .rep || connecting == .rep) {
            if node.name.hasPrefix("s\(number)-") { node.isMisunderstood = true }
        }
    }

    /// The end of an endpoint's name: of a WebSocket, or of nothing special.
    private func someForm() -> String { random.below(4) == 0 ? "+ws" : "" }

    private func connect(_ node: Node, to binders: [Node]) {
        let endpoints = binders.flatMap(\.binds)
        node.connects = endpoints.filter { _ in random.below(4) > 0 }
        if node.connects.isEmpty { node.connects = [endpoints[random.below(endpoints.count)]] }
    }

    private func makeSpare(_ node: Node, unless isFirst: Bool) {
        guard !isFirst else { return }
        node.isSpare = true
        node.options.linger = .atMost(.seconds(1))
    }

    /// Some of the services keep only the newest messages.
    private func conflate(_ nodes: [Node]) {
        let roles: Set<Role> = [.pub, .sub, .push, .pull, .dealer]
        guard nodes.allSatisfy({ roles.contains($0.role) }), random.below(4) == 0 else { return }
        for node in nodes { node.options.isConflating = random.below(3) > 0 }
    }

    // MARK: Within a program

    private static let localServices = services.filter { $0.0 != .stream }

    /// A program whose sockets talk to each other, on one loop or on two.
    private func buildLocalService(_ number: Int) {
        let (binding, connecting) = Self.localServices[random.below(Self.localServices.count)]
        let program = Program("l\(number)", loops: 1 + random.below(2))
        programs.append(program)
        let isPair = binding.isExclusive
        let binders = (0..<(isPair ? 1 : 1 + random.below(2))).map { index in
            let node = makeNode("l\(number)-\(binding)\(index)", binding, in: program)
            node.binds = ["inproc://\(node.name)"]
            return node
        }
        for index in 0..<(isPair ? 1 : 1 + random.below(3)) {
            connect(makeNode("l\(number)-\(connecting)-\(index)", connecting, in: program), to: binders)
        }
        conflate(program.nodes)
        for node in program.nodes where node.role == .dealer && (binding == .rep || connecting == .rep) {
            node.isMisunderstood = true
        }
    }

    // MARK: Through a proxy

    /// What talks through a proxy, and its sockets: one that sends, the proxy's two, and one that receives.
    private static let relays: [(client: Role, front: Role, back: Role, worker: Role)] = [
        (.req, .router, .dealer, .rep), (.push, .pull, .push, .pull), (.pub, .xsub, .xpub, .sub),
        (.pub, .sub, .pub, .sub), (.xpub, .xsub, .xpub, .xsub), (.dealer, .dealer, .dealer, .dealer),
        (.pair, .pair, .pair, .pair), (.scatter, .gather, .scatter, .gather), (.radio, .dish, .radio, .dish),
        (.channel, .channel, .channel, .channel),
    ]

    /// Those of them that may talk to the proxy within its program: each message is for one peer.
    private static let localRelays = relays.filter { !$0.client.fansOut }

    private func buildRelayedService(_ number: Int) {
        let isLocal = random.below(3) == 0
        let choice = isLocal ? Self.localRelays : Self.relays
        let roles = choice[random.below(choice.count)]
        let program = Program("p\(number)", loops: isLocal ? 1 + random.below(2) : 1)
        programs.append(program)
        let front = makeNode("p\(number)-front", roles.front, in: program)
        let back = makeNode("p\(number)-back", roles.back, in: program, on: front.loop)
        front.topics = front.role == .sub ? [""] : front.role == .dish ? Self.topics : []
        let capture = random.below(2) == 0 ? buildCapture(number, in: program, on: front.loop) : nil
        let isReversed = random.below(3) == 0
        program.relay = Relay(front: isReversed ? back : front, back: isReversed ? front : back, capture: capture)
        let sides = [(front, roles.client), (back, roles.worker)]
        // One of the two sides is within the program.
        let local = isLocal ? random.below(2) : -1
        for (index, (side, role)) in sides.enumerated() {
            let place = index == local ? program : nil
            let scheme = index == local ? "inproc" : "memory"
            let form = index == local ? "" : someForm()
            let isBound = random.below(3) > 0
            if isBound { side.binds = ["\(scheme)://\(side.name)\(form)"] }
            for index in 0..<(role.isExclusive ? 1 : 1 + random.below(3)) {
                let node = makeNode("p\(number)-\(side === front ? "c" : "w")-\(role)\(index)", role, in: place)
                if isBound {
                    node.connects = side.binds
                } else {
                    node.binds = ["\(scheme)://\(node.name)\(form)"]
                    side.connects += node.binds
                }
            }
        }
    }

    /// A capture socket, and programs that receive what it shows.
    private func buildCapture(_ number: Int, in program: Program, on loop: Loop) -> Node {
        let (shows, sees): (Role, Role) = random.below(2) == 0 ? (.push, .pull) : (.pub, .sub)
        let capture = makeNode("p\(number)-capture", shows, in: program, on: loop)
        capture.binds = ["memory://\(capture.name)\(someForm())"]
        for index in 0...random.below(2) {
            let node = makeNode("p\(number)-witness\(index)", sees)
            node.isWitness = true
            if sees == .sub { node.topics = [""] }
            node.connects = capture.binds
        }
        return capture
    }

    // MARK: Nodes

    /// A node of a program, by default of one of its own.
    private func makeNode(_ name: String, _ role: Role, in program: Program? = nil, on loop: Loop? = nil) -> Node {
        let host = program ?? Program(name)
        if program == nil { programs.append(host) }
        let node = Node(name, role, on: loop ?? host.loops[random.below(host.loops.count)], of: host)
        if random.below(2) == 0 { node.identity = name }
        if role == .sub || role == .xsub { node.topics = someTopics() }
        if role == .dish { node.topics = Self.topics.filter { _ in random.below(2) == 0 } }
        node.isMandatory = role == .router && random.below(3) == 0
        node.allowsHandover = random.below(2) == 0
        node.verbosity = [.merged, .verbose, .verboser][random.below(3)]
        node.isManual = role == .xpub && program == nil && random.below(4) == 0
        node.blocksWhenFull = role == .xpub && random.below(4) == 0
        node.options = makeOptions()
        // What goes to each peer goes to those that are there.
        if role == .xsub { node.options.isImmediate = true }
        return node
    }

    private func someTopics() -> [String] {
        let topics = ["", "a", "b", "c", "a0", "d2"].filter { _ in random.below(3) == 0 }
        return topics.isEmpty ? ["b"] : topics
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
        switch random.below(8) {
        case 0, 1: options.linger = .none
        case 2: options.linger = .untilSent
        default: options.linger = .atMost(.milliseconds(1 + random.below(3000)))
        }
        return options
    }
}
