import Testing
import ZMQReactorTestSupport

@Suite struct BenchmarkListTests {
    @Test("PAT-01, TRN-10: throughput and latency are measured, over tcp, ipc and inproc")
    func rows() throws {
        let run = try ChildProcess(Project.file("Benchmarks/run"), ["--list"])
        try run.expectExit(within: .seconds(30))
        let rows = run.standardOutput.split(separator: "\n")
        for road in ["tcp", "ipc", "inproc"] {
            for size in ["64 B", "1 KiB"] { #expect(rows.contains("\(road) PUSH→PULL \(size)")) }
        }
        #expect(rows.contains { $0.contains("REQ") })
    }
}
