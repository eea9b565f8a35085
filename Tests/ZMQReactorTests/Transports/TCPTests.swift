import Glibc
import Synchronization
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Behaviour of tcp alone.
struct TCPTests {
    /// Calls `body` with a descriptor on which a socket with these options would listen.
    private func listen(
        _ endpoint: String = anyPort,
        _ change: (inout SocketOptions) -> Void,
        _ body: (CInt, Endpoint) throws -> Void
    ) throws {
        var options = SocketOptions()
        change(&options)
        guard let address = try Endpoint(endpoint).address as? TCPEndpoint else { return }
        let listening = try TCPTransport(address: address).listen(options)
        defer { close(listening.descriptor) }
        try body(listening.descriptor, listening.endpoint)
    }

    private func reach(_ pull: PullSocket, at endpoint: String, in scene: Scene, _ change: Scene.Change = { _ in })
        throws
    {
        let before = pull.statistics.messagesReceived
        let push = try scene.push(change)
        try push.connect(endpoint)
        #expect(try push.send("x") == .accepted)
        try scene.run(until: { pull.statistics.messagesReceived == before + 1 }, "a message at \(endpoint)")
        try scene.close(push)
    }

    @Test func interfaceNames() throws {
        try withScene { scene in
            let pull = try scene.pull()
            let endpoint = try pull.bind("tcp://lo:*")
            #expect(endpoint.hasPrefix("tcp://127.0.0.1:"))
            try reach(pull, at: endpoint, in: scene)
        }
    }

    @Test func IPv6() throws {
        try withScene { scene in
            let pull = try scene.pull { $0.usesIPv6 = true }
            guard let endpoint = try? pull.bind("tcp://[::1]:*") else { return }  // a system without IPv6
            try reach(pull, at: endpoint, in: scene)
            // All addresses of both kinds.
            let all = try pull.bind("tcp://*:*")
            #expect(all.hasPrefix("tcp://[::]:"))
            let port = all.split(separator: ":").last!
            for host in ["127.0.0.1", "[::1]", "localhost"] {
                try reach(pull, at: "tcp://\(host):\(port)", in: scene) { $0.usesIPv6 = true }
            }
        }
    }

    @Test(arguments: [false, true])
    func mappedAddresses(ipv6: Bool) throws {
        try withScene { scene in
            let pull = try scene.pull { $0.usesIPv6 = ipv6 }
            guard (try? scene.pull().bind("tcp://[::1]:*")) != nil else { return }  // a system without IPv6
            let endpoint = try pull.bind("tcp://[::ffff:127.0.0.1]:*")
            #expect(endpoint.hasPrefix("tcp://[::ffff:127.0.0.1]:"))
            let port = endpoint.split(separator: ":").last!
            for host in ["127.0.0.1", "[::ffff:127.0.0.1]"] { try reach(pull, at: "tcp://\(host):\(port)", in: scene) }
            // Another address of this family is a different one.
            #expect(throws: Never.self) { try pull.bind("tcp://[::1]:\(port)") }
        }
    }

    @Test func sourceAddresses() throws {
        try withScene { scene in
            let pull = try scene.pull()
            let endpoint = try pull.bind(anyPort)
            let target = endpoint.dropFirst("tcp://".count)
            var peers: [String] = []
            pull.onEvent = { _, event in if case .accepted(_, let peer) = event { peers.append(peer.address) } }
            try reach(pull, at: "tcp://127.0.0.9:*;\(target)", in: scene)
            #expect(peers.last?.hasPrefix("127.0.0.9:") == true)
            let port = try freePort()
            // The same port repeatedly, as after a reconnect.
            for _ in 0..<2 {
                try reach(pull, at: "tcp://127.0.0.1:\(port);\(target)", in: scene)
                #expect(peers.last == "127.0.0.1:\(port)")
            }
            try reach(pull, at: "tcp://lo:*;\(target)", in: scene)
            try reach(pull, at: "tcp://*:*;\(target)", in: scene)

            let push = try scene.push()
            var reason: EventReason?
            push.onEvent = { _, event in if case .connectDelayed(_, _, let why) = event { reason = why } }
            try push.connect("tcp://no-such-interface.invalid:*;\(target)")
            try scene.run(until: { reason != nil })
            #expect(reason?.kind == .unknownHost)
            #expect(reason?.message.contains("is called no-such-interface.invalid: ") == true)
            #expect(#expect(throws: ZMQError.self) { try push.bind("tcp://lo:*;\(target)") }?.code == .invalidArgument)
        }
    }

    @Test func allAddressesOfANameAreTriedAndLookedUpAgain() throws {
        try withScene { scene in
            let pull = try scene.pull()
            let open = try pull.bind(anyPort)
            let closed = try freeEndpoint()
            let rounds = Atomic(0)
            // First a name whose addresses have no listener, then one whose last address is right.
            let transport = NamedTransport {
                return rounds.add(1, ordering: .relaxed).newValue == 1 ? [closed, closed] : [closed, closed, open]
            }
            let push = try scene.push()
            let connector = Connector(
                ByteStreamDialer(transport, push.endpointOptions),
                of: push,
                push.endpointOptions
            )
            push.connectors.append(connector)
            connector.start()
            #expect(try push.send("x") == .accepted)
            try scene.run(until: { pull.statistics.messagesReceived == 1 })
            #expect(rounds.load(ordering: .relaxed) == 2)
        }
    }

    @Test func optionsReachTheSystem() throws {
        try listen { options in
            (options.sendBuffer, options.receiveBuffer) = (20_000, 30_000)
            options.tcpKeepalive = true
            (options.tcpKeepaliveIdle, options.tcpKeepaliveInterval, options.tcpKeepaliveCount) = (
                .seconds(7), .seconds(3), 5
            )
            options.tcpUserTimeout = .milliseconds(12_345)
            options.typeOfService = 0x28
        } _: { descriptor, _ in
            // The system doubles the sizes for its own use, see socket(7).
            #expect(StreamDescriptor.get(SOL_SOCKET, SO_SNDBUF, of: descriptor) == 40_000)
            #expect(StreamDescriptor.get(SOL_SOCKET, SO_RCVBUF, of: descriptor) == 60_000)
            #expect(StreamDescriptor.get(SOL_SOCKET, SO_KEEPALIVE, of: descriptor) == 1)
            #expect(StreamDescriptor.get(IPPROTO_TCP, TCP_KEEPIDLE, of: descriptor) == 7)
            #expect(StreamDescriptor.get(IPPROTO_TCP, TCP_KEEPINTVL, of: descriptor) == 3)
            #expect(StreamDescriptor.get(IPPROTO_TCP, TCP_KEEPCNT, of: descriptor) == 5)
            #expect(StreamDescriptor.get(IPPROTO_TCP, TCP_USER_TIMEOUT, of: descriptor) == 12_345)
            #expect(StreamDescriptor.get(IPPROTO_IP, IP_TOS, of: descriptor) == 0x28)
        }
    }

    @Test func keepaliveIsOnByDefault() throws {
        try listen { _ in
        } _: { descriptor, _ in
            #expect(StreamDescriptor.get(SOL_SOCKET, SO_KEEPALIVE, of: descriptor) == 1)
            #expect(StreamDescriptor.get(IPPROTO_TCP, TCP_KEEPIDLE, of: descriptor) == 60)
            #expect(StreamDescriptor.get(IPPROTO_TCP, TCP_KEEPINTVL, of: descriptor) == 15)
            #expect(StreamDescriptor.get(IPPROTO_TCP, TCP_KEEPCNT, of: descriptor) == 4)
        }
        try listen {
            $0.tcpKeepalive = nil
        } _: { descriptor, _ in
            #expect(StreamDescriptor.get(SOL_SOCKET, SO_KEEPALIVE, of: descriptor) == 0)
        }
    }

    @Test func bindToDevice() throws {
        try withScene { scene in
            let pull = try scene.pull { $0.bindToDevice = "lo" }
            try reach(pull, at: pull.bind(anyPort), in: scene) { $0.bindToDevice = "lo" }
            let other = try scene.pull { $0.bindToDevice = "no-such-dev" }
            let error = #expect(throws: ZMQError.self) { try other.bind(anyPort) }
            #expect(error?.code == .noSuchDevice || error?.code == .permissionDenied)
            #expect(error?.option == "bindToDevice")
        }
    }

    @Test func invalidOptions() throws {
        typealias Change = (inout SocketOptions) -> Void
        let changes: [(String, Change)] = [
            ("sendBuffer", { $0.sendBuffer = 0 }), ("receiveBuffer", { $0.receiveBuffer = -1 }),
            ("typeOfService", { $0.typeOfService = 256 }), ("backlog", { $0.backlog = 0 }),
            ("tcpKeepaliveIdle", { $0.tcpKeepaliveIdle = .milliseconds(1500) }),
            ("tcpKeepaliveInterval", { $0.tcpKeepaliveInterval = .zero }),
            ("tcpKeepaliveCount", { $0.tcpKeepaliveCount = 128 }), ("bindToDevice", { $0.bindToDevice = "" }),
            ("socksProxy", { $0.socksProxy = "proxy" }), ("socksProxy", { $0.socksProxy = "*:1080" }),
            ("heartbeatInterval", { $0.heartbeatInterval = .zero }),
            ("heartbeatTimeout", { $0.heartbeatTimeout = .zero }),
            ("heartbeatTTL", { $0.heartbeatTTL = .seconds(66) }),
            ("handshakeInterval", { $0.handshakeInterval = .zero }), ("writeTimeout", { $0.writeTimeout = .zero }),
            ("tcpUserTimeout", { $0.tcpUserTimeout = .zero }),
            ("tcpUserTimeout", { $0.tcpUserTimeout = .milliseconds(Int64(Int32.max) + 1) }),
        ]
        for (name, change) in changes {
            var options = SocketOptions()
            change(&options)
            let error = #expect(throws: ZMQError.self) { try Transports.validate(options, for: .push) }
            #expect(error?.code == .invalidArgument)
            #expect(error?.option == name)
        }
    }

    @Test func bindingADescriptorThatListens() throws {
        try withScene { scene in
            let server = try RawListener()
            let pull = try scene.pull()
            let endpoint = try pull.bind(listening: server.release())
            #expect(endpoint == server.endpoint)
            try reach(pull, at: endpoint, in: scene)
            try pull.unbind(endpoint)

            let path = Unique.path(".ipc")
            let local = StreamDescriptor.open(AF_UNIX)
            let address = SocketAddress(unix: path, isAbstract: false)
            #expect(address.withPointer { bind(local, $0, $1) } == 0)
            defer { unlink(path) }
            // It does not listen yet.
            #expect(#expect(throws: ZMQError.self) { try pull.bind(listening: local) }?.code == .invalidArgument)
            #expect(Glibc.listen(local, 5) == 0)
            #expect(try pull.bind(listening: local) == "ipc://\(path)")
            try reach(pull, at: "ipc://\(path)", in: scene)
            #expect(#expect(throws: ZMQError.self) { try pull.bind(listening: 0) }?.code == .invalidArgument)
            #expect(#expect(throws: ZMQError.self) { try pull.bind(listening: -1) }?.code == .invalidArgument)
        }
    }

    @Test(arguments: [0, 1])
    func optionsReachADescriptorThatListens(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            func option(_ name: CInt, of server: CInt) -> CInt? { StreamDescriptor.get(IPPROTO_TCP, name, of: server) }
            let server = try RawListener().release()
            try scene.pull { $0.sendBuffer = 20_000 }.bind(listening: server)
            #expect(StreamDescriptor.get(SOL_SOCKET, SO_KEEPALIVE, of: server) == 1)
            #expect(StreamDescriptor.get(SOL_SOCKET, SO_SNDBUF, of: server) == 40_000)
            #expect(option(TCP_KEEPIDLE, of: server) == 60 && option(TCP_KEEPINTVL, of: server) == 15)
            #expect(option(TCP_KEEPCNT, of: server) == 4)
            let left = try RawListener().release()
            try scene.pull { $0.tcpKeepalive = nil }.bind(listening: left)
            #expect(StreamDescriptor.get(SOL_SOCKET, SO_KEEPALIVE, of: left) == 0)
            // A refused call changes nothing.
            let refused = try RawListener()
            let pull = try scene.pull { $0.bindToDevice = "no-such-dev" }
            let error = #expect(throws: ZMQError.self) { try pull.bind(listening: refused.descriptor) }
            #expect(error?.option == "bindToDevice")
            #expect(StreamDescriptor.get(SOL_SOCKET, SO_KEEPALIVE, of: refused.descriptor) == 0)
        }
    }

    @Test(arguments: [0, 1])
    func aRefusedDescriptorIsNotChanged(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let server = try RawListener()
            // It blocks, and children inherit it.
            _ = fcntl(server.descriptor, F_SETFL, 0)
            _ = fcntl(server.descriptor, F_SETFD, 0)
            let pull = try scene.pull { $0.affinity = 0b10 }
            func expectRefusal(_ code: ZMQError.Code) {
                #expect(#expect(throws: ZMQError.self) { try pull.bind(listening: server.descriptor) }?.code == code)
                #expect(fcntl(server.descriptor, F_GETFL) & O_NONBLOCK == 0)
                #expect(fcntl(server.descriptor, F_GETFD) == 0)
            }
            if ioThreads == 1 {
                // There is no such thread.
                expectRefusal(.invalidArgument)
                #expect(scene.context.io.loads == [0])
            }
            try scene.close(pull)
            expectRefusal(.closed)
            scene.context.terminate()
            expectRefusal(.terminated)
            let peer = try RawPeer(server.endpoint)
            #expect(server.accept() != nil)
            withExtendedLifetime(peer) {}
        }
    }
}

/// A name that resolves to whatever the test says.
private struct NamedTransport: ByteStreamTransport {
    let lookUp: @Sendable () -> [String]
    private let tcp = TCPTransport(
        address: TCPEndpoint(target: TCPAddress(host: .name("somewhere"), port: 1), source: nil)
    )

    init(lookUp: @escaping @Sendable () -> [String]) { self.lookUp = lookUp }

    var endpoint: Endpoint { tcp.endpoint }
    func listen(_ options: SocketOptions) throws(ZMQError) -> ListeningDescriptor { try tcp.listen(options) }
    var family: ByteStream.Family { tcp.family }

    func resolve(_ options: EndpointOptions, on reactor: Reactor, _ completion: @escaping Resolved) {
        let found = lookUp().flatMap { endpoint in
            let port = UInt16(endpoint.split(separator: ":").last!)!
            return SocketAddress.resolve("127.0.0.1", port: port, family: AF_INET, isLocal: false).0
        }
        completion(found, [], EventReason(.unknownHost, ""))
    }
}
