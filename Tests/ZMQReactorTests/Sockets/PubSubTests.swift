import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

@Suite(.hangLimit)
struct PubSubTests {
    @Test("TOP-02, PUB-8: subscribed messages arrive, either side binding", arguments: [true, false])
    func filtered(pubBinds: Bool) throws {
        try withScene { scene in
            let inbox = Recorder()
            let pub = try scene.pub()
            let sub = try scene.sub { inbox.add($1) }
            try sub.subscribe(to: "10001 ")
            if pubBinds { try sub.connect(pub.bind(anyPort)) } else { try pub.connect(sub.bind(anyPort)) }
            try scene.run(until: { pub.topicCount == 1 })
            for text in ["10001 20", "10002 21", "1000", "10001 ", ""] { try pub.send(text) }
            try pub.send(["10001 more", "second", ""] as Message)
            try pub.send(["other", "10001 "] as Message)
            try pub.send("10001 last")
            try scene.run(until: { inbox.texts.last == "10001 last" })
            #expect(inbox.texts == ["10001 20", "10001 ", "10001 more|second|", "10001 last"])
            #expect(pub.statistics.messagesSent == 4, "messages without subscribers are not sent")
        }
    }

    @Test("overlapping subscriptions deliver once")
    func overlapping() throws {
        try withScene { scene in
            let inbox = Recorder()
            let pub = try scene.pub()
            let sub = try scene.sub { inbox.add($1) }
            for topic in ["", "a", "ab", "ab", "abc"] { try sub.subscribe(to: topic) }
            try sub.connect(pub.bind(anyPort))
            try scene.run(until: { pub.topicCount == 4 })
            for text in ["abcd", "b", "a"] { try pub.send(text) }
            try pub.send("end")
            try scene.run(until: { inbox.texts.last == "end" })
            #expect(inbox.texts == ["abcd", "b", "a", "end"])
        }
    }

    @Test("subscriptions are cancelled one by one, and may be binary")
    func unsubscribing() throws {
        try withTimedScene { scene in
            let inbox = Recorder()
            let pub = try scene.pub()
            let sub = try scene.sub { inbox.add($1) }
            try sub.subscribe(to: [0, 255])
            try sub.subscribe(to: "a")
            try sub.subscribe(to: "a")
            try sub.subscribe(to: "end")
            try sub.connect(pub.bind(scene.anyEndpoint))
            try scene.run(until: { pub.topicCount == 3 })
            try pub.send([0, 255, 7])
            try pub.send([0, 254])
            try sub.unsubscribe(from: "a")
            scene.settle()
            try pub.send("a1")
            try scene.run(until: { inbox.count == 2 })
            try sub.unsubscribe(from: "a")
            try sub.unsubscribe(from: [0, 255])
            try scene.run(until: { pub.topicCount == 1 })
            for text in ["a2", "end"] { try pub.send(text) }
            try scene.run(until: { inbox.texts.last == "end" })
            #expect(inbox.messages == [Message([0, 255, 7] as [UInt8]), "a1", "end"])
            let error = #expect(throws: ZMQError.self) { try sub.unsubscribe(from: "a") }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.contains("a") == true)
        }
    }

    @Test("SUB-9: messages under way when their subscription is cancelled are not delivered")
    func cancelledOnTheWay() throws {
        try withScene { scene in
            let inbox = Recorder()
            let pub = try scene.pub()
            let sub = try scene.sub { inbox.add($1) }
            try sub.subscribe(to: "a")
            try sub.subscribe(to: "b")
            try sub.connect(pub.bind(anyPort))
            try scene.run(until: { pub.topicCount == 2 })
            try pub.send("a")
            try pub.send("b")
            try sub.unsubscribe(from: "a")
            try scene.run(until: { inbox.count == 1 })
            #expect(inbox.texts == ["b"])
        }
    }

    @Test("PRX-02, POL-01, TOP-05: one subscriber receives from several publishers")
    func severalPublishers() throws {
        try withScene { scene in
            let inbox = Recorder()
            let pubs = [try scene.pub(), try scene.pub(), try scene.pub()]
            let sub = try scene.sub { inbox.add($1) }
            try sub.subscribe(to: "")
            for pub in pubs { try sub.connect(pub.bind(anyPort)) }
            try scene.run(until: { pubs.allSatisfy { $0.topicCount == 1 } })
            for (number, pub) in pubs.enumerated() { try pub.send("\(number)") }
            try scene.run(until: { inbox.count == 3 })
            #expect(inbox.texts.sorted() == ["0", "1", "2"])
        }
    }

    @Test("TOP-06: each of many subscribers gets its messages, small and large")
    func manySubscribers() throws {
        try withScene { scene in
            let pub = try scene.pub()
            let endpoint = try pub.bind(anyPort)
            let inboxes = (0..<10).map { _ in Recorder() }
            for (number, inbox) in inboxes.enumerated() {
                let sub = try scene.sub { inbox.add($1) }
                try sub.subscribe(to: "\(number)")
                try sub.subscribe(to: "all")
                try sub.connect(endpoint)
            }
            // "all" is one topic of ten subscribers.
            try scene.wait(for: 10, subscribersOf: pub, to: "all")
            try scene.run(until: { pub.topicCount == 11 && pub.peerCount == 10 })
            for number in 0..<10 { try pub.send("\(number)") }
            let large = "all" + String(repeating: "x", count: 100_000)
            try pub.send(large)
            try scene.run(until: { inboxes.allSatisfy { $0.count == 2 } })
            for (number, inbox) in inboxes.enumerated() { #expect(inbox.texts == ["\(number)", large]) }
        }
    }

    @Test("TOP-11, S-5: subscriptions are sent again at once after the publisher was restarted")
    func restartedPublisher() throws {
        try withScene { scene in
            let inbox = Recorder()
            let sub = try scene.sub { inbox.add($1) }
            try sub.subscribe(to: "a")
            try sub.subscribe(to: "a")
            try sub.subscribe(to: "b")
            let first = try scene.pub()
            let endpoint = try first.bind(freeEndpoint())
            try sub.connect(endpoint)
            try scene.run(until: { first.topicCount == 2 })
            try first.send("a1")
            try scene.close(first)
            try sub.unsubscribe(from: "b")
            let second = try scene.pub()
            try second.bind(endpoint)
            try scene.run(until: { second.topicCount == 1 })
            try second.send("b")
            try second.send("a2")
            try scene.run(until: { inbox.count == 2 })
            #expect(inbox.texts == ["a1", "a2"])
            #expect(sub.statistics.reconnects == 1)
        }
    }

    @Test("PUB-13: a disconnected subscriber is removed with its subscriptions")
    func goneSubscriber() throws {
        try withScene { scene in
            let pub = try scene.pub()
            let endpoint = try pub.bind(anyPort)
            for _ in 0..<20 {
                let sub = try scene.sub { _, _ in }
                try sub.subscribe(to: "a")
                try sub.connect(endpoint)
                try scene.run(until: { pub.topicCount == 1 })
                try scene.close(sub)
                try scene.run(until: { pub.topicCount == 0 && pub.peerCount == 0 })
            }
            #expect(pub.pipes.compactMap { $0 }.isEmpty)
        }
    }

    @Test("SUB-7: without a handler messages are queued, and those no longer subscribed to are skipped")
    func tryReceive() throws {
        try withScene { scene in
            let pub = try scene.pub()
            let sub = try scene.sub()
            try sub.subscribe(to: "a")
            try sub.subscribe(to: "b")
            try sub.connect(pub.bind(anyPort))
            try scene.run(until: { pub.topicCount == 2 })
            for text in ["a1", "b1", "a2", "b2"] { try pub.send(text) }
            try scene.run(until: { sub.statistics.messagesReceived == 4 })
            #expect(try sub.tryReceive() == "a1")
            try sub.unsubscribe(from: "a")
            #expect(try sub.tryReceive() == "b1")
            #expect(try sub.tryReceive() == "b2")
            #expect(try sub.tryReceive() == nil)
        }
    }
}
