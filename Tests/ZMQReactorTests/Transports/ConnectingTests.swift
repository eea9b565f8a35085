import EventReactor
import Glibc
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// How connections are made, retried and given up.
struct ConnectingTests {
    /// The events of a socket.
    final class Events {
        var all: [SocketEvent] = []
        var names: [String] { all.map(\.name) }
        var reasons: [EventReason] { all.compactMap(\.reason) }
        init(of socket: Socket) { socket.onEvent = { self.all.append($1) } }
    }

    @Test(arguments: Road.wire)
    func immediateQueuesOnlyForEstablishedConnections(road: Road) throws {
        try withScene { scene in
            let recorder = Recorder()
            let endpoint = try road.freshEndpoint()
            let push = try scene.push({ $0.isImmediate = true }, handler: recorder)
            try push.connect(endpoint)
            #expect(try push.send("x") == .wouldBlock)
            let pull = try scene.pull()
            try pull.bind(endpoint)
            try scene.run(until: { recorder.writableCount == 1 })
            #expect(try push.send("x") == .accepted)
            try scene.run(until: { pull.statistics.messagesReceived == 1 })
            try scene.close(pull)
            try scene.run(until: { push.peerCount == 0 })
            #expect(try push.send("y") == .wouldBlock)
            #expect(push.pipes.allSatisfy { $0 == nil })
        }
    }

    @Test func stopsWhenRefused() throws {
        try withTimedScene { scene in
            let push = try scene.push { $0.reconnectStop = .connectionRefused }
            let events = Events(of: push)
            try push.connect(scene.freshEndpoint())
            try scene.run(until: { events.names == ["connect-failed", "closed"] })
            #expect(events.reasons.map(\.kind) == [.connectionRefused])
            #expect(push.connectors.isEmpty)
        }
    }

    @Test func aSocketMayBeClosedInTheEventOfARefusal() throws {
        try withTimedScene { scene in
            let push = try scene.push { $0.reconnectStop = .connectionRefused }
            var names: [String] = []
            push.onEvent = { socket, event in
                names.append(event.name)
                socket.close()
            }
            try push.connect(scene.freshEndpoint())
            try scene.run(until: { push.state == .closed })
            #expect(names.first == "connect-failed")
        }
    }

    @Test func stopsWhenTheHandshakeFails() throws {
        try withTimedScene { scene in
            let server = try scene.rawListener()
            let push = try scene.push { $0.reconnectStop = .handshakeFailed }
            let events = Events(of: push)
            try push.connect(server.endpoint)
            try server.accept().send(Array("HTTP/1.1 400 Bad Request\r\n".utf8))
            try scene.run(until: { events.names.last == "closed" })
            #expect(events.names == ["connected", "handshake-failed", "closed"])
            #expect(events.reasons[0].kind == .protocolError)
        }
    }

    @Test func anErrorFromThePeerEndsTheAttempts() throws {
        try withTimedScene { scene in
            let server = try scene.rawListener()
            let push = try scene.push()
            let events = Events(of: push)
            try push.connect(server.endpoint)
            try server.accept().send(Wire.greeting() + Wire.command("ERROR", [3] + Array("400".utf8)))
            try scene.run(until: { events.names.last == "closed" })
            #expect(events.reasons.map(\.kind) == [.refusedByPeer])
        }
    }

    @Test func otherFailuresDoNotEndTheAttempts() throws {
        try withTimedScene { scene in
            let server = try scene.rawListener()
            let push = try scene.push()
            try push.connect(server.endpoint)
            for _ in 0..<3 { try server.accept().send(Array("nonsense".utf8)) }
        }
    }

    @Test func theConnectTimeout() throws {
        try withScene { scene in
            // A full backlog: the system answers no further connection.
            let server = try RawListener(backlog: 0)
            let fillers = (0..<4).map { _ in StreamDescriptor.open(AF_INET) }
            defer { for filler in fillers { close(filler) } }
            let port = UInt16(server.endpoint.split(separator: ":").last!)!
            let address = SocketAddress.resolve("127.0.0.1", port: port, family: AF_INET, isLocal: false).0[0]
            for filler in fillers { _ = address.withPointer { connect(filler, $0, $1) } }
            let push = try scene.push { $0.connectTimeout = .milliseconds(30) }
            let events = Events(of: push)
            try push.connect(server.endpoint)
            try scene.run(until: { events.names.contains("connect-delayed") })
            #expect(events.reasons[0].kind == .connectTimeout)
        }
    }

    /// Resolves names as the test says, one by one.
    private final class Names: Sendable {
        private let addresses = Locked<[SocketAddress]?>(nil)
        private let questions = Locked(0)

        var questionCount: Int { questions.withLock { $0 } }
        func answer(_ addresses: [SocketAddress]) { self.addresses.withLock { $0 = addresses } }

        func lookUp() -> ([SocketAddress], reason: String) {
            questions.withLock { $0 += 1 }
            while true {
                if let found = addresses.withLock({ $0 }) { return (found, "") }
                poll(nil, 0, 1)
            }
        }
    }

    @Test func aNameLookupThatTimesOut() throws {
        try withScene(in: Context()) { scene in
            let names = Names()
            Resolver.of(scene.reactor).lookUp = { _, _, _ in names.lookUp() }
            let push = try scene.push { $0.connectTimeout = .milliseconds(30) }
            let events = Events(of: push)
            try push.connect("tcp://slow.invalid:5555")
            try scene.run(until: { events.reasons.count == 3 })
            #expect(Set(events.names) == ["connect-delayed", "connect-retried"])
            #expect(events.reasons.allSatisfy { $0.kind == .connectTimeout })
            #expect(events.reasons[0].message == "the host's name was not looked up in time")
            #expect(names.questionCount == 1, "further attempts wait for the same lookup")

            let pull = try scene.pull()
            let port = UInt16(try pull.bind(anyPort).split(separator: ":").last!)!
            names.answer(SocketAddress.resolve("127.0.0.1", port: port, family: AF_INET, isLocal: false).0)
            try scene.run(until: { push.peerCount == 1 })
            #expect(pull.connections.count == 1, "lookups of abandoned attempts make no connection")
        }
    }

    @Test func theNameOfASourceIsLookedUpInTheBackground() throws {
        try withScene(in: Context()) { scene in
            let names = Names()
            Resolver.of(scene.reactor).lookUp = { _, _, _ in names.lookUp() }
            let (push, pull) = (try scene.push(), try scene.pull())
            let target = try pull.bind(anyPort).dropFirst("tcp://".count)
            try push.connect("tcp://slow.invalid:*;\(target)")
            try scene.run(until: { names.questionCount == 1 })
            // The loop has run meanwhile.
            names.answer(SocketAddress.resolve("127.0.0.9", port: 0, family: AF_INET, isLocal: true).0)
            try scene.run(until: { pull.peerCount == 1 })
            #expect(pull.connections[0].peer.address.hasPrefix("127.0.0.9:"))
        }
    }

    @Test func aLookupThatCompletesAfterTheSocketIsClosed() throws {
        try withScene(in: Context()) { scene in
            let names = Names()
            Resolver.of(scene.reactor).lookUp = { _, _, _ in names.lookUp() }
            let push = try scene.push()
            try push.connect("tcp://slow.invalid:5555")
            try scene.run(until: { names.questionCount == 1 })
            try scene.close(push)
            names.answer([])
            scene.settle()
        }
    }

    @Test func aLocalNameIsBoundToItsIPv4AddressFirst() throws {
        try withScene { scene in
            let pull = try scene.pull()
            #expect(try pull.bind("tcp://localhost:*").hasPrefix("tcp://127.0.0.1:"))
        }
    }

    @Test func backOffIsResetOnlyByAHandshake() throws {
        try withTimedScene { scene in
            let server = try scene.rawListener()
            let push = try scene.push { $0.reconnectIntervalMax = .seconds(1) }
            var delays: [Duration] = []
            push.onEvent = { _, event in if case .connectDelayed(_, let delay, _) = event { delays.append(delay) } }
            try push.connect(server.endpoint)
            // The connection is made each time, but there is no handshake.
            for _ in 0..<4 {
                try server.accept().hangUp()
                let count = delays.count
                try scene.run(until: { delays.count > count })
            }
            #expect(delays[3] >= .milliseconds(30))
            let peer = try server.accept()
            peer.shakeHands(as: "PULL")
            try scene.run(until: { push.peerCount == 1 })
            peer.hangUp()
            try scene.run(until: { delays.count == 5 })
            #expect(delays[4] <= .milliseconds(7))
            #expect(push.statistics.reconnects == 0)
        }
    }

    /// The bytes of a peer before it falls silent.
    @Test(arguments: [0, 1, 9, 10, 11, 12, 33, 63, 64, 65, 66, 80, 91])
    func N9_aPeerThatStallsInTheHandshakeIsDropped(count: Int) throws {
        try withTimedScene { scene in
            let pull = try scene.pull { $0.handshakeInterval = .milliseconds(40) }
            let events = Events(of: pull)
            let peer = try scene.rawPeer(to: pull.bind(scene.anyEndpoint))
            peer.send(Array((Wire.greeting() + Wire.ready("PUSH"))[..<count]))
            try scene.run(until: {
                peer.poll()
                return peer.isClosed && events.names.count == 3
            })
            #expect(events.names == ["listening", "accepted", "handshake-failed"])
            #expect(events.reasons.map(\.kind) == [.handshakeTimeout])
            #expect(pull.connections.isEmpty)
        }
    }

    @Test func N8_N9_aStalledServerIsRetried() throws {
        try withTimedScene { scene in
            let server = try scene.rawListener()
            let push = try scene.push { $0.handshakeInterval = .milliseconds(20) }
            try push.connect(server.endpoint)
            // They stay connected, and say nothing.
            let peers = try (0..<3).map { _ in try server.accept() }
            #expect(peers.count == 3)
        }
    }

    @Test func throughASocksProxy() throws {
        try withScene { scene in
            let pull = try scene.pull()
            let target = try pull.bind(anyPort)
            let proxy = try RawListener()
            let push = try scene.push { $0.socksProxy = String(proxy.endpoint.dropFirst("tcp://".count)) }
            let port = UInt16(target.split(separator: ":").last!)!
            try push.connect("tcp://some.name.invalid:\(port)")
            var near: RawPeer?
            try scene.run(until: {
                near = near ?? proxy.accept()
                return near?.hasReceived([5, 1, 0]) ?? false
            })
            near?.send([5, 0])
            let name = Array("some.name.invalid".utf8)
            let request = [5, 1, 0, 3, UInt8(name.count)] + name + [UInt8(port >> 8), UInt8(port & 255)]
            try scene.run(until: { near!.hasReceived(request) })
            // The reply and the target's first bytes in one piece.
            let far = try RawPeer(target)
            try scene.run(until: { far.hasReceived([0x7F]) })
            near?.send([5, 0, 0, 1, 127, 0, 0, 1, 0, 80] + far.received)
            var (forwarded, returned) = (near!.received.count, far.received.count)
            #expect(try push.send("x") == .accepted)
            try scene.run(until: {
                near!.poll()
                far.poll()
                forwarded += far.send(Array(near!.received[forwarded...]))
                returned += near!.send(Array(far.received[returned...]))
                return pull.statistics.messagesReceived == 1
            })
        }
    }

    @Test func aProxyThatRequiresAUser() throws {
        try withScene { scene in
            let proxy = try RawListener()
            let push = try scene.push {
                $0.socksProxy = String(proxy.endpoint.dropFirst("tcp://".count))
                ($0.socksUser, $0.socksPassword) = ("me", Password("secret"))
            }
            let events = Events(of: push)
            try push.connect("tcp://some.name.invalid:80")
            var near: RawPeer?
            try scene.run(until: {
                near = near ?? proxy.accept()
                return near?.hasReceived([5, 2, 0, 2]) ?? false
            })
            near?.send([5, 2])
            try scene.run(until: { near!.hasReceived([1, 2] + Array("me".utf8) + [6] + Array("secret".utf8)) })
            near?.send([1, 0])
            let name = Array("some.name.invalid".utf8)
            try scene.run(until: { near!.hasReceived([5, 1, 0, 3, UInt8(name.count)] + name + [0, 80]) })
            near?.send([5, 0, 0, 1, 127, 0, 0, 1, 0, 80])
            try scene.run(until: { events.names.contains("connected") })
            #expect(events.reasons.isEmpty)
        }
    }

    @Test func proxyCredentialsHaveALimitedLength() throws {
        let long = String(repeating: "x", count: 256)
        let changes: [Scene.Change] = [
            { $0.socksUser = "" }, { $0.socksUser = long }, { $0.socksPassword = Password(long) },
        ]
        for change in changes {
            try withScene { scene in
                let error = #expect(throws: ZMQError.self) { try scene.push(change) }
                #expect(error?.code == .invalidArgument)
                #expect(
                    error?.message.contains(long) == false || error?.option == "socksUser",
                    "a secret is not in the message"
                )
            }
        }
    }

    @Test func aProxyThatRefuses() throws {
        try withScene { scene in
            let proxy = try RawListener()
            let push = try scene.push { $0.socksProxy = String(proxy.endpoint.dropFirst("tcp://".count)) }
            let events = Events(of: push)
            try push.connect("tcp://some.name.invalid:80")
            var near: RawPeer?
            try scene.run(until: {
                near = near ?? proxy.accept()
                return near != nil
            })
            near?.send([5, 0, 5, 5, 0, 1, 0])
            try scene.run(until: { !events.reasons.isEmpty })
            #expect(events.reasons[0].kind == .proxy)
            #expect(events.reasons[0].message.contains("connection refused"))
        }
    }
}
