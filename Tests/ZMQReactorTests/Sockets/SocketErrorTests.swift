import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

@Suite(.hangLimit)
struct SocketErrorTests {
    private func code(_ body: () throws -> Void) -> ZMQError.Code? {
        do { try body() } catch let error as ZMQError { return error.code } catch {}
        return nil
    }

    @Test("API-07: every call on a closed socket is an error, while it lingers and after")
    func closedSockets() throws {
        try withScene { scene in
            let push = try scene.push()
            let pull = try scene.pull()
            let pub = try scene.pub()
            let sub = try scene.sub()
            let sockets: [Socket] = [push, pull, pub, sub]
            func check() {
                for socket in sockets {
                    #expect(socket.isClosed)
                    #expect(code { try socket.bind(anyPort) } == .closed)
                    #expect(code { try socket.connect("tcp://127.0.0.1:1") } == .closed)
                    #expect(code { try socket.unbind("tcp://127.0.0.1:1") } == .closed)
                    #expect(code { try socket.disconnect("tcp://127.0.0.1:1") } == .closed)
                }
                #expect(code { _ = try push.send("x") } == .closed)
                #expect(code { _ = try push.send("x" as Message) } == .closed)
                #expect(code { try pub.send("x") } == .closed)
                #expect(code { try pub.send("x" as Message) } == .closed)
                #expect(code { _ = try pull.tryReceive() } == .closed)
                #expect(code { _ = try sub.tryReceive() } == .closed)
                #expect(code { try sub.subscribe(to: "a") } == .closed)
                #expect(code { try sub.unsubscribe(from: "a") } == .closed)
            }
            for socket in sockets { socket.close() }
            check()
            for socket in sockets { try scene.close(socket) }
            check()
        }
    }

    @Test("TOP-21: a second bind to the same endpoint fails, on the same socket and another, and names the endpoint")
    func addressInUse() throws {
        try withScene { scene in
            let one = try scene.pull()
            let two = try scene.pull()
            let endpoint = try one.bind(freeEndpoint())
            for socket in [one, two] {
                let error = #expect(throws: ZMQError.self) { try socket.bind(endpoint) }
                #expect(error?.code == .addressInUse)
                #expect(error?.endpoint == endpoint)
                #expect(error?.description.contains(endpoint) == true, "ERR-09")
            }
            // The failed attempt had no side effects.
            let push = try scene.push()
            try push.connect(endpoint)
            try scene.run(until: { one.peerCount == 1 })
            try scene.close(one)
            try two.bind(endpoint)
        }
    }

    @Test("TOP-21: an endpoint bound by another process is in use")
    func addressInUseByAnotherProcess() throws {
        try withScene { scene in
            let peer = try LibzmqPeer(.pull)
            let endpoint = try peer.bind()
            let pull = try scene.pull()
            #expect(code { try pull.bind(endpoint) } == .addressInUse)
        }
    }

    @Test(
        "TOP-28: bad endpoints are refused by bind and connect, and named",
        arguments: [
            ("", ZMQError.Code.invalidArgument), ("tcp", .invalidArgument), ("127.0.0.1:5555", .invalidArgument),
            ("tcp://", .invalidArgument), ("tcp://127.0.0.1", .invalidArgument), ("tcp://:5555", .invalidArgument),
            ("tcp://127.0.0.1:", .invalidArgument), ("tcp://127.0.0.1:99999", .invalidArgument),
            ("tcp://127.0.0.1:-1", .invalidArgument), ("tcp://127.0.0.1:http", .invalidArgument),
            ("gopher://127.0.0.1:70", .protocolNotSupported), ("norm://127.0.0.1:5555", .protocolNotSupported),
        ]
    )
    func badEndpoints(endpoint: String, expected: ZMQError.Code) throws {
        try withScene { scene in
            let pull = try scene.pull()
            for verb in [{ _ = try pull.bind($0) }, { try pull.connect($0) }] as [(String) throws -> Void] {
                let error = #expect(throws: ZMQError.self) { try verb(endpoint) }
                #expect(error?.code == expected)
                #expect(error?.endpoint == endpoint)
            }
            #expect(pull.listeners.isEmpty && pull.connectors.isEmpty)
        }
    }

    @Test("TOP-28: wildcards are for binding")
    func wildcards() throws {
        try withScene { scene in
            let push = try scene.push()
            #expect(code { try push.connect("tcp://*:5555") } == .invalidArgument)
            #expect(code { try push.connect("tcp://127.0.0.1:*") } == .invalidArgument)
        }
    }

    @Test(
        "TOP-29: a foreign address cannot be bound; connecting to an unknown name continues in the background"
    )
    func foreignAddresses() throws {
        try withScene { scene in
            let push = try scene.push()
            #expect(code { try push.bind("tcp://192.0.2.1:5555") } == .addressNotAvailable)
            #expect(code { try push.bind("tcp://no-such-host.invalid:5555") } == .noSuchDevice)
            var reasons: [EventReason] = []
            push.onEvent = { _, event in if case .connectDelayed(_, _, let reason) = event { reasons.append(reason) } }
            try push.connect("tcp://no-such-host.invalid:5555")
            try scene.run(until: { reasons.count >= 2 }, within: .seconds(30))
            #expect(reasons.allSatisfy { $0.kind == .unknownHost })
        }
    }

    @Test("wildcards are resolved, and the endpoint can be read back")
    func realEndpoint() throws {
        try withScene { scene in
            let pull = try scene.pull { _, _ in }
            let endpoint = try pull.bind("tcp://*:*")
            #expect(endpoint == pull.lastEndpoint)
            #expect(endpoint.hasPrefix("tcp://0.0.0.0:") && !endpoint.hasSuffix(":0") && !endpoint.hasSuffix("*"))
            let port = endpoint.split(separator: ":").last!
            for host in ["127.0.0.1", "127.0.0.2"] {
                let push = try scene.push()
                try push.connect("tcp://\(host):\(port)")
                try scene.run(until: { push.peerCount == 1 })
            }
        }
    }

    @Test("an option out of range is refused by name and value, and nothing changes")
    func options() throws {
        typealias Change = (inout SocketOptions) -> Void
        let wrong: [(String, String, Change)] = [
            ("sendHighWaterMark", "-1", { $0.sendHighWaterMark = -1 }),
            ("receiveHighWaterMark", "-7", { $0.receiveHighWaterMark = -7 }),
            ("linger", "-1.0 seconds", { $0.linger = .atMost(.seconds(-1)) }),
            ("reconnectInterval", "0.0 seconds", { $0.reconnectInterval = .zero }),
            ("reconnectIntervalMax", "0.001 seconds", { $0.reconnectIntervalMax = .milliseconds(1) }),
            ("connectTimeout", "0.0 seconds", { $0.connectTimeout = .zero }),
            ("handshakeInterval", "0.0 seconds", { $0.handshakeInterval = .zero }),
            ("maxMessageSize", "0", { $0.maxMessageSize = 0 }),
            ("backlog", "0", { $0.backlog = 0 }),
        ]
        try withScene { scene in
            let pull = try scene.pull()
            let before = pull.options
            for (name, value, change) in wrong {
                let error = #expect(throws: ZMQError.self) {
                    try pull.configure {
                        $0.backlog = 77
                        change(&$0)
                    }
                }
                #expect(error?.code == .invalidArgument)
                #expect(error?.option == name)
                #expect(error?.message.contains(name) == true && error?.message.contains(value) == true, "\(error!)")
                #expect(pull.options == before)
                #expect(#expect(throws: ZMQError.self) { try scene.push(change) }?.code == .invalidArgument)
            }
            try pull.configure { $0.backlog = 77 }
            #expect(pull.options.backlog == 77)
        }
    }

    @Test("a changed mark applies to later connects")
    func laterMark() throws {
        try withScene { scene in
            let push = try scene.push { $0.sendHighWaterMark = 5 }
            try push.connect(freeEndpoint())
            try push.configure { $0.sendHighWaterMark = 3 }
            try push.connect(freeEndpoint())
            #expect(try push.fill(with: "x") == 8)
        }
    }
}
