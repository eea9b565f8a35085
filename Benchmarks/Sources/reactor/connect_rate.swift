// The number of connections per second that are made, used for one request and reply, and closed; a number of them at a
// time.

import CBench
import ReactorBench
import ZMQReactor

@main
enum ConnectRate {
    static func main() throws {
        let usage = "local|remote <endpoint> <parallel> <count, a multiple of it>"
        bench_arguments(CommandLine.argc, CommandLine.unsafeArgv, 4, usage)
        bench_allow_descriptors()
        let endpoint = CommandLine.arguments[2]
        let parallel = bench_number(CommandLine.unsafeArgv[3])
        let count = bench_number(CommandLine.unsafeArgv[4])
        let isLocal = bench_is_local(CommandLine.unsafeArgv[1])
        let reactor = try Reactor()
        let context = Context()
        let clients = Clients(on: reactor, in: context, endpoint, parallel: parallel, count: count)
        if isLocal {
            var left = parallel + count
            var options = try SocketOptions.ofRow(isServer: true)
            options.backlog = Int(BENCH_BACKLOG)
            let router = try RouterSocket(on: reactor, in: context, options: options) { router, request in
                _ = try! router.send(request)
                left -= 1
                if left == 0 { context.terminate(thenStop: reactor) }
            }
            try router.bind(endpoint)
        } else {
            clients.connect()
        }
        reactor.run()

        bench_report_begin("connect_rate", isLocal ? "local" : "remote")
        bench_report_count("parallel", parallel)
        if !isLocal { bench_report_rate(count, clients.elapsed) }
        bench_report_end()
    }
}

private final class Clients: DealerHandler {
    private let reactor: Reactor
    private let context: Context
    private let endpoint: String
    private let parallel: UInt64
    private let limit: UInt64
    private let clientOptions: SocketOptions
    private var served: UInt64 = 0
    private var start: UInt64 = 0
    private(set) var elapsed: UInt64 = 0

    init(on reactor: Reactor, in context: Context, _ endpoint: String, parallel: UInt64, count: UInt64) {
        self.reactor = reactor
        self.context = context
        self.endpoint = endpoint
        self.parallel = parallel
        limit = parallel + count
        clientOptions = try! .ofRow(isServer: false)
    }

    func connect() {
        for _ in 0..<parallel {
            let dealer = try! DealerSocket(on: reactor, in: context, options: clientOptions, handler: self)
            try! dealer.connect(endpoint)
            _ = try! dealer.send([0])
        }
    }

    func socket(_ socket: DealerSocket, received message: Message) {
        bench_expect_size(message.withUnsafeBytes { $0.count }, 1)
        socket.close()
        served += 1
        guard served % parallel == 0 else { return }
        // The first turn is not measured: the other process may not listen yet.
        if served == parallel { start = bench_now() }
        guard served >= limit else { return connect() }
        elapsed = bench_now() - start
        context.terminate(thenStop: reactor)
    }
}
