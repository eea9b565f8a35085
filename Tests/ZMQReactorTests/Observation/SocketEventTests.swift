import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Events of a socket's connections.
struct SocketEventTests {
    @Test(arguments: Road.wire)
    func theLifeOfAConnection(road: Road) throws {
        try withScene { scene in
            var (pulls, pushes): ([SocketEvent], [SocketEvent]) = ([], [])
            let pull = try scene.pull()
            pull.onEvent = { pulls.append($1) }
            let push = try scene.push()
            push.onEvent = { pushes.append($1) }
            let endpoint = try pull.bind(road.endpoint)
            try push.connect(endpoint)
            try scene.run(until: { push.peerCount == 1 && pull.peerCount == 1 })
            try push.disconnect(endpoint)
            try scene.run(until: { pull.peerCount == 0 && push.connectors.isEmpty })
            try pull.unbind(endpoint)

            #expect(pulls.map(\.name) == ["listening", "accepted", "handshake-succeeded", "disconnected", "closed"])
            #expect(pushes.map(\.name) == ["connected", "handshake-succeeded", "disconnected", "closed"])
            #expect((pulls + pushes).allSatisfy { $0.endpoint == endpoint })
            #expect(pulls[3].reason?.kind == .peerClosed)
            #expect(pushes[2].reason?.kind == .closed)
            // The same peer all along.
            #expect(Set(pulls.compactMap(\.peer)).count == 1)
            #expect(Set(pushes.compactMap(\.peer)).count == 1)
            if road == .tcp { #expect(pushes[0].peer?.address == String(endpoint.dropFirst("tcp://".count))) }
        }
    }

    @Test("each event of a connection names the peer", arguments: Road.allCases, [0, 1])
    func peersAreNamed(road: Road, ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            var (atRouter, atDealer): ([SocketEvent], [SocketEvent]) = ([], [])
            let router = try scene.router()
            router.onEvent = { atRouter.append($1) }
            try router.setRoutingID("the router")
            let dealer = try scene.dealer()
            dealer.onEvent = { atDealer.append($1) }
            try dealer.setRoutingID("the dealer")
            let endpoint = try router.bind(road.endpoint)
            try dealer.connect(endpoint)
            try scene.run(until: { dealer.peerCount == 1 && router.peerCount == 1 })
            #expect(router.connections[0].peer == atRouter.last?.peer)
            #expect(dealer.connections[0].peer == atDealer.last?.peer)
            // Rejected, because another peer has its routing id.
            let double = try scene.dealer()
            try double.setRoutingID("the dealer")
            try double.connect(endpoint)
            try scene.run(until: { atRouter.contains { $0.name == "handshake-failed" } })
            try scene.close(double)
            try dealer.disconnect(endpoint)
            try scene.run(until: { router.peerCount == 0 && dealer.connectors.isEmpty })

            for (events, id) in [(atRouter, "the dealer"), (atDealer, "the router")] {
                let names = ["accepted", "connected", "handshake-succeeded", "handshake-failed", "disconnected"]
                for event in events where names.contains(event.name) {
                    let peer = try #require(event.peer)
                    #expect(!peer.address.isEmpty && peer.address != "unknown")
                    let isKnown = road == .inproc || event.name != "accepted" && event.name != "connected"
                    #expect(peer.routingID?.string == (isKnown ? id : nil), "\(event)")
                    if isKnown { #expect("\(event)".hasPrefix("\(event.name) \(endpoint) \(peer.address) (\(id))")) }
                }
            }
            #expect(atRouter.contains { $0.name == "disconnected" } && atDealer.contains { $0.name == "disconnected" })
            #expect(Set(atDealer.compactMap { $0.peer?.address }).count == 1)
        }
    }

    @Test func refusedConnections() throws {
        try withScene { scene in
            var events: [SocketEvent] = []
            let push = try scene.push()
            push.onEvent = { events.append($1) }
            let endpoint = try freeEndpoint()
            try push.connect(endpoint)
            try scene.run(until: { events.count == 3 })
            #expect(events.map(\.name) == ["connect-delayed", "connect-retried", "connect-delayed"])
            #expect(events[0].reason?.kind == .connectionRefused)
            #expect(events[0].description == "connect-delayed \(endpoint) Connection refused")
        }
    }

    @Test(arguments: Road.wire)
    func countersOfConnectionsAndSockets(road: Road) throws {
        try withScene { scene in
            let pull = try scene.pull()
            let push = try scene.push()
            try push.connect(pull.bind(road.endpoint))
            #expect(push.connections.isEmpty)
            for _ in 0..<10 { #expect(try push.send("hello") == .accepted) }
            if ioThreadsOfTests == 0 { #expect(push.messagesQueued == 10) }
            // Messages leave from an I/O thread before the socket has learned of the connection.
            try scene.run(until: {
                pull.messagesWaiting == 10 && push.statistics.messagesSent == 10
                    && push.connections.first?.peerType != nil
            })
            let (out, into) = (push.connections[0], pull.connections[0])
            #expect((out.messagesSent, out.messagesQueued, out.isAccepted, out.peerType) == (10, 0, false, .pull))
            #expect(
                (into.messagesReceived, into.messagesWaiting, into.isAccepted, into.peerType) == (10, 10, true, .push)
            )
            // Greeting, which WebSockets do not have, READY, and 10 times header and body.
            #expect(out.bytesSent == into.bytesReceived && out.bytesReceived == into.bytesSent)
            // Over ipc, READY says that memory can be shared.
            let ready =
                [.ipc, .abstract].contains(road) ? RingPeer.handshake("PUSH").count - 64 : Wire.ready("PUSH").count
            #expect(out.bytesSent == (road == .ws ? 0 : 64) + ready + 10 * 7)
            #expect(push.statistics.bytesSent == out.bytesSent && pull.statistics.bytesReceived == into.bytesReceived)
            #expect(push.statistics.messagesSent == 10 && pull.statistics.messagesReceived == 10)
        }
    }

    @Test(arguments: [0, 1])
    func connectionsInTheHandshakeAreListed(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let (pull, push, server) = (try scene.pull(), try scene.push(), try RawListener())
            let endpoint = try pull.bind(anyPort)
            let peers = try [RawPeer(endpoint), RawPeer(endpoint)]
            try push.connect(server.endpoint)
            try scene.run(until: { pull.connections.count == 2 && push.connections.count == 1 })
            for (info, isAccepted) in [(pull.connections[0], true), (push.connections[0], false)] {
                #expect(info.peerType == nil && info.isAccepted == isAccepted)
                #expect(info.peer.address.hasPrefix("127.0.0.1:"))
            }
            peers[0].shakeHands(as: "PUSH")
            peers[1].hangUp()
            try scene.run(until: { pull.connections.map(\.peerType) == [.push] })
        }
    }

    @Test("connections are listed in the order in which they were accepted", arguments: [0, 1])
    func orderOfConnections(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let pull = try scene.pull()
            var accepted: [String] = []
            pull.onEvent = { if case .handshakeSucceeded = $1, let peer = $1.peer { accepted.append(peer.address) } }
            let endpoint = try pull.bind(anyPort)
            var peers: [RawPeer] = []
            for count in 1...12 {
                peers.append(try RawPeer(endpoint))
                peers.last!.shakeHands(as: "PUSH")
                try scene.run(until: { pull.peerCount == count && accepted.count == count })
            }
            #expect(pull.connections.map(\.peer.address) == accepted)
            peers.removeFirst().hangUp()
            try scene.run(until: { pull.peerCount == 11 })
            #expect(pull.connections.map(\.peer.address) == Array(accepted.dropFirst()))
        }
    }
}
