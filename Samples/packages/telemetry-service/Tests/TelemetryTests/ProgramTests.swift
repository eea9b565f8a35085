import Foundation
import Testing
import ZMQReactor

@testable import Telemetry

/// The program as a user or systemd starts it.
@Suite(.timeLimit(.minutes(2)))
struct ProgramTests {
    /// Where the program of one test listens, and has its database.
    private struct Place {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("telemetry-\(UUID())")

        init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

        var database: String { folder.appendingPathComponent("readings.sqlite").path }

        func endpoint(_ name: String) -> String { "ipc://\(folder.path)/\(name)" }

        func remove() { try? FileManager.default.removeItem(at: folder) }
    }

    /// The program, with its settings as environment variables. It lies beside that of the tests.
    private func program(at place: Place, logLevel: String) throws -> Process {
        let process = Process()
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.executableURL = URL(fileURLWithPath: tests).deletingLastPathComponent()
            .appendingPathComponent("telemetry-service")
        process.environment = ProcessInfo.processInfo.environment.merging([
            "DATABASE_PATH": place.database,
            "READINGS_BIND": place.endpoint("readings"),
            "UPDATES_BIND": place.endpoint("updates"),
            "QUERIES_BIND": place.endpoint("queries"),
            "STATUS_ENDPOINT": "none",
            "LOG_LEVEL": logLevel,
        ]) { $1 }
        return process
    }

    @Test("a reading is stored and found, and is in the database after SIGTERM, at which the program ends with 0")
    func reading() async throws {
        let place = try Place()
        defer { place.remove() }
        let process = try program(at: place, logLevel: "warning")
        try process.run()
        defer { if process.isRunning { process.terminate() } }
        let reactor = try Reactor()
        let context = Context()
        var answer: Message = "none"
        reactor.task { reactor in
            let sensor = try PushSocket(on: reactor, in: context)
            try sensor.connect(place.endpoint("readings"))
            try await sensor.sendWhenReady(Message(texts: ["kitchen", "21.5", "1700000000000"]))
            let client = try ReqSocket(on: reactor, in: context)
            try client.connect(place.endpoint("queries"))
            while answer.string == "none" {
                answer = try await client.request(Message(texts: ["latest", "kitchen"]))
            }
            context.terminate(thenStop: reactor)
        }
        reactor.run()
        #expect(answer.strings == ["ok", "kitchen", "21.5", "1700000000000"])
        process.terminate()
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 0)
        let reading = try await SQLiteStore(path: place.database).latest(of: "kitchen")
        #expect(reading == Reading(sensor: "kitchen", value: 21.5, time: 1_700_000_000_000))
    }

    @Test("a setting without sense ends the program with 1, and is named")
    func wrongSetting() throws {
        let place = try Place()
        defer { place.remove() }
        let process = try program(at: place, logLevel: "nonsense")
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 1)
        #expect(text.contains("log.level"), "\(text)")
    }
}
