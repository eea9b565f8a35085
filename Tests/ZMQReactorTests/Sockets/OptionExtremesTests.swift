import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

/// Every option at the limits of its range, and beyond: it is refused by name, or everything continues. Nothing traps.
struct OptionExtremesTests {
    typealias Change = (inout SocketOptions) -> Void

    /// A value between zero and the largest one.
    private static let durations: [Duration] = [
        .seconds(Int64.max) * 18, .seconds(Int64.max), .nanoseconds(Int64.max), .nanoseconds(1), .zero,
        .nanoseconds(-1), .seconds(Int64.min),
    ]
    private static let numbers = [Int.max, Int(Int32.max), 127, 2, 1, 0, -1, Int.min]

    private static func each<Value>(_ path: WritableKeyPath<SocketOptions, Value>, _ values: [Value]) -> [Change] {
        values.map { value in { $0[keyPath: path] = value } }
    }

    private static func each<Value>(_ path: WritableKeyPath<SocketOptions, Value?>, _ values: [Value]) -> [Change] {
        values.map { value in { $0[keyPath: path] = value } }
    }

    /// All options; a test ensures that none is missing.
    private static var table: KeyValuePairs<String, [Change]> {
        [
            "sendHighWaterMark": each(\.sendHighWaterMark, numbers),
            "receiveHighWaterMark": each(\.receiveHighWaterMark, numbers),
            "sendHighWaterMarkBytes": each(\.sendHighWaterMarkBytes, numbers),
            "receiveHighWaterMarkBytes": each(\.receiveHighWaterMarkBytes, numbers),
            "sendBudget": each(\.sendBudget, numbers) + each(\.sendBudget, [nil]),
            "receiveBudget": each(\.receiveBudget, numbers) + each(\.receiveBudget, [nil]),
            "isConflating": each(\.isConflating, [true, false]),
            "isImmediate": each(\.isImmediate, [true, false]),
            "maxMessageSize": each(\.maxMessageSize, numbers),
            "linger": each(\.linger, [.none, .untilSent] + durations.map { .atMost($0) }),
            "reconnectInterval": durations.map { time in
                { ($0.reconnectInterval, $0.reconnectIntervalMax) = (time, time) }
            },
            "reconnectIntervalMax": each(\.reconnectIntervalMax, durations),
            "reconnectStop": each(\.reconnectStop, [[], .init(rawValue: .max), .init(rawValue: .min)]),
            "connectTimeout": each(\.connectTimeout, durations) + each(\.connectTimeout, [nil]),
            "connectsToAllAddresses": each(\.connectsToAllAddresses, [true, false]),
            "lookupInterval": durations.map { time in
                { ($0.connectsToAllAddresses, $0.lookupInterval) = (true, time) }
            },
            "handshakeInterval": each(\.handshakeInterval, durations),
            "acceptsLegacyPeers": each(\.acceptsLegacyPeers, [true, false]),
            "heartbeatInterval": each(\.heartbeatInterval, durations)
                + durations.map { time in { ($0.heartbeatInterval, $0.heartbeatTimeout) = (time, .seconds(Int64.max)) }
                },
            "heartbeatTimeout": durations.map { time in
                { ($0.heartbeatInterval, $0.heartbeatTimeout) = (.milliseconds(1), time) }
            },
            "heartbeatTTL": (durations + [.milliseconds(100), .milliseconds(65_500)]).map { time in
                { ($0.heartbeatInterval, $0.heartbeatTTL) = (.milliseconds(1), time) }
            },
            "writeTimeout": each(\.writeTimeout, durations),
            "limits": SocketLimits.rows.flatMap { row in
                (numbers + [row.minimum]).map { number in { $0.limits[keyPath: row.path] = number } }
            } + each(\.limits.slowPeerTimeout, durations),
            "affinity": each(\.affinity, [.max, 1, 0, 1 << 63]),
            "usesIPv6": each(\.usesIPv6, [true, false]),
            "backlog": each(\.backlog, numbers),
            "tcpKeepalive": each(\.tcpKeepalive, [true, false]),
            "tcpKeepaliveIdle": each(\.tcpKeepaliveIdle, durations + [.seconds(1), .seconds(32_767)]),
            "tcpKeepaliveInterval": each(\.tcpKeepaliveInterval, durations + [.seconds(1), .seconds(32_767)]),
            "tcpKeepaliveCount": each(\.tcpKeepaliveCount, numbers),
            "tcpUserTimeout": each(\.tcpUserTimeout, durations + [.milliseconds(1), .milliseconds(Int64(Int32.max))]),
            "sendBuffer": each(\.sendBuffer, numbers),
            "receiveBuffer": each(\.receiveBuffer, numbers),
            "typeOfService": each(\.typeOfService, numbers + [255, 256]),
            "bindToDevice": each(\.bindToDevice, ["", "lo", "none-such", "\0", String(repeating: "x", count: 100)]),
            "socksProxy": each(\.socksProxy, ["", "127.0.0.1:1", "x:99999", "127.0.0.1:0"]),
            "socksUser": each(\.socksUser, ["", "x", String(repeating: "x", count: 300)]),
            // Two clients: each rejects the other.
            "security": each(
                \.security,
                [.none, .null(authenticator: .acceptAll), try! .plainClient(username: "u", password: Password("p"))]
            ),
            "socksPassword": each(\.socksPassword, ["", "x", String(repeating: "x", count: 300)].map { Password($0) }),
            "webSocketClients": each(\.webSocketClients, [.subprotocol, .binary, .binaryAndText]),
            "webSocketOrigins": each(\.webSocketOrigins, [nil, [], ["", "x", "https://example.com"]]),
            "tls": each(
                \.tls,
                ["", "/nowhere", "\0"].map { name in
                    var tls = TLSSettings()
                    (tls.certificateFile, tls.privateKeyFile) = (name, name)
                    (tls.authoritiesFile, tls.serverName) = (name, name)
                    return tls
                }
            ),
            "multicastRate": each(\.multicastRate, numbers),
            "multicastRecoveryInterval": each(
                \.multicastRecoveryInterval,
                durations + [.milliseconds(1), .seconds(3600)]
            ),
            "multicastHops": each(\.multicastHops, numbers + [255, 256]),
            "multicastMaxTPDU": each(\.multicastMaxTPDU, numbers + [256, 65_535]),
            "multicastLoop": each(\.multicastLoop, [true, false]),
            "ipcSharesMemory": each(\.ipcSharesMemory, [true, false]),
            "ipcPermissions": each(\.ipcPermissions, [.max, 0o777, 0]),
            "ipcAllowedUsers": each(\.ipcAllowedUsers, [[.max], [0], []]),
            "ipcAllowedGroups": each(\.ipcAllowedGroups, [[.max], [0], []]),
            "ipcAllowedProcesses": each(\.ipcAllowedProcesses, [[.max], [.min], []]),
        ]
    }

    private static let names = table.map(\.key)

    @Test("no option is missing here")
    func exhaustive() {
        let values = [Mirror(reflecting: SocketOptions()), Mirror(reflecting: RareOptions.defaults)]
        let all = values.flatMap { $0.children.compactMap(\.label) }.filter { $0 != "rare" }
        #expect(Set(all) == Set(Self.names))
        #expect(Self.names.count == all.count)
    }

    @Test("nothing traps", arguments: names, [0, 1])
    func extremes(name: String, ioThreads: Int) throws {
        for change in Self.table.first(where: { $0.key == name })!.value {
            try withScene(in: Context(ioThreads: ioThreads)) { scene in
                do throws(ZMQError) {
                    try Play(change, scene).run()
                } catch {
                    let pairs = [
                        "reconnectInterval": "reconnectIntervalMax", "lookupInterval": "connectsToAllAddresses",
                    ]
                    let isOfPair = error.option != nil && error.option == pairs[name]
                    #expect(error.option == name || error.option?.hasPrefix("\(name).") == true || isOfPair, "\(error)")
                }
            }
        }
    }

    /// Sockets with the same options on both sides, over every transport, and peers that are silent.
    private final class Play {
        private let scene: Scene
        private var links: [(client: Socket, server: Socket)] = []
        private var strangers: [RawPeer] = []
        private var faults: [ObjectIdentifier: Int] = [:]

        init(_ change: @escaping Change, _ scene: Scene) throws(ZMQError) {
            self.scene = scene
            for road in Road.kinds {
                try join(
                    scene.track(PushSocket(on: scene.reactor, in: scene.context, options: Scene.options(change))),
                    scene.track(PullSocket(on: scene.reactor, in: scene.context, options: Scene.options(change))),
                    road
                )
                try join(
                    scene.track(SubSocket(on: scene.reactor, in: scene.context, options: Scene.options(change))),
                    scene.track(PubSocket(on: scene.reactor, in: scene.context, options: Scene.options(change))),
                    road
                )
            }
            if !Scene.options(change).isConflating {
                // Each over one transport.
                for (number, pair) in TypePair.ofOneFrame.enumerated() {
                    let (sender, receiver) = (try make(pair.sender, change), try make(pair.receiver, change))
                    try join(sender, receiver, Road.kinds[number % Road.kinds.count])
                }
                try join(
                    scene.track(DealerSocket(on: scene.reactor, in: scene.context, options: Scene.options(change))),
                    scene.track(StreamSocket(on: scene.reactor, in: scene.context, options: Scene.options(change))),
                    .tcp
                )
            }
        }

        private func make(_ type: MatrixType, _ change: Change) throws(ZMQError) -> Socket {
            do {
                return scene.track(try type.make(scene.reactor, scene.context, Scene.options(change)))
            } catch let error as ZMQError {
                throw error
            } catch {
                preconditionFailure("\(error)")
            }
        }

        private func join(_ client: Socket, _ server: Socket, _ road: Road) throws(ZMQError) {
            for socket in [client, server] {
                socket.onEvent = { [weak self] socket, event in
                    switch event {
                    case .connectDelayed, .connectFailed, .handshakeFailed, .disconnected:
                        self?.faults[ObjectIdentifier(socket), default: 0] += 1
                    default: break
                    }
                }
            }
            let endpoint = try server.bind(road.endpoint)
            try (client as? SubSocket)?.subscribe(to: "")
            try client.connect(endpoint)
            links.append((client, server))
        }

        /// A peer that sends nothing, and one that sends a handshake and nothing more.
        private func addStrangers(at endpoint: String) {
            guard !endpoint.hasPrefix("inproc") else { return }
            for number in 0..<2 {
                // If no peer is accepted, there is no stranger. Each is accepted before the next one connects, however
                // short the backlog.
                guard let stranger = try? RawPeer(endpoint) else { continue }
                if number == 1 { stranger.send(Wire.greeting() + Wire.ready("PUSH")) }
                strangers.append(stranger)
                scene.reactor.run(.nowait)
            }
        }

        func run() throws(ZMQError) {
            for (client, server) in links {
                let sender = (client as? any SendingSocket) ?? (server as? any SendingSocket)
                func isDone() -> Bool {
                    client.peerCount + server.peerCount > 0 || faults[ObjectIdentifier(client)] != nil
                        || faults[ObjectIdentifier(server)] != nil
                }
                do { try scene.run(until: isDone, "a connection or the end of an attempt") } catch {
                    Issue.record("\(error)")
                }
                addStrangers(at: server.lastEndpoint!)
                for size in [1, 100_000] {
                    let message = Message([UInt8](repeating: 1, count: size))
                    _ = try? sender?.send(client.peerCount > 0 ? client.addressed(message) : message)
                    _ = try? (server as? PubSocket)?.send(Message([UInt8](repeating: 1, count: size)))
                }
            }
            for _ in 0..<30 { scene.reactor.run(.nowait) }
            for (client, server) in links { for socket in [client, server] { _ = socket.connections } }
        }
    }

    // MARK: Times as arguments

    @Test("requests", arguments: [0, -1, Int.max, Int.min])
    func requests(retries: Int) throws {
        for time in Self.durations {
            try withScene { scene in
                let req = try scene.req()
                let rep = try scene.answering()
                try scene.connect(req, to: rep)
                let outcomes = Recorder()
                try req.request("x", timeout: time, retries: retries, outcomes)
                try scene.wait("an outcome") { !outcomes.texts.isEmpty || retries == .max && time <= .nanoseconds(1) }
            }
        }
    }

    @Test("waits for subscribers", arguments: [Int.max, 1, 0, -1, Int.min])
    func waits(count: Int) throws {
        for time in Self.durations {
            try withScene { scene in
                let pub = try scene.pub()
                var results = 0
                pub.waitForSubscribers(count, within: time) { _ in results += 1 }
                if count <= 0 || time <= .nanoseconds(1) { try scene.wait("the result") { results == 1 } }
            }
        }
    }

    @Test("limits of subscriptions", arguments: [Int.max, 1, 0, -1, Int.min])
    func subscriptions(limit: Int) throws {
        try withScene { scene in
            let pub = try scene.pub()
            pub.subscriptionLimits = SubscriptionLimits(topics: limit, bytes: limit)
            let sub = try scene.sub(to: "a", "b")
            try sub.connect(pub.bind(anyPort))
            var isOver = false
            pub.onEvent = { if $1.isDisconnect { isOver = true } }
            try scene.wait("subscriptions, or the end") { isOver || pub.subscriberCount(to: "b") == 1 }
            #expect(isOver == (limit < 2))
        }
    }

    @Test("waits of tasks")
    func tasks() throws {
        try withScene { scene in
            let pull = try scene.pull()
            var ends = 0
            let finite = Self.durations.filter { $0 <= .nanoseconds(1) }
            for time in Self.durations {
                scene.reactor.task { _ in
                    _ = try? await pull.receive(within: time)
                    ends += 1
                }
            }
            try scene.wait("those that end") { ends == finite.count }
            pull.close()
            try scene.wait("all") { ends == Self.durations.count }
        }
    }
}
