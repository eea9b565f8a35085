import Logging
import Testing
import ZMQReactor
import ZMQReactorTesting

@testable import Telemetry

/// The server in virtual time, over a network in memory.
@Suite(.timeLimit(.minutes(1)))
struct TelemetryServerTests {
    /// The times of the updates that have been published.
    private final class Updates { var times: [Int] = [] }

    /// A server with its clients.
    private struct Fixture {
        let scene: TestScene
        let store = MemoryStore()
        let server: TelemetryServer
        let sensor: PushSocket
        let updates: Updates
        let client: ReqSocket
        let serving: Task<Void, any Error>

        init(_ scene: TestScene) throws {
            self.scene = scene
            var settings = TelemetryServer.Settings()
            settings.readings.endpoints = ["memory://readings"]
            settings.updates.endpoints = ["memory://updates"]
            settings.queries.endpoints = ["memory://queries"]
            let server = try TelemetryServer(
                settings,
                store: store,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                on: scene.reactor,
                in: scene.context
            )
            self.server = server
            serving = scene.reactor.task { _ in try await server.run() }
            sensor = try PushSocket(on: scene.reactor, in: scene.context)
            try sensor.connect("memory://readings")
            let updates = Updates()
            self.updates = updates
            let subscriber = try SubSocket(on: scene.reactor, in: scene.context) { _, message in
                updates.times.append(message.frame(2)?.decimal ?? -1)
            }
            try subscriber.subscribe(to: "kitchen")
            try subscriber.connect("memory://updates")
            client = try ReqSocket(on: scene.reactor, in: scene.context)
            try client.connect("memory://queries")
            scene.settle()
        }

        func measure(_ times: Range<Int>, of sensorName: String = "kitchen") throws {
            for time in times {
                #expect(try sensor.send([sensorName, "\(Double(time) / 2)", "\(time)"]) == .accepted)
            }
        }

        func answer(to query: [String]) throws -> [String] {
            #expect(try client.send(query) == .accepted)
            var answer: Message?
            try scene.run(until: {
                answer = try client.tryReceive()
                return answer != nil
            })
            return answer?.strings ?? []
        }
    }

    @Test("readings are stored in order, and published once they are stored")
    func readings() throws {
        try withTestScene { scene in
            let fixture = try Fixture(scene)
            fixture.store.hold()
            try fixture.measure(0..<3)
            try fixture.measure(0..<1, of: "cellar")
            scene.settle()
            #expect(fixture.updates.times.isEmpty)
            fixture.store.release()
            try scene.run(until: { fixture.store.readings.count == 4 })
            #expect(fixture.store.readings[1] == Reading(sensor: "kitchen", value: 0.5, time: 1))
            scene.settle()
            #expect(fixture.updates.times == [0, 1, 2])
        }
    }

    @Test(
        "what is not a reading is ignored, and the readings around it are stored",
        arguments: [
            ["kitchen"], ["kitchen", "21"], ["", "21", "1"], ["kitchen", "warm", "1"], ["kitchen", "nan", "1"],
            ["kitchen", "21", "now"], ["kitchen", "21", "1", "more"],
        ]
    )
    func malformed(frames: [String]) throws {
        try withTestScene { scene in
            let fixture = try Fixture(scene)
            try fixture.measure(0..<1)
            #expect(try fixture.sensor.send(frames) == .accepted)
            try fixture.measure(1..<2)
            try scene.run(until: { fixture.store.readings.count == 2 })
        }
    }

    @Test("while the store is slow, readings wait, also at the sensor, and none is lost")
    func slowStore() throws {
        try withTestScene { scene in
            let fixture = try Fixture(scene)
            fixture.store.hold()
            var sent = 0
            // Until the sensor is held back.
            while sent < 100_000, try fixture.sensor.send(["kitchen", "1", "\(sent)"]) == .accepted {
                sent += 1
                if sent % 100 == 0 { scene.settle() }
            }
            #expect(sent < 100_000)
            fixture.store.release()
            try scene.run(until: { fixture.store.readings.count == sent })
            #expect(fixture.store.readings.map { Int($0.time) } == Array(0..<sent))
        }
    }

    @Test("readings that cannot be stored are stored later")
    func failingStore() throws {
        try withTestScene { scene in
            let fixture = try Fixture(scene)
            fixture.store.fail(times: 3)
            try fixture.measure(0..<10)
            try scene.run(until: { fixture.store.readings.count == 10 })
            #expect(scene.elapsed >= .seconds(3))
            scene.settle()
            #expect(fixture.updates.times == Array(0..<10))
        }
    }

    @Test(
        "the end: what has arrived is stored and published, whether the server waits or is busy",
        arguments: [true, false]
    )
    func end(isBusy: Bool) throws {
        try withTestScene { scene in
            let fixture = try Fixture(scene)
            if isBusy { fixture.store.hold() }
            for start in [0, 300, 600] {
                try fixture.measure(start..<start + 300)
                scene.settle()
            }
            fixture.server.finish()
            fixture.store.release()
            var hasEnded = false
            scene.reactor.task { _ in
                try await fixture.serving.value
                hasEnded = true
            }
            try scene.run(until: { hasEnded })
            scene.settle()
            #expect(fixture.store.readings.map { Int($0.time) } == Array(0..<900))
            #expect(fixture.updates.times == Array(0..<900))
        }
    }

    @Test("queries are answered, and wrong ones explained")
    func queries() throws {
        try withTestScene { scene in
            let fixture = try Fixture(scene)
            #expect(try fixture.answer(to: ["latest", "kitchen"]) == ["none"])
            try fixture.measure(0..<5)
            try scene.run(until: { fixture.store.readings.count == 5 })
            #expect(try fixture.answer(to: ["latest", "kitchen"]) == ["ok", "kitchen", "2.0", "4"])
            for wrong in [
                ["latest"], ["latest", "a", "b"], ["summary", "a"], ["summary", "a", "b"], ["other", "a"],
            ] {
                #expect(try fixture.answer(to: wrong).first == "error")
            }
            #expect(
                try fixture.answer(to: ["summary", "kitchen", "0"]) == ["error", "the readings cannot be read"],
                "the store of this test fails"
            )
        }
    }

    @Test("a message without an envelope is ignored")
    func withoutEnvelope() throws {
        try withTestScene { scene in
            let fixture = try Fixture(scene)
            let dealer = try DealerSocket(on: scene.reactor, in: scene.context)
            try dealer.connect("memory://queries")
            #expect(try dealer.send("latest") == .accepted)
            scene.settle()
            #expect(try fixture.answer(to: ["latest", "kitchen"]) == ["none"])
        }
    }
}
