#if Logging
    import Foundation
    import Logging
    import Testing
    import ZMQReactor
    import ZMQReactorLogging
    import ZMQReactorTesting

    /// In virtual time; what the logger's thread has written is awaited with `flush`.
    @Suite struct SocketLogTests {
        @Test func theLifeOfAConnection() throws {
            let (logger, records) = RecordingLogger.make()
            try withTestScene { scene in
                let pull = try PullSocket(on: scene.reactor, in: scene.context)
                let log = try pull.log(to: logger)
                try pull.bind("memory://orders")
                let push = try PushSocket(on: scene.reactor, in: scene.context)
                try push.connect("memory://orders")
                try scene.run(until: { pull.peerCount == 1 })
                try push.disconnect("memory://orders")
                try scene.run(until: { pull.peerCount == 0 })
                pull.close()
                scene.run(for: .seconds(1))
                log.flush()
            }
            let list = records.list
            #expect(
                list.map(\.message) == [
                    "listening", "a peer has connected", "the handshake is complete", "a connection has ended",
                    "the endpoint is closed",
                ]
            )
            // A reset is more than debug.
            #expect(list.filter { $0.message != "a connection has ended" }.allSatisfy { $0.level == .debug })
            #expect(list.allSatisfy { $0.metadata["type"] == "PULL" && $0.metadata["endpoint"] == "memory://orders" })
            #expect(Set(list.map { "\($0.metadata["socket"]!)" }).count == 1)
            #expect(list[2].metadata["peer-type"] == "PUSH")
            #expect(list[2].metadata["peer"] != nil)
            #expect(list[3].metadata["reason"] != nil)
        }

        @Test func aRejectedPeerIsANotice() throws {
            let (logger, records) = RecordingLogger.make(level: .notice)
            try withTestScene { scene in
                let pull = try PullSocket(on: scene.reactor, in: scene.context)
                let log = try pull.log(to: logger)
                try pull.bind("memory://orders")
                let wrong = try SubSocket(on: scene.reactor, in: scene.context)
                try wrong.connect("memory://orders")
                try scene.run(until: { pull.statistics.handshakeFailures == 1 })
                log.flush()
            }
            let record = try #require(records.named("the handshake has failed").first)
            #expect(record.level == .notice)
            #expect(record.metadata["reason"] != nil)
            // What is less important does not pass the logger's level.
            #expect(records.list.allSatisfy { $0.level >= .notice })
        }

        /// What a PULL socket with such limits logs from notice on.
        private func records(
            _ limit: (inout SocketLimits) -> Void,
            _ body: (TestScene, PullSocket) throws -> Void
        ) throws -> [RecordingLogger.Record] {
            let (logger, records) = RecordingLogger.make(level: .notice)
            try withTestScene { scene in
                var options = SocketOptions()
                limit(&options.limits)
                let pull = try PullSocket(on: scene.reactor, in: scene.context, options: options)
                let log = try pull.log(to: logger)
                try pull.bind("memory://orders")
                try body(scene, pull)
                log.flush()
            }
            return records.list
        }

        @Test func limitsAreWarnings() throws {
            let records = try records({ $0.connections = 1 }) { scene, pull in
                let peers = try (0..<2).map { _ in try scene.rawPeer(to: "memory://orders") }
                try scene.run(until: { pull.statistics.limits.total == 1 })
                withExtendedLifetime(peers) {}
            }
            let record = try #require(records.first)
            #expect(record.level == .warning)
            #expect(record.metadata["limit"] == "connections")
        }

        @Test("a peer with more commands than a turn takes is one notice") func limitedPeer() throws {
            let records = try records({ $0.commandsPerTurn = 1 }) { scene, pull in
                let peer = try scene.rawPeer(to: "memory://orders")
                peer.shakeHands(as: "PUSH")
                for _ in 0..<100 { peer.send(command: "PING", [0, 0]) }
                peer.send(message: [1])
                try scene.run(until: { pull.statistics.messagesReceived == 1 })
                #expect(pull.statistics.limits[.commandsPerTurn] > 1)
                withExtendedLifetime(peer) {}
            }
            let list = records.filter { $0.message == "a peer has reached a limit" }
            try #require(list.count == 1)
            #expect(list[0].level == .notice)
            #expect(list[0].metadata["limit"] == "commands-per-turn")
        }

        @Test("a thousand drops are one record for each interval, and nothing is logged for a message")
        func dropsAreSummarized() throws {
            let (logger, records) = RecordingLogger.make()
            try withTestScene { scene in
                let router = try RouterSocket(on: scene.reactor, in: scene.context)
                let log = try router.log(to: logger, summaryEvery: .seconds(60))
                try router.bind("memory://orders")
                for round in 1...2 {
                    for _ in 0..<1000 { _ = try router.send(Message(texts: ["nobody", "text"])) }
                    scene.run(for: .seconds(61))
                    log.flush()
                    #expect(records.named("messages were dropped").count == round)
                }
                scene.run(for: .seconds(600))
                log.flush()
                // The third is of the endpoint.
                #expect(records.list.count == 3)
            }
            let drops = records.named("messages were dropped")
            #expect(drops.count == 2)
            #expect(drops[0].level == .warning)
            #expect(drops[0].metadata["count"] == "1000")
            #expect(drops[0].metadata["reasons"] == ["no-such-peer": "1000"])
            #expect(drops[0].metadata["endpoint"] == "memory://orders")
        }

        @Test func theSocketsOfAContext() throws {
            let (logger, records) = RecordingLogger.make()
            try withTestScene { scene in
                let before = try PullSocket(on: scene.reactor, in: scene.context)
                let log = try scene.context.log(to: logger)
                scene.run(for: .seconds(1))
                let after = try PullSocket(on: scene.reactor, in: scene.context)
                try before.bind("memory://before")
                try after.bind("memory://after")
                log.flush()
            }
            #expect(
                records.named("listening").map { $0.metadata["endpoint"] } == ["memory://before", "memory://after"]
            )
            #expect(Set(records.named("listening").map { "\($0.metadata["socket"]!)" }).count == 2)
        }

        @Test("what the logger does not log takes no place: a warning passes behind thousands of connections")
        func belowTheLevel() throws {
            let (logger, records) = RecordingLogger.make(level: .notice)
            try withTestScene { scene in
                let router = try RouterSocket(on: scene.reactor, in: scene.context)
                let log = try router.log(to: logger, summaryEvery: .seconds(1))
                records.gate.lock()
                // The first warning is held at the gate.
                for _ in 0..<2 {
                    _ = try router.send(Message(texts: ["nobody", "text"]))
                    scene.run(for: .seconds(2))
                    for _ in 0..<1000 {
                        try router.bind("memory://orders")
                        try router.unbind("memory://orders")
                    }
                }
                #expect(log.leftOut == 0)
                records.gate.unlock()
                log.flush()
            }
            #expect(records.list.map(\.message) == ["messages were dropped", "messages were dropped"])
        }

        @Test("a logger that blocks holds no socket; what does not fit is counted and reported")
        func aLoggerThatBlocks() throws {
            let (logger, records) = RecordingLogger.make()
            try withTestScene { scene in
                let pull = try PullSocket(on: scene.reactor, in: scene.context)
                let log = try pull.log(to: logger)
                records.gate.lock()
                // Two records for each turn of the loop.
                for _ in 0..<1000 {
                    try pull.bind("memory://orders")
                    try pull.unbind("memory://orders")
                }
                #expect(log.leftOut > 0)
                records.gate.unlock()
                log.flush()
                let written =
                    records.named("listening").count + records.named("the endpoint is closed").count
                #expect(written + log.leftOut == 2000)
                try pull.bind("memory://orders")
                log.flush()
                let warning = try #require(
                    records.named("log records were left out: the logger was too slow").first
                )
                #expect(warning.metadata["count"] == "\(log.leftOut)")
                #expect(warning.level == .warning)
            }
        }
    }
#endif
