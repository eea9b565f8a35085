import Foundation
import Logging
import Testing
import ZMQReactor

@testable import Telemetry

@Suite(.timeLimit(.minutes(1)))
struct SQLiteTests {
    private func reading(_ time: Int64, _ value: Double, of sensor: String = "kitchen") -> Reading {
        Reading(sensor: sensor, value: value, time: time)
    }

    @Test("the latest reading, and the summary from a time on")
    func queries() async throws {
        let store = try SQLiteStore(path: nil)
        #expect(try await store.latest(of: "kitchen") == nil)
        #expect(try await store.summary(of: "kitchen", since: 0) == nil)
        try await store.add([reading(3, 30), reading(1, 10), reading(2, 26), reading(9, 5, of: "cellar")])
        #expect(try await store.latest(of: "kitchen") == reading(3, 30))
        let summary = try await store.summary(of: "kitchen", since: 2)
        #expect(summary == Summary(count: 2, minimum: 26, average: 28, maximum: 30))
        #expect(try await store.summary(of: "kitchen", since: 4) == nil)
    }

    @Test("what is stored is there after a restart")
    func restart() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("telemetry-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("readings.sqlite").path
        try await SQLiteStore(path: path).add([reading(1, 10)])
        #expect(try await SQLiteStore(path: path).latest(of: "kitchen") == reading(1, 10))
    }

    @Test("sensor, server, SQLite and client together, within the process")
    func together() throws {
        let reactor = try Reactor()
        let context = Context()
        var settings = TelemetryServer.Settings()
        settings.readings.endpoints = ["inproc://readings"]
        settings.updates.endpoints = ["inproc://updates"]
        settings.queries.endpoints = ["inproc://queries"]
        let store = try SQLiteStore(path: nil)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = try TelemetryServer(settings, store: store, logger: logger, on: reactor, in: context)
        let serving = reactor.task { _ in try await server.run() }
        var answer: Message?
        reactor.task { reactor in
            let sensor = try PushSocket(on: reactor, in: context)
            try sensor.connect("inproc://readings")
            let subscriber = try SubSocket(on: reactor, in: context)
            try subscriber.subscribe(to: "")
            try subscriber.connect("inproc://updates")
            for time in 1...2_000 {
                try await sensor.sendWhenReady(Message(texts: ["kitchen", "\(time % 7)", "\(time)"]))
            }
            // What is published is stored. Readings from before the subscription was in force are not published to us.
            while try await subscriber.receive().frame(2) != "2000" {}
            let client = try ReqSocket(on: reactor, in: context)
            try client.connect("inproc://queries")
            answer = try await client.request(Message(texts: ["summary", "kitchen", "0"]))
            server.finish()
            try await serving.value
            context.terminate(thenStop: reactor)
        }
        reactor.run()
        #expect(answer?.strings.prefix(3) == ["ok", "2000", "0.0"] && answer?.strings.last == "6.0")
    }
}
