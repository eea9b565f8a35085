import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Proxies between their usual pairs of types.
@Suite(.hangLimit)
struct ProxyPatternTests {
    @Test("PRX-14, PRX-20: ROUTER and DEALER: each client gets its own replies", arguments: Road.allCases)
    func requests(road: Road) throws {
        try withScene { scene in
            let (clients, workers, proxy) = try scene.queue()
            var bodies: Set<Int> = []
            for name in ["a", "b", "c"] {
                let worker = try scene.rep {
                    bodies.insert($1.count)
                    $2.send("\(name):\($1.text)")
                }
                try scene.join(worker, to: workers, on: road)
            }
            let reqs = try (0..<10).map { _ in try scene.req() }
            for req in reqs { try scene.join(req, to: clients, on: road) }
            for round in 0..<20 {
                for (number, req) in reqs.enumerated() { #expect(try req.send("\(number).\(round)") == .accepted) }
                for (number, req) in reqs.enumerated() {
                    #expect(try scene.receive(req).text.dropFirst() == ":\(number).\(round)")
                }
            }
            #expect(bodies == [1])
            #expect(proxy.statistics.frontend.messagesReceived == 200)
            #expect(proxy.statistics.frontend.messagesSent == 200)
        }
    }

    @Test("the backend may be the ROUTER", arguments: [Road.tcp, .inproc])
    func requestsBackwards(road: Road) throws {
        try withScene { scene in
            let (workers, clients) = try (scene.dealer(), scene.router())
            try Proxy(frontend: workers, backend: clients)
            try scene.join(scene.answering(), to: workers, on: road)
            let req = try scene.req()
            try scene.join(req, to: clients, on: road)
            for number in 0..<50 { #expect(try scene.ask(req, "\(number)") == "re:\(number)") }
        }
    }

    @Test("PRX-03: publishers and subscribers are added at run time without affecting others", arguments: Road.allCases)
    func publishing(road: Road) throws {
        try withScene { scene in
            let (publishers, subscribers, _) = try scene.forwarder()
            var pubs: [PubSocket] = []
            var subs: [SubSocket] = []
            func addPublisher() throws {
                pubs.append(try scene.pub())
                try scene.join(pubs.last!, to: publishers, on: road)
                try scene.wait("its subscriptions") { subs.isEmpty || pubs.last!.topicCount == 1 }
            }
            func addSubscriber() throws {
                subs.append(try scene.sub(to: "a"))
                try scene.join(subs.last!, to: subscribers, on: road)
                try scene.wait(for: subs.count, subscribersOf: subscribers)
                for pub in pubs { try scene.wait(for: 1, subscribersOf: pub, to: "a") }
            }
            func publish() throws {
                for (number, pub) in pubs.enumerated() {
                    try pub.send("a\(number)")
                    try pub.send("b\(number)")
                }
                let expected = Set(pubs.indices.map { "a\($0)" })
                for sub in subs { #expect(try Set(scene.receive(pubs.count, sub)) == expected) }
            }
            for _ in 0..<2 { try addPublisher() }
            for _ in 0..<3 { try addSubscriber() }
            try publish()
            try addPublisher()
            try publish()
            try addSubscriber()
            try publish()
            for sub in subs { #expect(try scene.receiveAll(sub) == []) }
        }
    }

    @Test("PRX-04, PRX-08: subscriptions, cancellations and a subscriber's death reach the publisher behind the proxy")
    func subscriptionsPropagate() throws {
        try withTimedScene { scene in
            let (publishers, subscribers, proxy) = try scene.forwarder()
            let source = try scene.xpub()
            try scene.connect(source, to: publishers)
            // Without subscriptions nothing leaves the publisher.
            #expect(try source.send("weather") == .accepted)
            scene.settle()
            #expect(source.statistics.messagesSent == 0)

            let (first, second) = try (scene.sub(to: "weather"), scene.sub(to: "weather", "sports"))
            try scene.connect(first, to: subscribers)
            #expect(try scene.receive(source).text == "\u{1}weather")
            try scene.connect(second, to: subscribers)
            #expect(try scene.receive(source).text == "\u{1}sports")
            #expect(try source.send("weather 1") == .accepted)
            for sub in [first, second] { #expect(try scene.receive(sub).text == "weather 1") }

            try first.unsubscribe(from: "weather")
            try scene.wait("that") { subscribers.subscriberCount(to: "weather") == 1 }
            #expect(try scene.receiveAll(source) == [])
            try scene.close(second)
            #expect(try Set(scene.receive(2, source)) == ["\u{0}weather", "\u{0}sports"])
            #expect(proxy.statistics.backend.messagesReceived == 4)
            #expect(source.topicCount == 0)
        }
    }

    @Test("PRX-20: XPUB in front and XSUB behind, SUB and PUB, XSUB and PUB, SUB and XPUB")
    func otherWays() throws {
        try withScene { scene in
            func pass(_ front: Socket, _ back: Socket, topic: String) throws {
                let (source, sink) = try (scene.pub(), scene.sub(to: topic))
                let isTurned = front is XPubSocket
                try scene.join(source, to: isTurned ? back : front)
                try scene.join(sink, to: isTurned ? front : back)
                try scene.wait("subscriptions") { source.topicCount == 1 }
                try scene.wait(for: 1, subscribersOf: (isTurned ? front : back) as! PublishingSocket)
                for number in 0..<100 { try source.send("\(topic)\(number)") }
                #expect(try scene.receive(100, sink) == (0..<100).map { "\(topic)\($0)" })
            }
            let (xpub, xsub) = try (scene.xpub(), scene.xsub())
            try Proxy(frontend: xpub, backend: xsub)
            try pass(xpub, xsub, topic: "a")
            let (sub, pub) = try (scene.sub(to: "b"), scene.pub())
            try Proxy(frontend: sub, backend: pub)
            try pass(sub, pub, topic: "b")
            let (xsub2, pub2) = try (scene.xsub(to: ""), scene.pub())
            try Proxy(frontend: xsub2, backend: pub2)
            try pass(xsub2, pub2, topic: "c")
            let (sub2, xpub2) = try (scene.sub(to: ""), scene.xpub())
            try Proxy(frontend: sub2, backend: xpub2)
            try pass(sub2, xpub2, topic: "d")
            #expect(try xpub2.tryReceive() == nil)
        }
    }

    @Test("PRX-20: PULL and PUSH, each message to one consumer, in turn", arguments: Road.allCases)
    func tasks(road: Road) throws {
        try withScene { scene in
            let (producers, consumers, _) = try scene.streamer()
            let pulls = try (0..<3).map { _ in try scene.pull() }
            for pull in pulls { try scene.join(pull, to: consumers, on: road) }
            let push = try scene.push()
            try scene.join(push, to: producers, on: road)
            for number in 0..<300 { #expect(try push.send("\(number)") == .accepted) }
            for (worker, pull) in pulls.enumerated() {
                let numbers = try scene.receive(100, pull).map { Int($0)! }
                #expect(numbers.map { $0 % 3 } == Array(repeating: numbers[0] % 3, count: 100), "worker \(worker)")
            }
        }
    }

    @Test("PAIR and PAIR, DEALER and DEALER", arguments: [Road.tcp, .inproc])
    func pairs(road: Road) throws {
        try withScene { scene in
            func pass(_ a: some SendingSocket & ReceivingSocket, _ b: some SendingSocket & ReceivingSocket) throws {
                for number in 0..<200 {
                    #expect(try a.send(["\(number)", "", "there"]) == .accepted)
                    #expect(try b.send(["\(number)", "", "back"]) == .accepted)
                }
                #expect(try scene.receive(200, b) == (0..<200).map { "\($0)||there" })
                #expect(try scene.receive(200, a) == (0..<200).map { "\($0)||back" })
            }
            let pairs = try (0..<4).map { _ in try scene.pair() }
            try Proxy(frontend: pairs[1], backend: pairs[2])
            try scene.join(pairs[0], to: pairs[1], on: road)
            try scene.join(pairs[3], to: pairs[2], on: road)
            try pass(pairs[0], pairs[3])
            let dealers = try (0..<4).map { _ in try scene.dealer() }
            try Proxy(frontend: dealers[1], backend: dealers[2])
            try scene.join(dealers[0], to: dealers[1], on: road)
            try scene.join(dealers[3], to: dealers[2], on: road)
            try pass(dealers[0], dealers[3])
        }
    }
}
