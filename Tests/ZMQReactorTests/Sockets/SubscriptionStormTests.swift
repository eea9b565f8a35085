import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

@Suite struct SubscriptionStormTests {
    private func storm(
        _ scene: Scene,
        against socket: PublishingSocket,
        _ topics: [String],
        expecting reason: String,
        _ limit: SocketLimit
    ) throws {
        var reasons: [EventReason] = []
        socket.onEvent = { if $1.isDisconnect, let reason = $1.reason { reasons.append(reason) } }
        let calm = try scene.sub(to: "A")
        try scene.connect(calm, to: socket)
        let peer = try scene.rawPeer("SUB", of: socket)
        for topic in topics.dropLast() { peer.subscribe(topic) }
        scene.settle()
        #expect(socket.topicCount == topics.count)
        peer.subscribe(topics[0])  // no effect
        scene.settle()
        #expect(reasons == [])
        peer.subscribe(topics.last!)
        for number in 0..<100 { peer.send(message: [1] + Array("more \(number)".utf8)) }
        // On an I/O thread it is counted with the connection, when the socket has already released it.
        try scene.wait("the disconnection") { !reasons.isEmpty && socket.statistics.limits.total > 0 }
        #expect(reasons.map(\.message) == [reason])
        #expect(reasons[0].kind == .limitExceeded(limit))
        #expect(socket.statistics.limits[limit] == 1 && socket.statistics.limits.total == 1)
        #expect(socket.topicCount == 1)
        if let pub = socket as? PubSocket { try pub.send("A") }
        if let xpub = socket as? XPubSocket { #expect(try xpub.send("A") == .accepted) }
        #expect(try scene.receive(calm) == "A")
    }

    @Test
    func tooManyTopicsEndTheConnection() throws {
        try withScene { scene in
            let pub = try scene.pub()
            pub.subscriptionLimits.topics = 10
            try storm(
                scene,
                against: pub,
                (0..<11).map { "B\($0)" },
                expecting: "more than 10 subscriptions",
                .subscriptions
            )
        }
    }

    @Test
    func tooManyBytesEndTheConnection() throws {
        try withScene { scene in
            let pub = try scene.pub()
            pub.subscriptionLimits.bytes = 100
            let topics = ["a", "b", "c"].map { String(repeating: $0, count: 40) }
            try storm(
                scene,
                against: pub,
                topics,
                expecting: "subscriptions of more than 100 bytes",
                .subscriptionBytes
            )
        }
    }

    @Test(arguments: [false, true])
    func xPUBIsBoundedToo(isManual: Bool) throws {
        try withScene { scene in
            let xpub = try scene.xpub()
            xpub.subscriptionLimits.topics = 10
            xpub.isManual = isManual
            guard isManual else {
                return try storm(
                    scene,
                    against: xpub,
                    (0..<11).map { "B\($0)" },
                    expecting: "more than 10 subscriptions",
                    .subscriptions
                )
            }
            var reason: String?
            xpub.onEvent = { if $1.isDisconnect { reason = $1.reason?.message } }
            let peer = try scene.rawPeer("SUB", of: xpub)
            for number in 0..<11 { peer.subscribe("\(number)") }
            try scene.wait("the disconnection") { reason == "more than 10 subscriptions" }
        }
    }

    @Test
    func cancelledTopicsMakeRoom() throws {
        try withTimedScene { scene in
            let pub = try scene.pub()
            pub.subscriptionLimits = SubscriptionLimits(topics: 5, bytes: 50)
            let sub = try scene.sub()
            try scene.connect(sub, to: pub)
            for number in 0..<100 {
                try sub.subscribe(to: "topic \(number)")
                if number >= 4 { try sub.unsubscribe(from: "topic \(number - 4)") }
                if number % 10 == 0 { scene.settle() }
            }
            try sub.subscribe(to: "end")
            try scene.wait(for: 1, subscribersOf: pub, to: "end")
            #expect(pub.topicCount == 5)
        }
    }
}
