import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Every limit as an option.
@Suite(.hangLimit) struct LimitOptionTests {
    @Test func invalidValuesAreRefused() throws {
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
            try dealer.connect(router.bind(setting.endpoint(in: scene)))
            try scene.run(until: { router.peerCount == 1 && dealer.peerCount == 1 })
            #expect(try dealer.send("hello") == .accepted)
            #expect(try scene.receive(router).count == 2)
            #expect(router.statistics.limits.total == 0)
        }
    }

    @Test func theDefaultsAreThoseOfTheDocumentation() throws {
        let page = try readFile(Project.file("Sources/ZMQReactor/Documentation.docc/Limits.md")).split(separator: "\n")
        func documented(_ symbol: String) -> Substring? {
            let row = page.first { $0.hasPrefix("| ``\(symbol)``") }
            return row?.split(separator: "|").map { $0.drop(while: { $0 == " " }) }[1]
        }
        /// In the number format of the page.
        func texts(_ number: Int) -> [String] {
            var grouped = ""
            for (index, digit) in String(number).reversed().enumerated() {
                grouped = "\(digit)" + (index > 0 && index.isMultiple(of: 3) ? "," : "") + grouped
            }
            return ["\(grouped) ", "\(number) ", "\(number >> 10) KiB ", "\(number >> 20) MiB "]
        }
        func check(_ symbol: String, _ number: Int) {
            #expect(documented(symbol).map { texts(number).contains(String($0)) } == true, "\(symbol): \(number)")
        }
        let limits = SocketLimits()
        for row in SocketLimits.rows { check("SocketLimits/\(row.name)", limits[keyPath: row.path]) }
        check("SocketOptions/maxMessageSize", SocketOptions().maxMessageSize)
        let subscriptions = SubscriptionLimits()
        check("SubscriptionLimits/topics", subscriptions.topics)
        check("SubscriptionLimits/bytes", subscriptions.bytes)
        check("SubscriptionLimits/totalTopics", subscriptions.totalTopics)
        check("SubscriptionLimits/totalBytes", subscriptions.totalBytes)
        #expect(documented("SocketOptions/handshakeInterval") == "30 s ")
        #expect(SocketOptions().handshakeInterval == .seconds(30))
        #expect(documented("SocketSecurity/authenticationTimeout") == "10 s ")
        #expect(SocketSecurity.none.authenticationTimeout == .seconds(10))
        #expect(limits.slowPeerTimeout == nil && !limits.countsLocalPeers)
        // And every limit is on the page.
        for name in ["connections", "connectionsPerAddress", "handshakes", "handshakesPerAddress", "connectionRate"]
            + ["descriptors", "handshakeTime", "handshakeBytes", "metadataBytes", "framesPerMessage", "messageSize"]
            + ["unfinishedBytes", "subscriptions", "subscriptionBytes", "totalSubscriptions", "totalSubscriptionBytes"]
            + ["slowPeer", "authenticationTime", "commandsPerTurn", "multicastSenders"]
        { #expect(page.contains { $0.contains("``SocketLimit/\(name)``") }, "\(name)") }
        #expect(SocketLimit.all.count == 20)
    }

    @Test func laterChangesApplyToLaterEndpoints() throws {
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
                        (pull.observer.admissions.connections.connections, pull.statistics.limits[.connections])
                            == (accepted, refused)
                    },
                    "\(accepted) connections, \(refused) refused"
                )
            }
        }
    }

    @Test(arguments: [0, 1])
    func laterChangesApplyToLaterNames(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let pull = try scene.pull { $0.limits.connections = 1 }
            let before = try pull.bind(Road.inproc.endpoint)
            try pull.configure { $0.limits.connections = 2 }
            let pushes = try (0..<3).map { _ in try scene.push() }
            for push in pushes[..<2] { try push.connect(before) }
            try scene.run(until: { pull.statistics.limits[.connections] > 0 }, "a refusal")
            #expect(pull.peerCount == 1)
            try pushes[2].connect(pull.bind(Road.inproc.endpoint))
            try scene.run(until: { pushes[2].peerCount == 1 && pull.peerCount == 2 }, "another connection")
        }
    }
}
