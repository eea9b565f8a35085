// REP: echoes requests.

import CBench
import ReactorBench
import ZMQReactor

@main
enum LocalLatency {
    static func main() throws {
        bench_arguments(CommandLine.argc, CommandLine.unsafeArgv, 3, "<bind-to> <size> <roundtrips>")
        let size = bench_number(CommandLine.unsafeArgv[2])
        let roundtrips = bench_number(CommandLine.unsafeArgv[3])
        let reactor = try Reactor()
        if bench_busy_poll() >= 0 { reactor.idleStrategy = .busyPoll(.microseconds(bench_busy_poll())) }
        let context = Context(ioThreads: Int(bench_io_threads()))
        var left = roundtrips + bench_warm_up(roundtrips)
        let socket = try RepSocket(on: reactor, in: context, options: .ofRow(isServer: true)) { _, request, reply in
            bench_expect_size(request.withUnsafeBytes { $0.count }, Int(size))
            reply.send(request)
            left -= 1
            if left == 0 { context.terminate(thenStop: reactor) }
        }
        try socket.bind(CommandLine.arguments[1])
        reactor.run()

        bench_report_begin("lat", "local")
        bench_report_count("size", size)
        bench_report_count("count", roundtrips)
        bench_report_end()
    }
}
