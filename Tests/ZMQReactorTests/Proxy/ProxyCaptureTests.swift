import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// The socket that captures everything.
@Suite(.hangLimit)
struct ProxyCaptureTests {
    private let requests: [Message] = [
        ["", "one"], ["", "", "two", ""], ["", Frame([0, 255, 10])], ["", Frame([UInt8](repeating: 3, count: 20_000))],
    ]

    @Test("PRX-19: every message of both directions, all frames", arguments: [SocketType.push, .pub, .dealer, .pair])
    func everything(type: SocketType) throws {
        try withScene { scene in
            let (capture, listener): (Socket, any ReceivingSocket) =
                switch type {
                case .push: try (scene.push(), scene.pull())
                case .pub: try (scene.pub(), scene.sub(to: ""))
                case .dealer: try (scene.dealer(), scene.dealer())
                default: try (scene.pair(), scene.pair())
                }
            let (clients, workers, proxy) = try scene.queue(capture: capture)
            try scene.join(listener, to: capture)
            if let pub = capture as? PubSocket { try scene.wait("the subscription") { pub.topicCount == 1 } }
            let client = try scene.dealer(named: "client", to: clients)
            let worker = try scene.dealer()
            try scene.join(worker, to: workers)
            var bytes = 0
            for request in requests {
                #expect(try client.send(request) == .accepted)
                let arrived = try scene.receive(worker)
                #expect(arrived == Message(frames: ["client"] + Array(request)))
                #expect(try worker.send(arrived) == .accepted)
                #expect(try scene.receive(client) == request)
                for _ in 0..<2 { #expect(try scene.receive(listener) == arrived) }
                bytes += arrived.byteCount
            }
            #expect(proxy.statistics.messagesCaptured == 8 && proxy.statistics.captureDropped == 0)
            #expect(proxy.statistics.frontend.bytesReceived == bytes)
        }
    }

    @Test("PRX-19: subscriptions and cancellations are captured, in the order in which they pass")
    func subscriptions() throws {
        try withScene { scene in
            let (capture, listener) = try (scene.push(), scene.pull())
            try scene.join(listener, to: capture)
            let (publishers, subscribers, _) = try scene.forwarder(capture: capture)
            let (pub, sub) = try (scene.pub(), scene.sub(to: "a"))
            try scene.join(pub, to: publishers)
            try scene.join(sub, to: subscribers)
            try scene.wait("the subscription") { pub.topicCount == 1 }
            for number in 0..<10 { try pub.send("a\(number)") }
            _ = try scene.receive(10, sub)
            try sub.unsubscribe(from: "a")
            #expect(
                try scene.receive(12, listener) == ["\u{1}a"] + (0..<10).map { "a\($0)" } + ["\u{0}a"]
            )
        }
    }

    @Test("PRX-19: a capture socket without room misses messages, which are counted, and stalls no other socket")
    func fullCapture() throws {
        try withScene { scene in
            let capture = try scene.push { $0.sendHighWaterMark = 5 }
            let (producers, consumers, proxy) = try scene.streamer(capture: capture)
            let (push, pull) = try (scene.push(), scene.pull())
            try scene.join(push, to: producers)
            try scene.join(pull, to: consumers)
            let listener = try scene.pull { $0.receiveHighWaterMark = 5 }
            try scene.join(listener, to: capture)
            for number in 0..<500 { #expect(try push.send("\(number)") == .accepted) }
            #expect(try scene.receive(500, pull) == (0..<500).map { "\($0)" })
            #expect(proxy.statistics.captureDropped == 490)
            #expect(try scene.receiveAll(listener) == (0..<10).map { "\($0)" })
            // Closing it affects no other socket.
            try scene.close(capture)
            #expect(proxy.capture == nil && proxy.end == nil)
            #expect(try push.send("more") == .accepted)
            #expect(try scene.receive(pull) == "more")
        }
    }
}
