#if Metrics
    import Foundation
    import Metrics
    import MetricsTestKit
    import Testing
    import ZMQReactor
    import ZMQReactorMetrics
    import ZMQReactorTesting

    /// In virtual time; what the backend's thread has been given is awaited with `flush`.
    @Suite struct MetricsPublisherTests {
        private let backend = TestMetrics()

        private func dimensions(_ type: String, _ more: (String, String)...) -> [(String, String)] {
            [("messaging.system", "zeromq"), ("zmq.socket.type", type)] + more
        }

        /// The sum of what a counter has been incremented by; 0 if there is none.
        private func total(_ label: String, _ type: String, _ more: (String, String)...) -> Int64 {
            let dimensions = [("messaging.system", "zeromq"), ("zmq.socket.type", type)] + more
            return (try? backend.expectCounter(label, dimensions).totalValue) ?? 0
        }

        @Test func messagesAndBytes() throws {
            try withTestScene { scene in
                let metrics = try MetricsPublisher(every: .seconds(10), to: backend)
                metrics.publish(scene.context)
                let pull = try PullSocket(on: scene.reactor, in: scene.context) { _, _ in }
                let push = try PushSocket(on: scene.reactor, in: scene.context)
                try pull.bind("memory://orders")
                try push.connect("memory://orders")
                func send(_ count: Int) throws {
                    for _ in 0..<count { #expect(try push.send("text") == .accepted) }
                }
                try send(3)
                scene.run(for: .seconds(11))
                metrics.flush()
                let (sent, received) = ("messaging.client.sent.messages", "messaging.client.consumed.messages")
                #expect(total(sent, "PUSH", ("messaging.operation.name", "send")) == 3)
                #expect(total(received, "PULL", ("messaging.operation.name", "receive")) == 3)
                #expect(total("zmq.socket.sent.bytes", "PUSH") == Int64(push.statistics.bytesSent))
                #expect(total("zmq.socket.received.bytes", "PULL") == Int64(pull.statistics.bytesReceived))
                #expect(total("zmq.socket.made.connections", "PULL") == 1)
                #expect(try backend.expectMeter("zmq.socket.connections", dimensions("PULL")).lastValue == 1)

                try send(2)
                scene.run(for: .seconds(10))
                metrics.flush()
                #expect(total(sent, "PUSH", ("messaging.operation.name", "send")) == 5)
                let counter = try backend.expectCounter(
                    sent,
                    dimensions("PUSH", ("messaging.operation.name", "send"))
                )
                #expect(counter.values == [3, 2])

                // The last reading is published when a socket is closed.
                try send(1)
                try scene.run(until: { pull.statistics.messagesReceived == 6 })
                push.close()
                try scene.run(until: { pull.peerCount == 0 })
                metrics.flush()
                #expect(total(sent, "PUSH", ("messaging.operation.name", "send")) == 6)
                #expect(try backend.expectMeter("zmq.socket.connections", dimensions("PUSH")).lastValue == 0)
            }
        }

        @Test func dropsQueuesAndRefusals() throws {
            try withTestScene { scene in
                let metrics = try MetricsPublisher(every: .seconds(1), to: backend)
                let router = try RouterSocket(on: scene.reactor, in: scene.context)
                let push = try PushSocket(on: scene.reactor, in: scene.context)
                let other = try PushSocket(on: scene.reactor, in: scene.context)
                metrics.publish(router, named: "broker")
                metrics.publish(push)
                metrics.publish(other)
                try router.bind("memory://broker")
                for _ in 0..<7 { _ = try router.send(Message(texts: ["nobody", "text"])) }
                #expect(try push.send("no peer") == .wouldBlock)
                try push.configure { $0.linger = .none }
                try other.configure { $0.linger = .none }
                try push.connect("memory://nobody")
                try other.connect("memory://nobody")
                for socket in [push, push, other] { #expect(try socket.send("waits") == .accepted) }
                scene.run(for: .milliseconds(1500))
                metrics.flush()
                let name = ("messaging.destination.name", "broker")
                let reason = ("zmq.drop.reason", "no-such-peer")
                #expect(total("zmq.socket.dropped.messages", "ROUTER", name, reason) == 7)
                #expect(total("zmq.socket.refused.sends", "PUSH") == 1)
                // Sockets of one group are one.
                #expect(try backend.expectMeter("zmq.socket.queued.messages", dimensions("PUSH")).lastValue == 3)
            }
        }

        @Test func handshakesAndReconnects() throws {
            try withTestScene { scene in
                let metrics = try MetricsPublisher(every: .seconds(1), to: backend)
                metrics.publish(scene.context)
                let pull = try PullSocket(on: scene.reactor, in: scene.context)
                try pull.bind("memory://orders")
                let wrong = try SubSocket(on: scene.reactor, in: scene.context)
                try wrong.connect("memory://orders")
                let push = try PushSocket(on: scene.reactor, in: scene.context)
                try push.connect("memory://orders")
                try scene.run(until: { push.peerCount == 1 && pull.statistics.handshakeFailures > 0 })
                try pull.unbind("memory://orders")
                for connection in scene.network.connections { connection.reset() }
                try scene.run(until: { push.peerCount == 0 })
                try pull.bind("memory://orders")
                try scene.run(until: { push.peerCount == 1 })
                scene.run(for: .seconds(2))
                metrics.flush()
                #expect(total("zmq.socket.failed.handshakes", "PULL") == Int64(pull.statistics.handshakeFailures))
                #expect(total("zmq.socket.reconnects", "PUSH") == 1)
                #expect(total("zmq.socket.made.connections", "PUSH") == 2)
            }
        }

        @Test func roundTripsAreAHistogram() throws {
            try withTestScene { scene in
                let metrics = try MetricsPublisher(every: .seconds(1), to: backend)
                var options = SocketOptions()
                options.heartbeatInterval = .seconds(1)
                let pull = try PullSocket(on: scene.reactor, in: scene.context)
                let push = try PushSocket(on: scene.reactor, in: scene.context, options: options)
                metrics.publish(push)
                try pull.bind("memory://orders")
                try push.connect("memory://orders")
                try scene.run(until: { push.statistics.heartbeatRoundTrips.count >= 3 })
                scene.run(for: .seconds(1))
                metrics.flush()
                let count = total("zmq.socket.heartbeat.round_trip.seconds.count", "PUSH")
                #expect(count >= 3)
                #expect(total("zmq.socket.heartbeat.round_trip.seconds.bucket", "PUSH", ("le", "+Inf")) == count)
            }
        }

        @Test func turnsOfAReactor() throws {
            let clock = ManualClock()
            let reactor = try Reactor(clock: clock)
            let metrics = try MetricsPublisher(every: .seconds(1), to: backend)
            metrics.publish(reactor, named: "main")
            #expect(reactor.measuresTurns)
            reactor.every(.milliseconds(100)) { _ in }
            for _ in 0..<31 {
                clock.advance(by: .milliseconds(100))
                reactor.run(.nowait)
            }
            metrics.flush()
            // The reading of the 30th turn, in which that has not ended.
            #expect(try backend.expectCounter("reactor.turns", [("reactor", "main")]).totalValue == 29)
            // In virtual time handlers take none.
            let handlers = try backend.expectCounter(
                "reactor.handler.duration.seconds.bucket",
                [("reactor", "main"), ("le", "1e-05")]
            )
            #expect(handlers.totalValue >= 30)
        }

        @Test("a socket that is published twice counts once, under the last name")
        func publishedTwice() throws {
            try withTestScene { scene in
                let metrics = try MetricsPublisher(every: .seconds(1), to: backend)
                let router = try RouterSocket(on: scene.reactor, in: scene.context)
                metrics.publish(scene.context)
                scene.run(for: .milliseconds(1500))
                metrics.publish(router, named: "broker")
                metrics.publish(router, named: "broker")
                try router.bind("memory://broker")
                for _ in 0..<3 { _ = try router.send(Message(texts: ["nobody", "text"])) }
                scene.run(for: .milliseconds(1000))
                router.close()
                scene.run(for: .seconds(2))
                metrics.flush()
                let (name, reason) = (("messaging.destination.name", "broker"), ("zmq.drop.reason", "no-such-peer"))
                #expect(total("zmq.socket.dropped.messages", "ROUTER", name, reason) == 3)
                #expect(total("zmq.socket.dropped.messages", "ROUTER", reason) == 0)
            }
        }

        @Test("reactors of one name are counted together, and each once")
        func reactorsOfOneName() throws {
            let clock = ManualClock()
            let reactors = try [Reactor(clock: clock), Reactor(clock: clock)]
            let metrics = try MetricsPublisher(every: .seconds(1), to: backend)
            for (reactor, step) in zip(reactors, [100, 300]) {
                metrics.publish(reactor, named: "main")
                reactor.every(.milliseconds(step)) { _ in }
            }
            for _ in 0..<31 {
                clock.advance(by: .milliseconds(100))
                for reactor in reactors { reactor.run(.nowait) }
            }
            metrics.flush()
            // The readings of the 30th turns, in which those have not ended.
            let turns = try backend.expectCounter("reactor.turns", [("reactor", "main")]).totalValue
            #expect(turns == 29 * 2)
        }

        @Test("a backend that blocks holds no reactor, and nothing is lost")
        func aBackendThatBlocks() throws {
            let slow = BlockingMetrics(backend)
            try withTestScene { scene in
                let metrics = try MetricsPublisher(every: .seconds(1), to: slow)
                let router = try RouterSocket(on: scene.reactor, in: scene.context)
                metrics.publish(router)
                try router.bind("memory://broker")
                slow.gate.lock()
                for _ in 0..<500 {
                    _ = try router.send(Message(texts: ["nobody", "text"]))
                    scene.run(for: .seconds(1))
                }
                #expect(metrics.leftOut > 0)
                slow.gate.unlock()
                metrics.flush()
                // The next reading contains those that were left out.
                scene.run(for: .seconds(2))
                metrics.flush()
                #expect(total("zmq.socket.dropped.messages", "ROUTER", ("zmq.drop.reason", "no-such-peer")) == 500)
            }
        }
    }

    /// A backend that blocks while its gate is locked.
    private final class BlockingMetrics: MetricsFactory {
        let gate = NSLock()
        private let backend: TestMetrics
        init(_ backend: TestMetrics) { self.backend = backend }

        func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
            gate.lock()
            defer { gate.unlock() }
            return backend.makeCounter(label: label, dimensions: dimensions)
        }
        func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
            backend.makeMeter(label: label, dimensions: dimensions)
        }
        func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
            backend.makeRecorder(label: label, dimensions: dimensions, aggregate: aggregate)
        }
        func makeTimer(label: String, dimensions: [(String, String)]) -> any CoreMetrics.TimerHandler {
            backend.makeTimer(label: label, dimensions: dimensions)
        }
        func destroyCounter(_ handler: any CounterHandler) {}
        func destroyMeter(_ handler: any MeterHandler) {}
        func destroyRecorder(_ handler: any RecorderHandler) {}
        func destroyTimer(_ handler: any CoreMetrics.TimerHandler) {}
    }
#endif
