import Glibc
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Sockets connect in any order, with either side binding, on every transport (chapter 2.2 and 2.4).
struct TopologyTests {
    @Test(arguments: Road.allCases)
    func TOP01_TOP02_TOP03_everyPairInEveryOrder(road: Road) throws {
        for pushBinds in [true, false] {
            for bindsFirst in [true, false] {
                try withScene { scene in
                    let inbox = Recorder()
                    let push = try scene.push()
                    let pull = try scene.pull { inbox.add($1) }
                    let (binder, other): (Socket, Socket) = pushBinds ? (push, pull) : (pull, push)
                    if bindsFirst {
                        try other.connect(binder.bind(road.endpoint))
                    } else {
                        let endpoint = try road.freshEndpoint()
                        try other.connect(endpoint)
                        scene.reactor.run(.nowait)
                        try binder.bind(endpoint)
                    }
                    try scene.run(until: { push.peerCount == 1 })
                    #expect(try push.send("hello") == .accepted)
                    try scene.run(until: { inbox.texts == ["hello"] })
                }
            }
        }
    }

    @Test(arguments: Road.allCases)
    func TOP02_eitherSideOfPubSubBinds(road: Road) throws {
        for pubBinds in [true, false] {
            try withScene { scene in
                let inbox = Recorder()
                let pub = try scene.pub()
                let sub = try scene.sub { inbox.add($1) }
                try sub.subscribe(to: "a")
                let (binder, other): (Socket, Socket) = pubBinds ? (pub, sub) : (sub, pub)
                try other.connect(binder.bind(road.endpoint))
                try scene.run(until: { pub.topicCount == 1 })
                try pub.send("b")
                try pub.send("a1")
                try scene.run(until: { inbox.texts == ["a1"] })
            }
        }
    }

    @Test("a group is an endpoint in the builds that have multicast")
    func multicast() throws {
        try withScene { scene in
            let pub = try scene.pub()
            let endpoint = "epgm://127.0.0.1;\(RawMulticast.group):\(try freePort())"
            #if Multicast
                #expect(try pub.bind(endpoint) == endpoint)
                try pub.unbind(endpoint)
                try pub.connect(endpoint)
            #else
                #expect(#expect(throws: ZMQError.self) { try pub.bind(endpoint) }?.code == .protocolNotSupported)
                #expect(#expect(throws: ZMQError.self) { try pub.connect(endpoint) }?.code == .protocolNotSupported)
            #endif
        }
    }

    @Test(arguments: Road.allCases)
    func TOP05_oneSocketManyOutgoingConnections(road: Road) throws {
        try withScene { scene in
            let push = try scene.push()
            var pulls: [PullSocket] = []
            for _ in 0..<4 {
                pulls.append(try scene.pull())
                try push.connect(pulls.last!.bind(road.endpoint))
            }
            for _ in 0..<40 { #expect(try push.send("x") == .accepted) }
            try scene.run(until: { pulls.allSatisfy { $0.statistics.messagesReceived == 10 } })
        }
    }

    @Test(arguments: Road.allCases)
    func TOP06_manyPeersComeAndGo(road: Road) throws {
        try withScene { scene in
            let pull = try scene.pull()
            let endpoint = try pull.bind(road.endpoint)
            for round in 1...10 {
                let pushes = try (0..<10).map { _ in try scene.push() }
                for push in pushes {
                    try push.connect(endpoint)
                    #expect(try push.send("x") == .accepted)
                }
                try scene.run(until: { pull.statistics.messagesReceived == round * 10 })
                for push in pushes { try scene.close(push) }
                try scene.run(until: { pull.connections.isEmpty })
            }
            #expect(pull.peerCount == 0)
            #expect(pull.pipes.count <= 10)
            #expect(pull.pipes.allSatisfy { $0 == nil })
        }
    }

    @Test(arguments: Road.allCases)
    func TOP07_oneSocketBindsAndConnects(road: Road) throws {
        try withScene { scene in
            let pull = try scene.pull()
            let (one, other) = (try scene.push(), try scene.push())
            try one.connect(pull.bind(road.endpoint))
            try pull.connect(other.bind(road.endpoint))
            try scene.run(until: { pull.peerCount == 2 })
            #expect(try one.send("1") == .accepted)
            #expect(try other.send("2") == .accepted)
            try scene.run(until: { pull.statistics.messagesReceived == 2 })
        }
    }

    @Test(arguments: Road.wire)
    func TOP09_TOP13_TOP14_TRN01_TRN03_theClientMayBeFirst(road: Road) throws {
        try withScene { scene in
            let endpoint = try road.freshEndpoint()
            let push = try scene.push()
            var delays = 0
            push.onEvent = { _, event in if case .connectDelayed = event { delays += 1 } }
            try push.connect(endpoint)
            #expect(try push.send("early") == .accepted)
            try scene.run(until: { delays == 2 })
            let inbox = Recorder()
            let pull = try scene.pull { inbox.add($1) }
            try pull.bind(endpoint)
            try scene.run(until: { inbox.texts == ["early"] })
        }
    }

    @Test(arguments: [false, true])
    func TOP15_exactlyTheHighWaterMarkIsQueued(isLocal: Bool) throws {
        try withTimedScene { scene in
            let push = try scene.push { $0.sendHighWaterMark = 7 }
            try push.connect(isLocal ? Unique.inprocEndpoint() : scene.freshEndpoint())
            #expect(try push.fill(with: "x") == 7)
            #expect(push.messagesQueued == 7)
            scene.settle()
            #expect(try push.fill(with: "x") == 0)
        }
    }

    @Test func TOP16_TOP17_manyEndpointsOfMixedTransports() throws {
        try withScene { scene in
            var order: [String] = []
            let pull = try scene.pull { $0.receiveHighWaterMark = 0 }
            var pushes: [PushSocket] = []
            for road in Road.allCases {
                let push = try scene.push()
                try push.connect(pull.bind(road.endpoint))
                for _ in 0..<5 { #expect(try push.send("\(road)") == .accepted) }
                pushes.append(push)
            }
            try scene.run(until: { pull.messagesWaiting == 5 * Road.allCases.count })
            while let message = try pull.tryReceive() { order.append(message.string) }
            // Fair across the transports: each round has one from each.
            let count = Road.allCases.count
            for round in 0..<5 { #expect(Set(order[round * count..<(round + 1) * count]).count == count) }
            #expect(pull.connections.count == count)
        }
    }

    @Test func theWildcardInterface() throws {
        try withScene { scene in
            let pull = try scene.pull()
            let endpoint = try pull.bind("tcp://*:*")
            #expect(endpoint.hasPrefix("tcp://0.0.0.0:"))
            let port = endpoint.split(separator: ":").last!
            for host in ["127.0.0.1", "127.0.0.2"] {
                let push = try scene.push()
                try push.connect("tcp://\(host):\(port)")
                #expect(try push.send("x") == .accepted)
            }
            try scene.run(until: { pull.statistics.messagesReceived == 2 })
        }
    }

    @Test func localhostAndEphemeralPorts() throws {
        try withScene { scene in
            let pull = try scene.pull()
            let endpoint = try pull.bind("tcp://127.0.0.1:0")
            #expect(pull.lastEndpoint == endpoint)
            let port = Int(endpoint.split(separator: ":").last!)!
            #expect(port > 0)
            let push = try scene.push()
            try push.connect("tcp://localhost:\(port)")
            #expect(try push.send("x") == .accepted)
            try scene.run(until: { pull.statistics.messagesReceived == 1 })
        }
    }

    @Test func TOP21_ERR09_theSecondBindOfATcpEndpoint() throws {
        try withScene { scene in
            let pull = try scene.pull()
            let endpoint = try pull.bind(anyPort)
            for socket in [pull, try scene.pull()] {
                let error = #expect(throws: ZMQError.self) { try socket.bind(endpoint) }
                #expect(error?.code == .addressInUse)
                #expect(error?.endpoint == endpoint)
                #expect(error?.description.contains("Address already in use") == true)
            }
            let peer = try LibzmqPeer(.pull)
            #expect(#expect(throws: PeerFailure.self) { try peer.bind(endpoint) }?.errno == "EADDRINUSE")
        }
    }

    @Test(arguments: Road.wire)
    func unbind(road: Road) throws {
        try withScene { scene in
            let pull = try scene.pull()
            let endpoint = try pull.bind(road.freshEndpoint())
            let (early, late) = (try scene.push(), try scene.push())
            try early.connect(endpoint)
            try scene.run(until: { pull.peerCount == 1 })
            try pull.unbind(endpoint)
            #expect(#expect(throws: ZMQError.self) { try pull.unbind(endpoint) }?.code == .noSuchEndpoint)
            var delays = 0
            late.onEvent = { _, event in if case .connectDelayed = event { delays += 1 } }
            try late.connect(endpoint)
            try scene.run(until: { delays > 0 })
            // Connected peers stay connected.
            #expect(try early.send("x") == .accepted)
            try scene.run(until: { pull.statistics.messagesReceived == 1 })
            // The endpoint is free.
            let other = try scene.pull()
            try other.bind(endpoint)
            try scene.run(until: { late.peerCount == 1 })
        }
    }

    @Test(arguments: Road.wire)
    func disconnect(road: Road) throws {
        try withScene { scene in
            let pull = try scene.pull()
            let endpoint = try pull.bind(road.endpoint)
            let push = try scene.push()
            try push.connect(endpoint)
            #expect(try push.send("x") == .accepted)
            var report: CloseReport?
            try push.disconnect(endpoint) { report = $0 }
            #expect(#expect(throws: ZMQError.self) { try push.disconnect(endpoint) }?.code == .noSuchEndpoint)
            #expect(try push.send("y") == .wouldBlock)
            try scene.run(until: { report != nil })
            #expect(report?.unsentMessages == 0)
            try scene.run(until: { pull.statistics.messagesReceived == 1 && pull.peerCount == 0 })
            #expect(push.connectors.isEmpty)
        }
    }

    @Test func TOP28_badEndpointsAtBindAndConnect() throws {
        try withScene { scene in
            let socket = try scene.push()
            for endpoint in [
                "", "tcp:/x", "tcp://", "tcp://:1", "tcp://h", "tcp://h:", "tcp://h:65536", "tcp://h:1x", "tcp://h:-1",
            ] {
                for plug in [{ _ = try socket.bind($0) }, { try socket.connect($0) }] as [(String) throws -> Void] {
                    let error = #expect(throws: ZMQError.self) { try plug(endpoint) }
                    #expect(error?.code == .invalidArgument)
                    #expect(error?.endpoint == endpoint)
                }
            }
            for endpoint in ["tcp://h:0", "tcp://h:*", "tcp://*:1", "ipc://*"] {
                #expect(#expect(throws: ZMQError.self) { try socket.connect(endpoint) }?.code == .invalidArgument)
            }
            #expect(#expect(throws: ZMQError.self) { try socket.bind("foo://x") }?.code == .protocolNotSupported)
        }
    }

    @Test func TOP29_foreignAddresses() throws {
        try withScene { scene in
            let socket = try scene.push()
            #expect(#expect(throws: ZMQError.self) { try socket.bind("tcp://8.8.8.8:*") }?.code == .addressNotAvailable)
            #expect(
                #expect(throws: ZMQError.self) { try socket.bind("tcp://no-such-name.invalid:*") }?.code
                    == .noSuchDevice
            )
            var reason: EventReason?
            socket.onEvent = { _, event in if case .connectDelayed(_, _, let why) = event { reason = why } }
            try socket.connect("tcp://no-such-name.invalid:1")
            try scene.run(until: { reason != nil })
            #expect(reason?.kind == .unknownHost)
        }
    }

    @Test(arguments: Road.allCases)
    func SND01_SND02_boundariesAndBytesOfEverySize(road: Road) throws {
        try withScene { scene in
            let pull = try scene.pull()
            let push = try scene.push()
            try push.connect(pull.bind(road.endpoint))
            let sizes = [0, 1, 254, 255, 256, 65_535, 65_536, 8 << 20]
            for size in sizes { #expect(try push.send(Pattern.bytes(size, seed: size)) == .accepted) }
            #expect(try push.send(Array(0...255)) == .accepted)
            var received: [[UInt8]] = []
            try scene.run(until: {
                while let message = try pull.tryReceive() { received.append(message[0].withUnsafeBytes { Array($0) }) }
                return received.count == sizes.count + 1
            })
            for (size, bytes) in zip(sizes, received) { #expect(bytes == Pattern.bytes(size, seed: size)) }
            #expect(received.last == Array(0...255))
        }
    }

    @Test func SND06_SND07_sendQueuesAndReturns() throws {
        try withScene { scene in
            let server = try RawListener()
            let push = try scene.push()
            try push.connect(server.endpoint)
            var peer: RawPeer?
            try scene.run(until: {
                peer = peer ?? server.accept()
                peer?.poll()
                return peer?.received.count ?? 0 >= 10
            })
            #expect(try push.send("payload") == .accepted)
            scene.settle()
            peer?.poll()
            // A silent peer gets the beginning of the greeting and nothing else.
            #expect(peer?.received.count == 10 && peer?.received[0] == 0xFF && peer?.received[9] == 0x7F)
            peer?.shakeHands(as: "PULL")
            try scene.run(until: { peer!.hasReceived(Wire.message("payload")) })
        }
    }

    @Test func sentIsNotDelivered() throws {
        try withScene { scene in
            let push = try scene.push { $0.linger = .none }
            try push.connect(freeEndpoint())
            #expect(try push.send("x") == .accepted)
            #expect(try scene.close(push).unsentMessages == 1)
        }
    }
}
