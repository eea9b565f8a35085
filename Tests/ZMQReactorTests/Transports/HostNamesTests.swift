import EventReactor
import Glibc
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Names of hosts with several addresses, which change. The lookup is the test's own: no name leaves the process.
@Suite(.hangLimit)
struct HostNamesTests {
    /// The answer to each lookup, at the time it is made.
    private final class Zone: Sendable {
        private let hosts = Locked<[String]>([])
        private let questions = Locked(0)

        init(_ hosts: String...) { change(to: hosts) }

        var questionCount: Int { questions.withLock { $0 } }
        func change(to hosts: [String]) { self.hosts.withLock { $0 = hosts } }

        func answer(to reactor: Reactor) {
            Resolver.of(reactor).lookUp = { [self] _, port, _ in
                questions.withLock { $0 += 1 }
                let found = hosts.withLock { $0 }.flatMap {
                    SocketAddress.resolve($0, port: port, family: AF_UNSPEC, isLocal: false).0
                }
                return (found, found.isEmpty ? "no such name" : "")
            }
        }
    }

    private func freePort() throws -> String { String(try freeEndpoint().split(separator: ":").last!) }

    private final class Events {
        var all: [SocketEvent] = []
        init(of socket: Socket) { socket.onEvent = { self.all.append($1) } }
        func endpoints(_ name: String) -> [String] { all.filter { $0.name == name }.map(\.endpoint) }
    }

    // MARK: One connection

    @Test("the addresses of a host are tried in order, and each that fails is an event")
    func addressesInOrder() throws {
        try withScene(in: Context()) { scene in
            let port = try freePort()
            let pull = try scene.pull()
            try pull.bind("tcp://127.0.0.3:\(port)")
            let zone = Zone("127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4")
            zone.answer(to: scene.reactor)
            let push = try scene.push()
            let events = Events(of: push)
            try push.connect("tcp://host.invalid:\(port)")
            try scene.run(until: { push.peerCount == 1 })
            let failures = events.all.compactMap { event -> String? in
                guard case .addressFailed(_, let address, let reason) = event else { return nil }
                #expect(reason.kind == .connectionRefused && event.reason == reason)
                #expect(event.description.hasPrefix("address-failed tcp://host.invalid:\(port) \(address) "))
                return address
            }
            #expect(failures == ["127.0.0.1:\(port)", "127.0.0.2:\(port)"])
            #expect(events.all.map(\.name).suffix(2) == ["connected", "handshake-succeeded"])
        }
    }

    @Test("the last address that fails is reported once, and the name is looked up again for the next attempt")
    func lookedUpAgain() throws {
        try withScene(in: Context()) { scene in
            let port = try freePort()
            let zone = Zone("127.0.0.1", "127.0.0.2")
            zone.answer(to: scene.reactor)
            let push = try scene.push()
            let events = Events(of: push)
            try push.connect("tcp://host.invalid:\(port)")
            try scene.run(until: { events.all.contains { $0.name == "connect-delayed" } })
            #expect(events.all.map(\.name) == ["address-failed", "connect-delayed"])
            let pull = try scene.pull()
            try pull.bind("tcp://127.0.0.5:\(port)")
            zone.change(to: ["127.0.0.5"])
            try scene.run(until: { push.peerCount == 1 })
            #expect(zone.questionCount >= 2)
            // The connection is lost, and the host has moved meanwhile.
            let other = try scene.pull()
            try other.bind("tcp://127.0.0.6:\(port)")
            zone.change(to: ["127.0.0.6"])
            try scene.close(pull)
            try scene.run(until: { other.peerCount == 1 })
        }
    }

    @Test("a socket may be closed, or disconnected, in the event of an address", arguments: [true, false])
    func endsInTheEvent(closes: Bool) throws {
        try withScene(in: Context()) { scene in
            let port = try freePort()
            let zone = Zone("127.0.0.1", "127.0.0.2", "127.0.0.3")
            zone.answer(to: scene.reactor)
            let push = try scene.push { $0.linger = .none }
            var names: [String] = []
            let endpoint = "tcp://host.invalid:\(port)"
            push.onEvent = { socket, event in
                names.append(event.name)
                guard event.name == "address-failed" else { return }
                if closes { socket.close() } else { try? socket.disconnect(endpoint) }
            }
            try push.connect(endpoint)
            try scene.run(until: { closes ? push.state == .closed : push.connectors.isEmpty })
            // A socket that closes goes on until it has closed, within this turn.
            #expect(names.filter { $0 != "address-failed" } == ["closed"] && (closes || names.count == 2))
        }
    }

    // MARK: A connection to each address

    @Test("a connect keeps one connection to each address, as addresses appear and disappear", arguments: [0, 1])
    func allAddresses(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let port = try freePort()
            let pulls = try (1...3).map { number in
                let pull = try scene.pull()
                try pull.bind("tcp://127.0.0.\(number):\(port)")
                return pull
            }
            // One of them twice.
            let zone = Zone("127.0.0.1", "127.0.0.2", "127.0.0.1")
            zone.answer(to: scene.reactor)
            let push = try scene.push {
                ($0.connectsToAllAddresses, $0.lookupInterval) = (true, .milliseconds(20))
            }
            let events = Events(of: push)
            let endpoint = "tcp://host.invalid:\(port)"
            try push.connect(endpoint)
            #expect(try push.send("nobody yet") == .wouldBlock)
            try scene.run(until: { push.peerCount == 2 })
            #expect(events.endpoints("connected").sorted() == (1...2).map { "tcp://127.0.0.\($0):\(port)" })
            for _ in 0..<4 { #expect(try push.send("x") == .accepted) }
            try scene.run(until: { pulls[0].messagesWaiting == 2 && pulls[1].messagesWaiting == 2 })

            zone.change(to: ["127.0.0.3", "127.0.0.2"])
            try scene.run(until: { pulls[2].peerCount == 1 && pulls[0].peerCount == 0 })
            #expect(events.endpoints("closed") == ["tcp://127.0.0.1:\(port)"])
            // A lookup that fails changes nothing.
            zone.change(to: [])
            try scene.run(until: { events.endpoints("connect-delayed").contains(endpoint) })
            #expect(push.peerCount == 2 && pulls[1].peerCount == 1)
            let count = zone.questionCount
            zone.change(to: ["127.0.0.1", "127.0.0.2", "127.0.0.3"])
            try scene.run(until: { push.peerCount == 3 && zone.questionCount > count })

            var report: CloseReport?
            try push.disconnect(endpoint) { report = $0 }
            #expect(report == nil)
            try scene.run(until: { report != nil && pulls.allSatisfy { $0.peerCount == 0 } })
            #expect(report?.unsentMessages == 0 && push.connectors.isEmpty && push.hosts.isEmpty)
            let again = #expect(throws: ZMQError.self) { try push.disconnect(endpoint) }
            #expect(again?.code == .noSuchEndpoint)
        }
    }

    @Test("until a name is found, lookups are repeated after growing pauses", arguments: [0, 1])
    func notFoundAtFirst(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let zone = Zone()
            zone.answer(to: scene.reactor)
            let pull = try scene.pull()
            let port = try pull.bind(anyPort).split(separator: ":").last!
            let push = try scene.push {
                ($0.connectsToAllAddresses, $0.lookupInterval) = (true, .seconds(1000))
            }
            let events = Events(of: push)
            try push.connect("tcp://host.invalid:\(port)")
            try scene.run(until: { events.endpoints("connect-retried").count == 2 })
            #expect(events.all.allSatisfy { $0.reason.map { $0.kind == .unknownHost } ?? true })
            zone.change(to: ["127.0.0.1"])
            try scene.run(until: { push.peerCount == 1 && pull.peerCount == 1 })
        }
    }

    @Test("the connections of a closed socket end, and so do the lookups", arguments: [0, 1])
    func closing(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let port = try freePort()
            let zone = Zone("127.0.0.1", "127.0.0.2")
            zone.answer(to: scene.reactor)
            let pull = try scene.pull()
            try pull.bind("tcp://127.0.0.2:\(port)")
            let push = try scene.push {
                ($0.connectsToAllAddresses, $0.lookupInterval) = (true, .milliseconds(10))
            }
            try push.connect("tcp://host.invalid:\(port)")
            try scene.run(until: { push.peerCount == 1 && push.connectors.count == 2 })
            try push.configure { $0.linger = .none }
            try scene.close(push)
            let count = zone.questionCount
            scene.settle(.milliseconds(100))
            // One may have been on its way to the thread that asks; there is time for ten.
            #expect(zone.questionCount <= count + 1)
        }
    }

    @Test("a type that connects once has one connection to each address, however it was asked for")
    func connectsOnce() throws {
        try withScene(in: Context()) { scene in
            let port = try freePort()
            let zone = Zone("127.0.0.1", "127.0.0.2")
            zone.answer(to: scene.reactor)
            let routers = try (1...2).map { number in
                let router = try scene.router()
                try router.bind("tcp://127.0.0.\(number):\(port)")
                return router
            }
            let dealer = try scene.dealer {
                ($0.connectsToAllAddresses, $0.lookupInterval) = (true, .milliseconds(10))
            }
            let events = Events(of: dealer)
            try dealer.connect("tcp://127.0.0.1:\(port)")
            try dealer.connect("tcp://host.invalid:\(port)")
            try dealer.connect("tcp://host.invalid:\(port)")
            #expect(events.endpoints("connect-ignored") == ["tcp://host.invalid:\(port)"])
            try scene.run(until: { dealer.peerCount == 2 && zone.questionCount > 3 })
            #expect(routers.map(\.peerCount) == [1, 1] && dealer.connectors.count == 2)
        }
    }

    @Test("of a host with addresses of both kinds those of one are used")
    func oneFamily() throws {
        try withScene(in: Context()) { scene in
            let zone = Zone("::1", "127.0.0.1", "127.0.0.2")
            zone.answer(to: scene.reactor)
            for (usesIPv6, expected) in [(false, 2), (true, 1)] {
                let push = try scene.push { ($0.connectsToAllAddresses, $0.usesIPv6) = (true, usesIPv6) }
                try push.connect("tcp://127.0.0.9:*;host.invalid:1")
                try scene.run(until: { !push.connectors.isEmpty })
                #expect(push.connectors.count == expected)
                let host = usesIPv6 ? "[::1]" : "127.0.0.1"
                #expect("\(push.connectors[0].endpoint)" == "tcp://127.0.0.9:*;\(host):1")
                try push.configure { $0.linger = .none }
                try scene.close(push)
            }
        }
    }

    @Test("no effect without a name; refused for a type with one peer")
    func withoutName() throws {
        try withScene(in: Context()) { scene in
            let pull = try scene.pull()
            let push = try scene.push { $0.connectsToAllAddresses = true }
            try push.connect(try pull.bind(anyPort))
            #expect(push.connectors.count == 1 && push.hosts.isEmpty)
            try scene.run(until: { push.peerCount == 1 })
            let error = #expect(throws: ZMQError.self) { try scene.pair { $0.connectsToAllAddresses = true } }
            #expect(error?.code == .invalidArgument && error?.option == "connectsToAllAddresses")
            let interval = #expect(throws: ZMQError.self) { try scene.push { $0.lookupInterval = .zero } }
            #expect(interval?.option == "lookupInterval")
        }
    }

    @Test("a lookup without an answer is an event, and the answer counts when it comes")
    func slowLookup() throws {
        try withScene(in: Context()) { scene in
            let answers = Locked(false)
            let pull = try scene.pull()
            let port = try pull.bind(anyPort).split(separator: ":").last!
            Resolver.of(scene.reactor).lookUp = { _, port, _ in
                while !answers.withLock({ $0 }) { poll(nil, 0, 1) }
                return SocketAddress.resolve("127.0.0.1", port: port, family: AF_INET, isLocal: false)
            }
            let push = try scene.push {
                ($0.connectsToAllAddresses, $0.connectTimeout) = (true, .milliseconds(20))
            }
            let events = Events(of: push)
            try push.connect("tcp://host.invalid:\(port)")
            try scene.run(until: { events.endpoints("connect-retried").count == 2 })
            #expect(events.all.first?.reason?.kind == .connectTimeout)
            answers.withLock { $0 = true }
            try scene.run(until: { push.peerCount == 1 })
            #expect(push.connectors.count == 1)
        }
    }
}
