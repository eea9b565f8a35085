// PUSH→PULL between two threads, each with a reactor.

import CBench
import ZMQReactor

@main
enum InprocThroughput {
    static func main() throws {
        bench_arguments(CommandLine.argc, CommandLine.unsafeArgv, 2, "<size> <count>")
        let size = bench_number(CommandLine.unsafeArgv[1])
        let count = bench_number(CommandLine.unsafeArgv[2])
        let context = Context()
        let reactor = try Reactor()
        let counter = Counter(reactor, size: Int(size), until: count)
        let socket = try PullSocket(on: reactor, in: context, handler: counter)
        try socket.bind("inproc://throughput")
        let thread = try Reactor.start { reactor in
            let sender = Sender(size: Int(size), count: count)
            let socket = try PushSocket(on: reactor, in: context, handler: sender)
            try socket.connect("inproc://throughput")
            sender.socketIsWritable(socket)
        }
        reactor.run()

        bench_report_begin("inproc_thr", "both")
        bench_report_count("size", size)
        bench_report_rate(counter.count - 1, counter.elapsed)
        bench_report_end()
        thread.stop()
        thread.join()
    }
}

private final class Counter: PullHandler {
    private let reactor: Reactor
    private let size: Int
    private let limit: UInt64
    private(set) var count: UInt64 = 0
    private var start: UInt64 = 0
    private(set) var elapsed: UInt64 = 0

    init(_ reactor: Reactor, size: Int, until limit: UInt64) {
        self.reactor = reactor
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

private final class Sender: PushHandler {
    private let bytes: [UInt8]
    private var left: UInt64

    init(size: Int, count: UInt64) {
        bytes = [UInt8](repeating: 0, count: size)
        left = count
    }

    /// A large body may be left uninitialised, as in libzmq's program; a small one is copied in any case.
    private func send(to socket: PushSocket) throws -> SendResult {
        bytes.count > 8192 ? try socket.send(Message(byteCount: bytes.count) { _ in }) : try socket.send(bytes)
    }

    func socketIsWritable(_ socket: PushSocket) {
        while left > 0 {
            guard try! send(to: socket) == .accepted else { return }
            left -= 1
        }
    }
}
