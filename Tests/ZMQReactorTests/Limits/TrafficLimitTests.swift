import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Limits on the traffic of one peer: handshakes, frames and subscriptions at the boundary, each with its event and
/// counter.
@Suite(.hangLimit) struct TrafficLimitTests {
    /// READY of a PUSH with this many bytes of metadata.
    private func ready(metadataBytes count: Int) -> [UInt8] {
        let type = [11] + bytes("Socket-Type") + [0, 0, 0, 4] + bytes("PUSH")
        let size = count - type.count - 1 - 3 - 4
        return Wire.command(
            "READY",
            type + [3] + bytes("X-a") + Wire.bigEndian(size, bytes: 4) + Wire.zeros(size)
        )
    }

    private func expectEnd(_ server: LimitedServer, _ peer: RawPeer, by limit: SocketLimit, isUp: Bool) throws {
        try server.scene.run(
            until: {
                peer.poll()
                return peer.isClosed && server.tally.connections == 1
            },
            "the end by \(limit)"
        )
        try server.scene.run(until: { !server.limits.isEmpty }, "an event")
        #expect(server.limits == [limit])
        #expect(server.events.last { $0.reason?.limit == limit }?.name == (isUp ? "disconnected" : "handshake-failed"))
        #expect(server.pull.statistics.limits[limit] == 1 && server.pull.statistics.limits.total == 1)
    }

    @Test(arguments: LimitSetting.all)
    func bytesOfAHandshake(setting: LimitSetting) throws {
        try setting.withScene { scene in
            let server = try LimitedServer(scene, on: [setting.road]) { $0.limits.handshakeBytes = 512 }
            // A greeting, the header of a long frame, and the command's name.
            let rest = 512 - 64 - 9 - 6
            let good = try scene.rawPeer(to: server.endpoints[0])
            good.send(Wire.greeting() + ready(metadataBytes: rest))
            try scene.run(until: { server.pull.peerCount == 2 })
            try server.leaves(good)
            let bad = try scene.rawPeer(to: server.endpoints[0])
            // Its header is enough.
            bad.send(Wire.greeting() + ready(metadataBytes: rest + 1).prefix(9))
            try expectEnd(server, bad, by: .handshakeBytes, isUp: false)
            try server.checkService()
        }
    }

    @Test("a raised limit admits commands of any size up to it", arguments: LimitSetting.all)
    func bytesOfALargeHandshake(setting: LimitSetting) throws {
        try setting.withScene { scene in
            let server = try LimitedServer(scene, on: [setting.road]) {
                ($0.limits.handshakeBytes, $0.limits.metadataBytes) = (200_000, 200_000)
            }
            let rest = 200_000 - 64 - 9 - 6
            let good = try scene.rawPeer(to: server.endpoints[0])
            var unsent = (Wire.greeting() + ready(metadataBytes: rest))[...]
            try scene.run(
                until: {
                    unsent = unsent.dropFirst(max(good.send(Array(unsent)), 0))
                    return unsent.isEmpty && server.pull.peerCount == 2
                },
                "a large handshake"
            )
            try server.leaves(good)
            let bad = try scene.rawPeer(to: server.endpoints[0])
            bad.send(Wire.greeting() + ready(metadataBytes: rest + 1).prefix(9))
            try expectEnd(server, bad, by: .handshakeBytes, isUp: false)
            try server.checkService()
        }
    }

    @Test(arguments: LimitSetting.all)
    func bytesOfMetadata(setting: LimitSetting) throws {
        try setting.withScene { scene in
            let server = try LimitedServer(scene, on: [setting.road]) { $0.limits.metadataBytes = 512 }
            let good = try scene.rawPeer(to: server.endpoints[0])
            good.send(Wire.greeting() + ready(metadataBytes: 512))
            try scene.run(until: { server.pull.peerCount == 2 })
            try server.leaves(good)
            let bad = try scene.rawPeer(to: server.endpoints[0])
            bad.send(Wire.greeting() + ready(metadataBytes: 513))
            try expectEnd(server, bad, by: .metadataBytes, isUp: false)
            try server.checkService()
        }
    }

    @Test(arguments: LimitSetting.timed)
    func timeOfAHandshake(setting: LimitSetting) throws {
        try setting.withScene { scene in
            let server = try LimitedServer(scene, on: [setting.road]) { $0.handshakeInterval = .milliseconds(300) }
            let start = scene.elapsed
            let silent = try scene.rawPeer(to: server.endpoints[0])
            try expectEnd(server, silent, by: .handshakeTime, isUp: false)
            #expect(scene.elapsed - start >= .milliseconds(300))
            if setting.road == nil { #expect(scene.elapsed - start == .milliseconds(300)) }
            #expect(server.events.last?.reason?.kind == .handshakeTimeout)
            try server.checkService()
        }
    }

    @Test(arguments: LimitSetting.all)
    func framesOfAMessage(setting: LimitSetting) throws {
        try setting.withScene { scene in
            let server = try LimitedServer(scene, on: [setting.road]) { $0.limits.framesPerMessage = 3 }
            let peer = try server.admitted()
            let more: [UInt8] = [1, 0]
            peer.send(more + more + [0, 0])
            try scene.run(until: { server.pull.statistics.messagesReceived == 1 })
            // The third frame that announces another one is too many, before that arrives.
            peer.send(more + more + more)
            try expectEnd(server, peer, by: .framesPerMessage, isUp: true)
            #expect(server.pull.statistics.messagesReceived == 1)
            try server.checkService()
        }
    }

    @Test(arguments: LimitSetting.all)
    func bytesOfAMessage(setting: LimitSetting) throws {
        try setting.withScene { scene in
            let server = try LimitedServer(scene, on: [setting.road]) { $0.maxMessageSize = 100 }
            let peer = try server.admitted()
            peer.send([0, 100] + Wire.zeros(100))
            try scene.run(until: { server.pull.statistics.messagesReceived == 1 })
            peer.send([0, 101])
            try expectEnd(server, peer, by: .messageSize, isUp: true)
            try server.checkService()
        }
    }

    @Test("the rest of many commands waits for the next turn, and nothing is refused", arguments: [10, 256])
    func commandsOfATurn(limit: Int) throws {
        try withVirtualScene { scene in
            let server = try LimitedServer(scene, on: [nil]) { $0.limits.commandsPerTurn = limit }
            let peer = try server.admitted()
            let other = try server.admitted()
            _ = peer.takeReceived()
            // Of every kind, and with messages in between.
            let round = Wire.ping("x") + Wire.command("X") + Wire.pong() + Wire.message("m") + Wire.ping("x")
            peer.send((0..<50).flatMap { _ in round })
            other.send(Wire.message("other"))
            try scene.run(until: { server.pull.statistics.messagesReceived == 51 }, "all messages")
            let pong = Wire.pong("x")
            try scene.run(
                until: {
                    peer.poll()
                    return peer.received.count >= 100 * pong.count
                },
                "all PONGs"
            )
            #expect(peer.received == (0..<100).flatMap { _ in pong })
            let turns = server.pull.statistics.limits[.commandsPerTurn]
            #expect(limit == 10 ? (10...20).contains(turns) : turns == 0, "\(turns) turns")
            #expect(server.pull.statistics.limits.total == turns && server.limits.isEmpty)
            let reported = server.events.filter { if case .limited = $0 { true } else { false } }
            #expect(reported.map(\.limit) == (limit == 10 ? [.commandsPerTurn] : []))
            #expect(reported.allSatisfy { $0.peer != nil && "\($0)".hasSuffix(" commands-per-turn") })
            try server.checkService()
        }
    }

    @Test("many commands are reported once, at either end, also from an I/O thread", arguments: [true, false], [0, 1])
    func reportOfCommands(weBind: Bool, ioThreads: Int) throws {
        try withTimedScene(ioThreads: ioThreads) { scene in
            let pull = try scene.pull { $0.limits.commandsPerTurn = 1 }
            var events: [SocketEvent] = []
            pull.onEvent = { events.append($1) }
            let listener = weBind ? nil : try scene.rawListener()
            let peer: RawPeer
            if let listener {
                try pull.connect(listener.endpoint)
                peer = try listener.accept()
            } else {
                peer = try scene.rawPeer(to: pull.bind(scene.anyEndpoint))
            }
            peer.shakeHands(as: "PUSH")
            for _ in 0..<200 { peer.send(Wire.pong()) }
            peer.send(message: [1])
            try scene.run(until: { pull.statistics.messagesReceived == 1 && events.contains { $0.limit != nil } })
            scene.settle()
            #expect(pull.statistics.limits[.commandsPerTurn] > 1)
            #expect(events.compactMap(\.limit) == [.commandsPerTurn])
        }
    }

    // MARK: Subscriptions of all peers

    @Test(arguments: [SocketLimit.totalSubscriptions, .totalSubscriptionBytes], [0, 1])
    func subscriptionsOfAllPeers(limit: SocketLimit, ioThreads: Int) throws {
        try withTimedScene(ioThreads: ioThreads) { scene in
            let pub = try scene.pub()
            if limit == .totalSubscriptions {
                pub.subscriptionLimits.totalTopics = 4
            } else {
                pub.subscriptionLimits.totalBytes = 4
            }
            var reasons: [EventReason] = []
            pub.onEvent = { if $1.isDisconnect, let reason = $1.reason { reasons.append(reason) } }
            let peers = try (0..<2).map { _ in try scene.rawPeer("SUB", of: pub) }
            for peer in peers { for topic in ["a", "b"] { peer.subscribe(topic) } }
            // Shared topics count for each.
            try scene.run(until: { pub.distributor.subscriptions.subscriptionCount == 4 })
            #expect(reasons.isEmpty)
            peers[1].subscribe("c")
            try scene.run(until: { reasons.count == 1 && pub.distributor.subscriptions.subscriptionCount == 2 })
            #expect(reasons[0].kind == .limitExceeded(limit))
            try scene.run(until: { pub.statistics.limits[limit] == 1 })
            peers[0].subscribe("c")
            try scene.run(until: { pub.topicCount == 3 })
            #expect(reasons.count == 1 && pub.statistics.limits.total == 1)
        }
    }
}
