// REQ: the latency of a message, as half of a round trip.

import CBench
import ReactorBench
import ZMQReactor

@main
enum RemoteLatency {
    static func main() throws {
        bench_arguments(CommandLine.argc, CommandLine.unsafeArgv, 3, "<connect-to> <size> <roundtrips>")
        let size = bench_number(CommandLine.unsafeArgv[2])
        let roundtrips = bench_number(CommandLine.unsafeArgv[3])
        let reactor = try Reactor()
        if bench_busy_poll() >= 0 { reactor.idleStrategy = .busyPoll(.microseconds(bench_busy_poll())) }
        let context = Context(ioThreads: Int(bench_io_threads()))
        let asker = Asker(size: Int(size), roundtrips: roundtrips) { context.terminate(thenStop: reactor) }
        let socket = try ReqSocket(on: reactor, in: context, options: .ofRow(isServer: false), handler: asker)
        try socket.connect(CommandLine.arguments[1])
        asker.ask(socket)
        reactor.run()

        bench_report_begin("lat", "remote")
        bench_report_count("size", size)
        bench_report_count("count", roundtrips)
        bench_report_latency(asker.histogram)
        bench_report_end()
    }
}

private final class Asker: ReqHandler {
    let histogram = bench_histogram_new()
    private let message: Message
    private let size: Int
    private var warmUp: UInt64
    private var left: UInt64
    private var start: UInt64 = 0
    private let done: () -> Void

    init(size: Int, roundtrips: UInt64, done: @escaping () -> Void) {
        self.size = size
        message = Message([UInt8](repeating: 0, count: size))
        warmUp = bench_warm_up(roundtrips)
        left = roundtrips
        self.done = done
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
        if left > 0 { ask(socket) } else { done() }
    }
}
