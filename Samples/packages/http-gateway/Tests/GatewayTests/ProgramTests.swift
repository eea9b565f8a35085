import Foundation
import FoundationNetworking
import Testing
import ZMQReactor

/// The program as a user starts it.
@Suite(.timeLimit(.minutes(2)))
struct ProgramTests {
    @Test("a request is answered by a worker, and the program ends with 0 at SIGTERM")
    func program() async throws {
        let endpoint = "ipc://@gateway-\(UUID())"
        let context = Context()
        let worker = try Reactor.start { reactor in
            let socket = try RepSocket(on: reactor, in: context) { _, _, reply in reply.send("144") }
            try socket.connect(endpoint)
        }
        let process = Process()
        // It lies beside the program of the tests.
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.executableURL = URL(fileURLWithPath: tests).deletingLastPathComponent()
            .appendingPathComponent("http-gateway")
        process.arguments = ["--port", "0", "--workers", endpoint]
        let log = Pipe()
        process.standardOutput = log
        process.standardError = log
        try process.run()
        defer { if process.isRunning { process.terminate() } }
        // The log has the port.
        var text = ""
        var port: Substring?
        while port == nil {
            let data = log.fileHandleForReading.availableData
            try #require(!data.isEmpty, "\(text)")
            text += String(decoding: data, as: UTF8.self)
            port = text.firstMatch(of: /listening on [0-9.]+:([0-9]+)\D/)?.1
        }
        let url = try #require(URL(string: "http://127.0.0.1:\(port ?? "")/square/12"))
        let (answer, _) = try await URLSession.shared.data(from: url)
        #expect(String(decoding: answer, as: UTF8.self) == "144\n")
        process.terminate()
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 0)
        await context.terminate()
        worker.stop()
        await worker.join()
    }
}
