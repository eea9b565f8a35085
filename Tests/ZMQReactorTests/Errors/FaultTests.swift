import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// What is an error of a call, what is a result, and what is only visible in events and counters (chapter 2.13).
struct FaultTests {
    @Test func ERR03_errorsHaveACodeAndASentence() throws {
        try withScene { scene in
            let pull = try scene.pull()
            let calls: [() throws -> Void] = [
                { try pull.bind("nonsense") }, { try pull.bind("tcp://8.8.8.8:*") }, { try pull.connect("tcp://h:0") },
                { try pull.unbind("tcp://127.0.0.1:1") }, { try pull.disconnect("ipc:///tmp/x.ipc") },
                { try pull.configure { $0.backlog = 0 } }, { try pull.bind("ipc:///no/such/directory/x.ipc") },
            ]
            for call in calls {
                let error = #expect(throws: ZMQError.self) { try call() }
                #expect(error?.message.isEmpty == false)
                #expect(error?.endpoint != nil || error?.option != nil)
                #expect(error?.description.hasPrefix("\(error!.errnoName): ") == true)
            }
        }
    }

    @Test(.nothingMovesByItself) func ERR04_silentDropsAreCounted() throws {
        try withScene { scene in
            let pub = try scene.pub { $0.sendHighWaterMark = 3 }
            let peer = try RawPeer(pub.bind(anyPort))
            peer.shakeHands(as: "SUB")
            peer.send(Wire.command("SUBSCRIBE", []))
            try scene.run(until: { pub.topicCount == 1 })
            for _ in 0..<10 { try pub.send("x") }
            #expect(pub.statistics.messagesDropped == 7)
        }
    }

    @Test func ERR04_ERR03_faultsOfAPeerAreEventsNotErrors() throws {
        try withScene { scene in
            let pull = try scene.pull()
            var reasons: [EventReason.Kind] = []
            pull.onEvent = { if let reason = $1.reason { reasons.append(reason.kind) } }
            let endpoint = try pull.bind(anyPort)
            let wrong = try RawPeer(endpoint)
            wrong.shakeHands(as: "SUB")
            try scene.run(until: { reasons.count == 1 })
            let broken = try RawPeer(endpoint)
            broken.shakeHands(as: "PUSH")
            broken.send([0xFF, 0xFF])
            try scene.run(until: { reasons.count == 2 })
            #expect(reasons == [.protocolError, .protocolError])
            // The socket serves others as before.
            let right = try RawPeer(endpoint)
            right.shakeHands(as: "PUSH")
            right.send(Wire.message("x"))
            try scene.run(until: { pull.statistics.messagesReceived == 1 })
        }
    }

    @Test(arguments: Road.allCases)
    func ERR07_anEmptyReceiveAndAFullSendAreResults(road: Road) throws {
        try withScene { scene in
            let pull = try scene.pull()
            let push = try scene.push { $0.sendHighWaterMark = 1 }
            try pull.bind(road.endpoint)
            #expect(try pull.tryReceive() == nil)
            try push.connect(road.freshEndpoint())
            #expect(try push.send("x") == .accepted)
            #expect(try push.send("x") == .wouldBlock)
        }
    }

    @Test func SND03_messagesAreQueuedWhileTheApplicationIsBusy() throws {
        try withScene { scene in
            let peer = try LibzmqPeer(.push)
            let pull = try scene.pull()
            try pull.connect(peer.bind())
            try scene.run(until: { pull.peerCount == 1 })
            // The reactor does not run until the sender has done its part.
            try peer.flood(900)
            try scene.run(until: { pull.messagesWaiting == 900 })
            for number in 0..<900 { #expect(try pull.tryReceive().map { NumberedMessage($0[0])?.number } == number) }
        }
    }

    @Test func SND05_TOP26_theTypeDeterminesTheRecipients() throws {
        try withScene { scene in
            let (push, pub) = (try scene.push(), try scene.pub())
            let ends = [try push.bind(anyPort), try pub.bind(anyPort)]
            let pulls = try (0..<2).map { _ in try scene.pull() }
            let subs = try (0..<2).map { _ in try scene.sub() }
            for pull in pulls { try pull.connect(ends[0]) }
            for sub in subs {
                try sub.subscribe(to: "")
                try sub.connect(ends[1])
            }
            try scene.run(until: {
                push.peerCount == 2 && pub.subscriberCount(to: "") == 2
            })
            for _ in 0..<4 {
                #expect(try push.send("x") == .accepted)
                try pub.send("x")
            }
            try scene.run(until: {
                pulls.allSatisfy { $0.messagesWaiting == 2 } && subs.allSatisfy { $0.messagesWaiting == 4 }
            })
        }
    }
}
