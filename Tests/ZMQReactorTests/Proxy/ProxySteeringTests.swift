import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Pausing, stopping and querying a proxy, and its end.
@Suite(.hangLimit)
struct ProxySteeringTests {
    @Test("PRX-22: messages that arrive during a pause are queued, and forwarded first")
    func pausing() throws {
        try withScene { scene in
            let (producers, consumers, proxy) = try scene.streamer()
            let (push, pull) = try (scene.push(), scene.pull())
            try scene.join(push, to: producers)
            try scene.join(pull, to: consumers)
            for round in 0..<5 {
                proxy.pause()
                #expect(proxy.isPaused)
                for number in 0..<10 { #expect(try push.send("\(round)\(number)") == .accepted) }
                try scene.wait("them") { producers.statistics.messagesReceived == 10 * round + 10 }
                #expect(try scene.receiveAll(pull) == [])
                proxy.resume()
                #expect(try scene.receive(10, pull) == (0..<10).map { "\(round)\($0)" })
            }
        }
    }

    @Test("PRX-22: stopped and started again and again, a proxy loses nothing and keeps the order")
    func restarting() throws {
        try withScene { scene in
            let small: Scene.Change = {
                $0.receiveHighWaterMark = 50
                $0.sendHighWaterMark = 50
            }
            var (producers, consumers, proxy) = try scene.streamer(small)
            let (push, pull) = try (scene.push(small), scene.pull(small))
            try scene.join(push, to: producers, on: .tcp)
            try scene.join(pull, to: consumers, on: .inproc)
            var (sent, received, passed) = (0, 0, 0)
            func turn() throws {
                for _ in 0..<30 where try push.send("\(sent)") == .accepted { sent += 1 }
                for _ in 0..<25 {
                    guard let message = try pull.tryReceive() else { break }
                    #expect(message.text == "\(received)")
                    received += 1
                }
                scene.reactor.run(.nowait)
            }
            for _ in 0..<50 {
                let goal = sent + 25
                while sent < goal { try turn() }
                var statistics: Proxy.Statistics?
                proxy.stop { statistics = $0 }
                #expect(statistics == nil)
                for _ in 0..<5 { try turn() }
                try scene.wait("the end") { statistics != nil }
                passed += statistics!.backend.messagesSent
                proxy = try Proxy(frontend: producers, backend: consumers)
            }
            try scene.wait("the rest") {
                while let message = try pull.tryReceive() {
                    #expect(message.text == "\(received)")
                    received += 1
                }
                return received == sent
            }
            #expect(sent > 1000)
            #expect(passed + proxy.statistics.backend.messagesSent == sent)
        }
    }

    @Test("PRX-22: after the stop the sockets can be used directly")
    func stopped() throws {
        try withTimedScene { scene in
            let (clients, workers, proxy) = try scene.queue()
            var ends: [String] = []
            proxy.onEnd = { ends.append("\($1)") }
            let (dealer, worker) = try (scene.dealer(), scene.dealer())
            try scene.join(dealer, to: clients)
            try scene.join(worker, to: workers)
            proxy.stop()
            #expect(try dealer.send("a") == .accepted)
            let message = try scene.receive(clients)
            #expect(message.count == 2 && message.last == "a")
            #expect(try workers.send(message) == .accepted)
            #expect(try scene.receive(worker) == message)
            #expect(ends == ["stopped"])
            proxy.stop()
            scene.settle()
            #expect(ends.count == 1)
        }
    }

    @Test("PRX-22: a proxy ends when one of its sockets is closed, and reports which; the other one stays open")
    func closing() throws {
        try withScene { scene in
            for closesFrontend in [true, false] {
                let (producers, consumers, proxy) = try scene.streamer()
                var closed: Socket?
                proxy.onEnd = { if case .closed(let socket) = $1 { closed = socket } }
                try scene.close(closesFrontend ? producers : consumers)
                try scene.wait("the end") { closed != nil }
                #expect(closed === (closesFrontend ? producers : consumers))
                let other: Socket = closesFrontend ? consumers : producers
                #expect(!other.isClosed && other.consumer == nil)
            }
        }
    }

    @Test("PRX-22: a proxy ends when the context is terminated")
    func termination() throws {
        try withScene { scene in
            let (_, _, proxy) = try scene.queue()
            var isTerminated = false
            proxy.onEnd = { if case .terminated = $1 { isTerminated = true } }
            scene.context.terminate()
            try scene.wait("the end") { isTerminated }
        }
    }

    @Test("a proxy lives as long as its sockets, with or without a reference to it")
    func lifetime() throws {
        try withTimedScene { scene in
            weak var proxy: Proxy?
            let (producers, consumers) = try (scene.pull(), scene.push())
            func start() throws {
                let made = try Proxy(frontend: producers, backend: consumers)
                proxy = made
            }
            try start()
            scene.settle()
            #expect(proxy != nil)
            proxy?.stop()
            try scene.wait("its end") { proxy == nil }
        }
    }

    @Test("PRX-22: messages and bytes are counted exactly, routing ids included")
    func statistics() throws {
        try withScene { scene in
            let (clients, workers, proxy) = try scene.queue()
            let dealer = try scene.dealer(named: "client", to: clients)
            let worker = try scene.dealer()
            try scene.join(worker, to: workers)
            for number in 0..<100 {
                #expect(try dealer.send(["", "abc", Frame([UInt8](repeating: 1, count: number * 10))]) == .accepted)
            }
            try scene.wait("all") { proxy.statistics.frontend.messagesReceived == 100 }
            #expect(try worker.send(["client", "x"]) == .accepted)
            #expect(try scene.receive(dealer) == "x")
            let statistics = proxy.statistics
            let bytes = (0..<100).reduce(0) { $0 + 6 + 3 + $1 * 10 }
            #expect(statistics.frontend.bytesReceived == bytes)
            #expect(statistics.backend.messagesSent == 100 && statistics.backend.bytesSent == bytes)
            #expect(statistics.backend.messagesReceived == 1 && statistics.backend.bytesReceived == 7)
            #expect(statistics.frontend.messagesSent == 1 && statistics.frontend.bytesSent == 7)
        }
    }
}
