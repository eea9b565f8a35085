// Tasks of the shared pool that make requests through a RequestClient over inproc, to a ROUTER on the same reactor; or
// that call into the reactor and do no more: the limit.

import CBench
import ZMQReactor

@main
enum RequestClientBench {
    static func main() async throws {
        let usage = "client|run <size> <tasks> <count>"
        bench_arguments(CommandLine.argc, CommandLine.unsafeArgv, 4, usage)
        let size = Int(bench_number(CommandLine.unsafeArgv[2]))
        let tasks = Int(bench_number(CommandLine.unsafeArgv[3]))
        let count = Int(bench_number(CommandLine.unsafeArgv[4])) / tasks
        let thread = try Reactor.start(named: "reactor")
        let handle = thread.handle
        let elapsed: UInt64
        switch CommandLine.arguments[1] {
        case "client":
            let context = Context()
            try await handle.run { reactor in
                let server = try RouterSocket(on: reactor, in: context) { server, request in
                    if try! server.send(request) == .wouldBlock { fatalError("a reply has no room") }
                }
                try server.bind("inproc://server")
            }
            var options = RequestClient.Options()
            options.concurrency = max(tasks, 1)
            let client = try await RequestClient(to: "inproc://server", on: handle, in: context, options: options)
            let bytes = [UInt8](repeating: 0, count: size)
            elapsed = try await measure(tasks, count) {
                let reply = try await client.request(Message(bytes.span.bytes))
                bench_expect_size(reply.byteCount, size)
            }
            await client.close()
        case "run":
            elapsed = try await measure(tasks, count) {
                let size = try await handle.run { _ in size }
                bench_expect_size(size, size)
            }
        default: return bench_arguments(CommandLine.argc, CommandLine.unsafeArgv, 0, usage)
        }
        thread.stop()
        await thread.join()
        bench_report_begin("request_client", "both")
        bench_report_count("size", UInt64(size))
        bench_report_count("tasks", UInt64(tasks))
        bench_report_rate(UInt64(tasks * count), elapsed)
        bench_report_end()
    }

    /// Each task calls `body` a tenth of `count` times more, before the clock starts.
    private static func measure(
        _ tasks: Int,
        _ count: Int,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws -> UInt64 {
        try await call(tasks, count / 10, body)
        let start = bench_now()
        try await call(tasks, count, body)
        return bench_now() - start
    }

    private static func call(
        _ tasks: Int,
        _ count: Int,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<tasks { group.addTask { for _ in 0..<count { try await body() } } }
            try await group.waitForAll()
        }
    }
}
