import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Proxies with one side slower than the other.
@Suite(.hangLimit)
struct ProxyPressureTests {
    /// Sends until nothing more is accepted when everything has settled; returns the number of messages.
    private func fill(_ scene: Scene, _ send: (Int) throws -> SendResult) throws -> Int {
        var (sent, last) = (0, -1)
        while last != sent {
            last = sent
            while sent < 100_000, try send(sent) == .accepted { sent += 1 }
            scene.settle()
        }
        return sent
    }

    @Test("PRX-23: a consumer that receives nothing stops the producer at exactly the sum of the high-water marks")
    func exactSum() throws {
        try withScene { scene in
            let (producers, consumers) = try (
                scene.pull { $0.receiveHighWaterMark = 5 }, scene.push { $0.sendHighWaterMark = 7 }
            )
            let proxy = try Proxy(frontend: producers, backend: consumers)
            let (push, pull) = try (
                scene.push { $0.sendHighWaterMark = 3 }, scene.pull { $0.receiveHighWaterMark = 11 }
            )
            try scene.join(push, to: producers)
            try scene.join(pull, to: consumers)
            // One at a time: a PUSH that was full is writable when half of it is free.
            var sent = 0
            while try push.send("\(sent)") == .accepted {
                sent += 1
                for _ in 0..<10 { scene.reactor.run(.nowait) }
            }
            #expect(sent == 3 + 5 + 7 + 11)
            #expect(proxy.statistics.backend.messagesSent == 7 + 11)
            // Then everything continues, and nothing was lost.
            var received = 0
            try scene.wait("500 messages") {
                while try push.send("\(sent)") == .accepted { sent += 1 }
                while let message = try pull.tryReceive() {
                    #expect(message.text == "\(received)")
                    received += 1
                }
                return received >= 500
            }
        }
    }

    @Test("PRX-23: over tcp a full backend stops the reading of the frontend, and nothing is lost")
    func overTCP() throws {
        try withScene { scene in
            let (producers, consumers, proxy) = try scene.streamer {
                $0.receiveHighWaterMark = 10
                $0.sendHighWaterMark = 10
            }
            let (push, pull) = try (
                scene.push { $0.sendHighWaterMark = 10 }, scene.pull { $0.receiveHighWaterMark = 10 }
            )
            try scene.connect(push, to: producers)
            try scene.connect(pull, to: consumers)
            let body = [UInt8](repeating: 1, count: 50_000)
            let sent = try fill(scene) { try push.send(NumberedMessage(number: $0).bytes() + body) }
            // A queue that was full is read into again when it is half empty.
            let waiting = producers.statistics.messagesReceived - proxy.statistics.frontend.messagesReceived
            #expect((6...10).contains(waiting), "\(waiting) messages wait")
            var received = 0
            try scene.wait("all of them") {
                while let message = try pull.tryReceive() {
                    #expect(NumberedMessage(message[0])?.number == received)
                    received += 1
                }
                return received == sent
            }
        }
    }

    @Test("PRX-15, PRX-23: without workers requests wait in the sockets' queues; they are served when workers connect")
    func noWorkers() throws {
        try withScene { scene in
            let (clients, workers, _) = try scene.queue { $0.receiveHighWaterMark = 20 }
            let dealer = try scene.dealer { $0.sendHighWaterMark = 30 }
            try scene.join(dealer, to: clients)
            let sent = try fill(scene) { try dealer.send(["", "\($0)"]) }
            #expect(sent == 20 + 30)
            try scene.join(scene.answering(), to: workers)
            #expect(try scene.receive(sent, dealer) == (0..<sent).map { "|re:\($0)" })
        }
    }

    @Test("PRX-11, PRX-16: clients and workers connect and disconnect, and requests are spread evenly within one")
    func churn() throws {
        try withScene { scene in
            let (clients, workers, _) = try scene.queue()
            for round in 0..<10 {
                var counts = [0, 0, 0, 0]
                let reps = try counts.indices.map { worker in
                    try scene.rep {
                        counts[worker] += 1
                        $2.send($1)
                    }
                }
                for rep in reps { try scene.join(rep, to: workers) }
                let dealer = try scene.dealer()
                try scene.join(dealer, to: clients)
                for number in 0..<101 { #expect(try dealer.send(["", "\(number)"]) == .accepted) }
                #expect(try Set(scene.receive(101, dealer)).count == 101, "round \(round)")
                #expect(counts.allSatisfy { $0 == 25 || $0 == 26 })
                for socket in reps + [dealer] { try scene.close(socket) }
                try scene.wait("them to go") { workers.peerCount == 0 && clients.peerCount == 0 }
            }
        }
    }

    @Test(
        "PRX-23: a subscriber that receives nothing misses messages, another one gets all of them",
        arguments: ["", "a"]
    )
    func slowSubscriber(topic: String) throws {
        try withScene { scene in
            let (publishers, subscribers, _) = try scene.forwarder()
            let slow = try scene.sub(to: topic, change: { $0.receiveHighWaterMark = 10 })
            var received = 0
            let quick = try scene.sub { _, message in
                #expect(message.text == "a\(received)")
                received += 1
            }
            try quick.subscribe(to: topic)
            let pub = try scene.pub()
            for sub in [slow, quick] { try scene.join(sub, to: subscribers) }
            try scene.join(pub, to: publishers)
            try scene.wait("the subscription") { pub.topicCount == 1 && subscribers.subscriberCount == 2 }
            var sent = 0
            try scene.wait("5,000 messages") {
                // No faster than the fast one receives them, so that the publisher's own queue drops nothing.
                for _ in 0..<100 where sent < 5000 && sent - received < 500 {
                    try pub.send("a\(sent)")
                    sent += 1
                }
                return received == 5000
            }
            #expect(subscribers.statistics.messagesDropped == 5000 - 1010)
        }
    }

    @Test("PRX-23: an XPUB that waits stops the publisher at exactly the sum of the marks", arguments: ["", "a"])
    func waitingForSubscribers(topic: String) throws {
        try withScene { scene in
            let (publishers, subscribers, _) = try scene.forwarder {
                $0.receiveHighWaterMark = 5
                $0.sendHighWaterMark = 7
            }
            subscribers.blocksWhenFull = true
            let sub = try scene.sub(to: topic, change: { $0.receiveHighWaterMark = 11 })
            let pub = try scene.xpub { $0.sendHighWaterMark = 3 }
            pub.blocksWhenFull = true
            try scene.join(sub, to: subscribers)
            try scene.join(pub, to: publishers)
            try scene.wait("the subscription") { pub.topicCount == 1 }
            let sent = try fill(scene) { try pub.send("a\($0)") }
            #expect(sent == 3 + 5 + 7 + 11)
            #expect(try scene.receive(sent, sub) == (0..<sent).map { "a\($0)" })
            #expect(pub.statistics.messagesDropped + subscribers.statistics.messagesDropped == 0)
        }
    }

    @Test("PRX-23: replies for a client that receives none are dropped, or queued when the ROUTER is mandatory")
    func slowClient() throws {
        try withScene { scene in
            for isMandatory in [false, true] {
                let (clients, workers, proxy) = try scene.queue {
                    $0.receiveHighWaterMark = 5
                    $0.sendHighWaterMark = 5
                }
                clients.isMandatory = isMandatory
                let (slow, other) = try (scene.dealer { $0.receiveHighWaterMark = 5 }, scene.dealer())
                for (name, client) in [("slow", slow), ("other", other)] {
                    try client.setRoutingID(name)
                    try scene.join(client, to: clients)
                }
                let worker = try scene.dealer { $0.sendHighWaterMark = 5 }
                try scene.join(worker, to: workers)
                let limit = 1000
                let sent = try fill(scene) { $0 < limit ? try worker.send(["slow", "\($0)"]) : .wouldBlock }
                #expect(sent == (isMandatory ? 5 + 5 + 5 + 5 : limit))
                #expect(clients.statistics.messagesDropped == (isMandatory ? 0 : limit - 10))
                // It disconnects, and its queued replies are dropped.
                try scene.close(slow)
                try scene.wait("room") { try worker.send(["other", "hello"]) == .accepted }
                #expect(try scene.receive(other).text == "hello")
                #expect(proxy.statistics.backend.messagesReceived == sent + 1)
            }
        }
    }

    @Test("PRX-23: a busy proxy does not delay another one on the same reactor")
    func fairness() throws {
        try withScene { scene in
            let unlimited: Scene.Change = {
                $0.receiveHighWaterMark = 0
                $0.sendHighWaterMark = 0
            }
            let busy = try scene.streamer(unlimited)
            let quiet = try scene.streamer(unlimited)
            let (busyPush, quietPush) = try (scene.push(unlimited), scene.push(unlimited))
            let (busyPull, quietPull) = try (scene.pull(unlimited), scene.pull(unlimited))
            for (client, server) in [(busyPush, busy.producers), (quietPush, quiet.producers)] {
                try scene.join(client, to: server)
            }
            for (client, server) in [(busyPull, busy.consumers), (quietPull, quiet.consumers)] {
                try scene.join(client, to: server)
            }
            busy.proxy.pause()
            for _ in 0..<20_000 { #expect(try busyPush.send("x") == .accepted) }
            try scene.wait("the flood") { busy.producers.statistics.messagesReceived == 20_000 }
            busy.proxy.resume()
            #expect(try quietPush.send("y") == .accepted)
            #expect(try scene.receive(quietPull) == "y")
            #expect(busy.proxy.statistics.frontend.messagesReceived < 20_000)
            try scene.wait("the rest") { busyPull.statistics.messagesReceived == 20_000 }
        }
    }
}
