import TestSupport
import Testing

@testable import ZMQReactor

/// Every limit as an option.
@Suite(.hangLimit) struct LimitOptionTests {
    @Test func valuesThatMakeNoSenseAreRefused() throws {
        try withScene { scene in
            let pull = try scene.pull()
            for row in SocketLimits.rows {
                for value in [row.minimum - 1, 0, -1, .min] {
                    let error = #expect(throws: ZMQError.self) {
                        try pull.configure { $0.limits[keyPath: row.path] = value }
                    }
                    #expect(error?.code == .invalidArgument && error?.option == "limits.\(row.name)")
                    #expect(error?.message.contains("\(value)") == true)
                }
            }
            let error = #expect(throws: ZMQError.self) { try pull.configure { $0.limits.slowPeerTimeout = .zero } }
            #expect(error?.option == "limits.slowPeerTimeout")
            #expect(pull.options == Scene.options { _ in })
        }
    }

    @Test(arguments: [false, true], LimitSetting.wire + [LimitSetting(road: .inproc, ioThreads: 0)])
    func theSmallestAndLargestValuesServeAPeer(areLargest: Bool, setting: LimitSetting) throws {
        try withScene(in: Context(ioThreads: setting.ioThreads)) { scene in
            let change: Scene.Change = {
                for row in SocketLimits.rows { $0.limits[keyPath: row.path] = areLargest ? .max : row.minimum }
                $0.limits.countsLocalPeers = true
                if areLargest { $0.limits.slowPeerTimeout = .seconds(Int64.max) }
            }
            let (router, dealer) = (try scene.router(change), try scene.dealer(change))
            try dealer.setRoutingID(String(repeating: "i", count: 255))
            try dealer.connect(router.bind(setting.road.endpoint))
            try scene.run(until: { router.peerCount == 1 && dealer.peerCount == 1 })
            #expect(try dealer.send("hello") == .accepted)
            #expect(try scene.receive(router).count == 2)
            #expect(router.statistics.limits.total == 0)
        }
    }

    @Test func laterChangesHoldForLaterEndpoints() throws {
        try withScene { scene in
            let pull = try scene.pull { $0.limits.connections = 1 }
            let before = try pull.bind(anyPort)
            try pull.configure { $0.limits.connections = 2 }
            let behind = try pull.bind(anyPort)
            var peers: [RawPeer] = []
            for (endpoint, accepted, refused) in [(before, 1, 0), (before, 1, 1), (behind, 2, 1), (behind, 2, 2)] {
                peers.append(try RawPeer(endpoint))
                try scene.run(
                    until: {
                        (pull.admissions.connections.connections, pull.statistics.limits[.connections])
                            == (accepted, refused)
                    },
                    "\(accepted) connections, \(refused) refused"
                )
            }
        }
    }
}
