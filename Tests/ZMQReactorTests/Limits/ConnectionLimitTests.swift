import EventReactor
import Glibc
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Each connection limit at its boundary: one below is served, one above is rejected, and a disconnect makes room.
@Suite(.hangLimit) struct ConnectionLimitTests {
    private func withServer(
        _ setting: LimitSetting,
        _ change: @escaping (inout SocketLimits) -> Void,
        _ body: (LimitedServer) throws -> Void
    ) throws {
        // Two endpoints, with two I/O threads on different ones: limits apply to the socket.
        try setting.withScene(ioThreads: 2 * setting.ioThreads) { scene in
            let server = try LimitedServer(scene, on: [setting.road, setting.road]) { change(&$0.limits) }
            try body(server)
            try server.checkService()
        }
    }

    @Test(arguments: LimitSetting.all)
    func connectionsOfASocket(setting: LimitSetting) throws {
        try withServer(setting, { $0.connections = 3 }) { server in
            let peers = [try server.admitted(at: 0), try server.admitted(at: 1)]
            for number in [0, 1] { try server.refused(by: .connections, at: number) }
            try server.leaves(peers[0])
            let next = try server.admitted(at: 1)
            try server.refused(by: .connections)
            // The same limit has one event per second and endpoint, and a counter for each rejection.
            #expect(server.pull.statistics.limits[.connections] == 3)
            try server.scene.run(until: { server.limits.count { $0 == .connections } >= 2 })
            #expect(server.limits.count { $0 == .connections } <= 3)
            let refusal = server.events.first { $0.reason?.limit == .connections }
            #expect(refusal?.name == "handshake-failed")
            #expect(refusal?.reason?.kind == .limitExceeded(.connections))
            #expect(refusal?.reason?.message == "the socket has accepted 3 connections")
            try server.scene.run(until: { server.pull.connections.count == 3 })
            withExtendedLifetime(next) {}
        }
    }

    @Test(arguments: LimitSetting.wire)
    func connectionsOfAnAddress(setting: LimitSetting) throws {
        try withServer(setting, { ($0.connectionsPerAddress, $0.countsLocalPeers) = (3, true) }) { server in
            let peers = [try server.admitted(at: 0), try server.admitted(at: 1)]
            for number in [0, 1] { try server.refused(by: .connectionsPerAddress, at: number) }
            if setting.road == .tcp {
                // Another address has its own limits.
                let other = try server.scene.push()
                try other.connect("tcp://127.0.0.2:*;\(server.endpoints[0].dropFirst("tcp://".count))")
                try server.scene.run(until: { other.peerCount == 1 })
            }
            try server.leaves(peers[1])
            _ = try server.admitted()
        }
    }

    @Test(arguments: LimitSetting.all)
    func handshakesInProgress(setting: LimitSetting) throws {
        try withServer(setting, { $0.handshakes = 2 }) { server in
            let silent = try [0, 1].map { try server.admitted(at: $0, shakesHands: false) }
            for number in [0, 1] { try server.refused(by: .handshakes, at: number) }
            silent[0].shakeHands(as: "PUSH")
            try server.scene.run(until: { server.tally.handshakes == 1 })
            let another = try server.admitted(shakesHands: false)
            try server.refused(by: .handshakes)
            try server.leaves(silent[1])
            #expect(server.tally == AdmissionTable.Tally(connections: 3, handshakes: 1))
            _ = try server.admitted()
            withExtendedLifetime(another) {}
        }
    }

    @Test(arguments: LimitSetting.wire)
    func handshakesOfAnAddressInProgress(setting: LimitSetting) throws {
        try withServer(setting, { ($0.handshakesPerAddress, $0.countsLocalPeers) = (1, true) }) { server in
            let silent = try server.admitted(shakesHands: false)
            try server.refused(by: .handshakesPerAddress, at: 1)
            silent.send("this is no greeting")
            try server.scene.run(until: { server.tally.handshakes == 0 })
            _ = try server.admitted()
        }
    }

    @Test(arguments: LimitSetting.all)
    func limitsPerAddressDoNotApplyToThisHost(setting: LimitSetting) throws {
        try withServer(setting, { ($0.connectionsPerAddress, $0.handshakesPerAddress) = (1, 1) }) { server in
            let peers = try (0..<5).map { try server.admitted(at: $0 % 2, shakesHands: $0 > 2) }
            #expect(server.tally == AdmissionTable.Tally(connections: 6, handshakes: 3))
            #expect(server.pull.statistics.limits.total == 0)
            withExtendedLifetime(peers) {}
        }
    }

    @Test(arguments: [0, 1])
    func aProgramsOwnConnectionsCountAsConnections(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let server = try LimitedServer(scene, on: [.inproc, .tcp]) { $0.limits.connections = 2 }
            let pushes = try (0..<2).map { _ in try scene.push() }
            for push in pushes { try push.connect(server.endpoints[0]) }
            try scene.run(until: { server.pull.statistics.limits[.connections] >= 3 })
            #expect(server.pull.peerCount == 2 && server.limits.first == .connections)
            try server.refused(by: .connections, at: 1)
            // It retries, and is accepted when the other one leaves.
            let lucky = pushes[0].peerCount == 1 ? 0 : 1
            try scene.close(pushes[lucky])
            try scene.run(until: { pushes[1 - lucky].peerCount == 1 })
            try server.checkService()
        }
    }

    @Test func newConnectionsPerSecond() throws {
        try withVirtualScene { scene in
            let pull = try scene.pull { $0.limits.connectionRate = 3 }
            var reasons: [EventReason] = []
            pull.onEvent = { if let reason = $1.reason { reasons.append(reason) } }
            let endpoint = try pull.bind(scene.anyEndpoint)
            var peers: [RawPeer] = []
            func connect(_ count: Int) throws -> (accepted: Int, refused: Int) {
                let (accepted, refused) = (pull.connections.count, pull.statistics.limits[.connectionRate])
                for _ in 0..<count { peers.append(try scene.rawPeer(to: endpoint)) }
                func change() -> (Int, Int) {
                    (pull.connections.count - accepted, pull.statistics.limits[.connectionRate] - refused)
                }
                try scene.wait("all connections") { change().0 + change().1 == count }
                return change()
            }
            #expect(try connect(5) == (3, 2))
            #expect(reasons.map(\.message) == ["more than 3 new connections per second"])
            scene.run(for: .milliseconds(334))
            #expect(try connect(2) == (1, 1))
            #expect(reasons.count == 1)
            scene.run(for: .seconds(10))
            #expect(try connect(4) == (3, 1))
            let message = "more than 3 new connections per second; 2 more were rejected since the last report"
            #expect(reasons.count == 2 && reasons.last?.message == message)
        }
    }

    @Test(arguments: [0, 1])
    func aThousandPeersOfOneAddressAreAcceptedByDefault(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let pull = try scene.pull { $0.backlog = 1000 }
            let endpoint = try pull.bind(anyPort)
            let peers = try (0..<400).map { _ in try RawPeer(endpoint) }
            for peer in peers { peer.shakeHands(as: "PUSH") }
            try scene.run(until: { pull.peerCount == 400 }, "all peers", within: .seconds(30))
            #expect(pull.statistics.limits.total == 0)
        }
    }
}
