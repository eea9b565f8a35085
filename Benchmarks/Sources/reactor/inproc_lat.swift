// REQ in one thread, REP in another, each with a reactor.

import CBench
import ZMQReactor

@main
enum InprocLatency {
    static func main() throws {
        bench_arguments(CommandLine.argc, CommandLine.unsafeArgv, 2, "<size> <roundtrips>")
        let size = bench_number(CommandLine.unsafeArgv[1])
        let roundtrips = bench_number(CommandLine.unsafeArgv[2])
        let context = Context()
        let thread = try Reactor.start { reactor in
            if bench_busy_poll() >= 0 { reactor.idleStrategy = .busyPoll(.microseconds(bench_busy_poll())) }
            let socket = try RepSocket(on: reactor, in: context) { _, request, reply in
                bench_expect_size(request.withUnsafeBytes { $0.count }, Int(size))
                reply.send(request)
            }
            try socket.bind("inproc://latency")
        }
        let reactor = try Reactor()
        if bench_busy_poll() >= 0 { reactor.idleStrategy = .busyPoll(.microseconds(bench_busy_poll())) }
        let asker = Asker(reactor, size: Int(size), roundtrips: roundtrips)
        let socket = try ReqSocket(on: reactor, in: context, handler: asker)
        try socket.connect("inproc://latency")
        asker.ask(socket)
        reactor.run()

        bench_report_begin("inproc_lat", "both")
        bench_report_count("size", size)
        bench_report_count("count", roundtrips)
        bench_report_latency(asker.histogram)
        bench_report_end()
        thread.stop()
        thread.join()
    }
}

private final class Asker: ReqHandler {
    let histogram = bench_histogram_new()
    private let reactor: Reactor
    private let message: Message
    private let size: Int
    private var warmUp: UInt64
    private var left: UInt64
    private var start: UInt64 = 0

    init(_ reactor: Reactor, size: Int, roundtrips: UInt64) {
        self.reactor = reactor
        self.size = size
        message = Message([UInt8](repeating: 0, count: size))
        warmUp = bench_warm_up(roundtrips)
        left = roundtrips
    }

    func ask(_ socket: ReqSocket) {
        start = bench_now()
        _ = try! socket.send(message)
    }

    func socket(_ socket: ReqSocket, received reply: Message) {
        bench_expect_size(reply.withUnsafeBytes { $0.count }, size)
        let elapsed = bench_now() - start
        if warmUp > 0 {
            warmUp -= 1
        } else {
            bench_record(histogram, elapsed)
            left -= 1
        }
        if left > 0 { ask(socket) } else { reactor.stop() }
    }
}
