import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Proxies between transports, networks and threads.
@Suite(.hangLimit)
struct ProxyBridgeTests {
    @Test("RAW-05: a bridge from plain tcp to a service that speaks ZMTP")
    func plainTCP() throws {
        try withScene { scene in
            let stream = try scene.stream()
            let services = try scene.dealer()
            try Proxy(frontend: stream, backend: services)
            // The service gets the sender's id, and replies to it; connecting and disconnecting are empty messages.
            let service = scene.track(
                try DealerSocket(on: scene.reactor, in: scene.context) { socket, message in
                    guard !message[1].isEmpty else { return }
                    _ = try? socket.send([message[0], Frame(message[1].string.uppercased().utf8)])
                }
            )
            try scene.join(service, to: services, on: .tcp)
            let endpoint = try stream.bind(anyPort)
            let peers = try (0..<3).map { _ in try RawPeer(endpoint) }
            for (number, peer) in peers.enumerated() { peer.send(bytes("hello \(number)")) }
            for (number, peer) in peers.enumerated() {
                try scene.wait("the answer") {
                    peer.poll()
                    return peer.received.count >= 7
                }
                #expect(peer.received == bytes("HELLO \(number)"))
            }
        }
    }

    @Test(
        "BRG-03, BRG-04: a subscriber outside receives what is published inside",
        arguments: [Road.ipc, .inproc]
    )
    func transports(inner: Road) throws {
        try withScene { scene in
            let (front, back) = try (scene.sub(to: "10001"), scene.pub())
            try Proxy(frontend: front, backend: back)
            let (publisher, subscriber) = try (scene.pub(), scene.sub(to: "10001"))
            try front.connect(publisher.bind(inner.endpoint))
            try scene.connect(subscriber, to: back)
            try scene.wait("subscriptions") { publisher.topicCount == 1 && back.topicCount == 1 }
            for number in 0..<500 {
                try publisher.send("10001 \(number)")
                try publisher.send("10002 \(number)")
            }
            #expect(try scene.receive(500, subscriber) == (0..<500).map { "10001 \($0)" })
            #expect(try scene.receiveAll(subscriber) == [])
        }
    }

    @Test("a proxy on a thread of its own, made there with its sockets")
    func ownThread() throws {
        try withScene { scene in
            let (front, back, context) = (Unique.inprocEndpoint(), Unique.inprocEndpoint(), scene.context)
            let broker = try Reactor.start(named: "broker") { reactor in
                let clients = try RouterSocket(on: reactor, in: context)
                let workers = try DealerSocket(on: reactor, in: context)
                try clients.bind(front)
                try workers.bind(back)
                try Proxy(frontend: clients, backend: workers)
            }
            try scene.answering().connect(back)
            let req = try scene.req()
            try req.connect(front)
            for number in 0..<200 { #expect(try scene.ask(req, "\(number)") == "re:\(number)") }
            var isOver = false
            let handle = scene.reactor.handle
            context.terminate { _ in _ = handle.submit { _ in } }
            try scene.wait("the end") {
                isOver = ContextMembers.of(scene.reactor).members(of: context).isEmpty
                return isOver
            }
            broker.stop()
            broker.join()
        }
    }

    @Test(
        "MUL-10: messages of 1 to 1,000 frames, empty, binary and large ones, pass unchanged",
        arguments: Road.allCases
    )
    func anyMessage(road: Road) throws {
        var messages: [Message] = [1, 2, 3, 10, 100, 999, 1000].map { count in
            Message(frames: (0..<count).map { Frame(Pattern.bytes($0 * 7 % 300, seed: $0)) })
        }
        messages += [Message(), ["", "", ""], Message(Array(0...255) + Array(0...255))]
        for size in [254, 255, 256, 8191, 8192, 8193, 65_536, 1_000_000] {
            messages.append(["", Frame(Pattern.bytes(size, seed: size)), "end", Frame(Pattern.bytes(size, seed: 1))])
        }
        try withScene { scene in
            let (producers, consumers, _) = try scene.streamer()
            let (push, pull) = try (scene.push(), scene.pull())
            try scene.join(push, to: producers, on: road)
            try scene.join(pull, to: consumers, on: road)
            let (clients, workers, _) = try scene.queue()
            let (client, worker) = try (scene.dealer(), scene.dealer())
            try scene.join(client, to: clients, on: road)
            try scene.join(worker, to: workers, on: road)
            let (publishers, subscribers, _) = try scene.forwarder()
            let (pub, sub) = try (scene.pub(), scene.sub(to: "", "x"))
            try scene.join(pub, to: publishers, on: road)
            try scene.join(sub, to: subscribers, on: road)
            try scene.wait("the subscriptions") { pub.topicCount == 2 }
            for message in messages {
                #expect(try push.send(message) == .accepted)
                #expect(try client.send(message) == .accepted)
                try pub.send(message)
            }
            for message in messages {
                #expect(try scene.receive(pull).hasSameBytes(as: message))
                #expect(try scene.receive(sub).hasSameBytes(as: message))
                let request = try scene.receive(worker)
                #expect(request.dropFirst()!.hasSameBytes(as: message))
                #expect(try worker.send(request) == .accepted)
                #expect(try scene.receive(client).hasSameBytes(as: message))
            }
        }
    }

    @Test(
        "ALL-4, PRX-20: 100,000 messages of three senders, none lost and each sender's in order",
        arguments: Road.allCases
    )
    func order(road: Road) throws {
        try withScene { scene in
            let (producers, consumers, proxy) = try scene.streamer()
            var next = [0, 0, 0]
            var disorder = 0
            let pull = try scene.pull { _, message in
                guard let message = NumberedMessage(message[0]), message.number == next[message.stream] else {
                    return disorder += 1
                }
                next[message.stream] += 1
            }
            try scene.join(pull, to: consumers, on: road)
            let pushes = try (0..<3).map { _ in try scene.push() }
            for push in pushes { try scene.join(push, to: producers, on: road) }
            var sent = [0, 0, 0]
            let each = 33_334
            try scene.run(
                until: {
                    for (stream, push) in pushes.enumerated() {
                        while sent[stream] < each,
                            try push.send(NumberedMessage(stream: stream, number: sent[stream]).bytes()) == .accepted
                        { sent[stream] += 1 }
                    }
                    return next == [each, each, each] || disorder > 0
                },
                "all to arrive",
                within: .seconds(60)
            )
            #expect(disorder == 0)
            #expect(proxy.statistics.backend.bytesSent == 3 * each * NumberedMessage.minimumSize)
        }
    }
}
