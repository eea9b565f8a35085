import TestSupport
import Testing

@testable import ZMQReactor

@Suite struct SubscriptionStormTests {
    let bench: Workbench
    init() throws { bench = try Workbench() }

    private func storm(against socket: PublishingSocket, _ topics: [String], expecting reason: String) throws {
        var reasons: [String] = []
        socket.onEvent = { if $1.isDisconnect { reasons.append($1.reason ?? "") } }
        let calm = try bench.sub("A")
        try bench.connect(calm, to: socket)
        let peer = try WirePeer("SUB", connectedTo: socket, on: bench)
        for topic in topics.dropLast() { peer.subscribe(topic) }
        bench.settle()
        #expect(socket.topicCount == topics.count)
        peer.subscribe(topics[0])  // nothing new
        bench.settle()
        #expect(reasons == [])
        peer.subscribe(topics.last!)
        for number in 0..<100 { peer.send(message: [1] + Array("more \(number)".utf8)) }
        try bench.wait("the disconnection") { !reasons.isEmpty }
        #expect(reasons == [reason])
        #expect(socket.topicCount == 1)
        if let pub = socket as? PubSocket { try pub.send("A") }
        if let xpub = socket as? XPubSocket { #expect(try xpub.send("A") == .accepted) }
        #expect(try bench.receive(calm) == "A")
    }

    @Test func tooManyTopicsEndTheConnection() throws {
        let pub = try bench.pub()
        pub.subscriptionLimits.topics = 10
        try storm(against: pub, (0..<11).map { "B\($0)" }, expecting: "more than 10 subscriptions")
    }

    @Test func tooManyBytesEndTheConnection() throws {
        let pub = try bench.pub()
        pub.subscriptionLimits.bytes = 100
        let topics = ["a", "b", "c"].map { String(repeating: $0, count: 40) }
        try storm(against: pub, topics, expecting: "subscriptions of more than 100 bytes")
    }

    @Test(arguments: [false, true]) func XPUBIsBoundedToo(isManual: Bool) throws {
        let xpub = try bench.xpub()
        xpub.subscriptionLimits.topics = 10
        xpub.isManual = isManual
        guard isManual else {
            return try storm(against: xpub, (0..<11).map { "B\($0)" }, expecting: "more than 10 subscriptions")
        }
        var reason: String?
        xpub.onEvent = { if $1.isDisconnect { reason = $1.reason } }
        let peer = try WirePeer("SUB", connectedTo: xpub, on: bench)
        for number in 0..<11 { peer.subscribe("\(number)") }
        try bench.wait("the disconnection") { reason == "more than 10 subscriptions" }
    }

    @Test func cancelledTopicsMakeRoom() throws {
        let pub = try bench.pub()
        pub.subscriptionLimits = SubscriptionLimits(topics: 5, bytes: 50)
        let sub = try bench.sub()
        try bench.connect(sub, to: pub)
        for number in 0..<100 {
            try sub.subscribe(to: "topic \(number)")
            if number >= 4 { try sub.unsubscribe(from: "topic \(number - 4)") }
            if number % 10 == 0 { bench.settle() }
        }
        try sub.subscribe(to: "end")
        try bench.wait(for: 1, subscribersOf: pub, to: "end")
        #expect(pub.topicCount == 5)
    }
}
