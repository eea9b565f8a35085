// PULL: measures how many messages arrive per second.

import CBench
import ReactorBench
import ZMQReactor

@main
enum LocalThroughput {
    static func main() throws {
        bench_arguments(CommandLine.argc, CommandLine.unsafeArgv, 3, "<bind-to> <size> <count>")
        let size = bench_number(CommandLine.unsafeArgv[2])
        let counter = Counter(size: Int(size), until: bench_number(CommandLine.unsafeArgv[3]))
        let reactor = try Reactor()
        counter.reactor = reactor
        let context = Context(ioThreads: Int(bench_io_threads()))
        let socket = try PullSocket(on: reactor, in: context, options: .ofRow(isServer: true), handler: counter)
        try socket.bind(CommandLine.arguments[1])
        reactor.run()

        bench_report_begin("thr", "local")
        bench_report_count("size", size)
        bench_report_rate(counter.count - 1, counter.elapsed)
        bench_report_end()
    }
}

private final class Counter: PullHandler {
    var reactor: Reactor!
    private let size: Int
    private let limit: UInt64
    private(set) var count: UInt64 = 0
    private var start: UInt64 = 0
    private(set) var elapsed: UInt64 = 0

    init(size: Int, until limit: UInt64) {
        self.size = size
        self.limit = limit
    }

    func socket(_ socket: PullSocket, received message: Message) {
        bench_expect_size(message.withUnsafeBytes { $0.count }, size)
        if count == 0 { start = bench_now() }
        count += 1
        guard count == limit else { return }
        elapsed = bench_now() - start
        reactor.stop()
    }
}
