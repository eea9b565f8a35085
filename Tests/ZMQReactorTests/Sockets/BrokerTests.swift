import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// REQ–ROUTER–DEALER–REP chains, and many peers on one ROUTER.
@Suite(.hangLimit)
struct BrokerTests {
    @Test("PRX-14, CMB-02: each client gets its own replies, each worker sees the body only")
    func chain() throws {
        try withScene { scene in
            let broker = try Broker(scene)
            var bodies: [Int] = []
            for _ in 0..<3 {
                let worker = try scene.rep {
                    bodies.append($1.count); $2.send($1)
                }
                try scene.connect(worker, to: broker.workers)
            }
            let outcomes = (0..<10).map { _ in Recorder() }
            for (number, outcome) in outcomes.enumerated() {
                let req = try scene.req()
                try scene.connect(req, to: broker.clients)
                func ask(_ round: Int) {
                    _ = try? req.request("\(number):\(round)") {
                        outcome.add($0)
                        if round < 20 { ask(round + 1) }
                    }
                }
                ask(1)
            }
            try scene.wait("all") { outcomes.allSatisfy { $0.texts.count == 20 } }
            for (number, outcome) in outcomes.enumerated() {
                #expect(outcome.texts == (1...20).map { "\(number):\($0)" })
            }
            #expect(bodies == Array(repeating: 1, count: 200))
        }
    }

    @Test(
        "PRX-14, REP-4, REP-9: through two brokers, one behind the other, and with correlated requests",
        arguments: [true, false]
    )
    func twoBrokers(correlates: Bool) throws {
        try withScene { scene in
            let (front, back) = try (Broker(scene), Broker(scene))
            try scene.connect(front.workers, to: back.clients)
            try scene.connect(scene.rep { $2.send($1) }, to: back.workers)
            let clients = try (0..<5).map { _ in try scene.req() }
            for client in clients {
                client.correlatesReplies = correlates
                try scene.connect(client, to: front.clients)
            }
            for (number, client) in clients.enumerated() {
                #expect(try client.send(["\(number)", "", "x"]) == .accepted)
            }
            for (number, client) in clients.enumerated() { #expect(try scene.receive(client).text == "\(number)||x") }
        }
    }

    @Test("PRX-11: clients and workers connect and disconnect, and those connected are served")
    func churn() throws {
        try withScene { scene in
            let broker = try Broker(scene)
            var workers: [RepSocket] = []
            for round in 0..<20 {
                let worker = try scene.answering("w\(round)")
                try scene.connect(worker, to: broker.workers)
                workers.append(worker)
                if workers.count > 2 {
                    try scene.close(workers.removeFirst())
                    try scene.wait("it to go") { broker.workers.peerCount == 2 }
                }
                let client = try scene.req()
                try scene.connect(client, to: broker.clients)
                for number in 0..<3 { #expect(try scene.ask(client, "\(number)").hasSuffix(":\(number)")) }
                try scene.close(client)
                try scene.wait("it to go") { broker.clients.peerCount == 0 }
            }
            #expect(broker.clients.statistics.messagesDropped == 0)
        }
    }

    @Test("PRX-15: without workers requests wait in the sockets' queues, and are served when workers return")
    func workersReturn() throws {
        try withTimedScene { scene in
            let broker = try Broker(scene)
            let clients = try (0..<5).map { _ in try scene.req() }
            for (number, client) in clients.enumerated() {
                try scene.connect(client, to: broker.clients)
                #expect(try client.send("\(number)") == .accepted)
            }
            try scene.wait("the requests") { broker.clients.statistics.messagesReceived == 5 }
            #expect(try scene.receiveAll(clients[0]) == [])
            try scene.connect(scene.answering(), to: broker.workers)
            for (number, client) in clients.enumerated() { #expect(try scene.receive(client) == "re:\(number)") }
        }
    }

    @Test("PRX-16: requests spread evenly over equal workers, within one")
    func even() throws {
        try withScene { scene in
            let broker = try Broker(scene)
            var counts = [0, 0, 0, 0]
            for worker in counts.indices {
                let rep = try scene.rep {
                    counts[worker] += 1
                    $2.send($1)
                }
                try scene.connect(rep, to: broker.workers)
            }
            let dealer = try scene.dealer()
            try scene.connect(dealer, to: broker.clients)
            for number in 0..<402 { #expect(try dealer.send(["", "\(number)"]) == .accepted) }
            #expect(try Set(scene.receive(402, dealer)).count == 402)
            #expect(counts.allSatisfy { $0 == 100 || $0 == 101 })
        }
    }

    @Test("RTR-1, RTR-9, RTR-12: a thousand DEALERs on one ROUTER, each gets its own replies")
    func aThousandPeers() async {
        // In its own process, so that it may use the descriptors.
        await #expect(processExitsWith: .success) {
            try raiseDescriptorLimit(to: 4096)
            try serveAThousandPeers()
        }
    }
}

private func serveAThousandPeers() throws {
    try withScene { scene in
        var served: [Frame: Int] = [:]
        let router = try scene.router {
            served[$1[0], default: 0] += 1
            _ = try? $0.send($1)
        }
        let endpoint = try router.bind(anyPort)
        let inboxes = (0..<1000).map { _ in Recorder() }
        let dealers = try inboxes.map { inbox in
            scene.track(
                try DealerSocket(on: scene.reactor, in: scene.context, options: Scene.options { _ in }) {
                    inbox.add($1)
                }
            )
        }
        for (number, dealer) in dealers.enumerated() {
            if number % 2 == 0 { try dealer.setRoutingID("dealer \(number)") }
            try dealer.connect(endpoint)
        }
        try scene.run(until: { router.peerCount == 1000 }, "1,000 handshakes", within: .seconds(30))
        for round in 0..<3 {
            for (number, dealer) in dealers.enumerated() { _ = try dealer.send(["\(number)", "", "\(round)"]) }
        }
        try scene.run(until: { inboxes.allSatisfy { $0.count == 3 } }, "3,000 answers", within: .seconds(30))
        for (number, inbox) in inboxes.enumerated() where inbox.texts != (0..<3).map({ "\(number)||\($0)" }) {
            throw TestFailure("dealer \(number) has received \(inbox.texts)")
        }
        guard served.count == 1000, served.values.allSatisfy({ $0 == 3 }), served["dealer 998"] == 3 else {
            throw TestFailure("\(served.count) were served")
        }
        guard router.statistics.messagesDropped == 0 else { throw TestFailure("some were dropped") }
    }
}
