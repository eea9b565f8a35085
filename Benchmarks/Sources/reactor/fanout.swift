// One publisher, many subscribers in another process; every message goes to all of them and none is dropped.

import CBench
import ZMQReactor

@main
enum FanOut {
    static func main() throws {
        let usage = "local|remote <endpoint> <size> <subscribers> <count>"
        bench_arguments(CommandLine.argc, CommandLine.unsafeArgv, 5, usage)
        bench_allow_descriptors()
        let endpoint = CommandLine.arguments[2]
        let size = bench_number(CommandLine.unsafeArgv[3])
        let subscribers = bench_number(CommandLine.unsafeArgv[4])
        let count = bench_number(CommandLine.unsafeArgv[5])
        let isLocal = bench_is_local(CommandLine.unsafeArgv[1])
        let reactor = try Reactor()
        let context = Context()
        let done = { context.terminate(thenStop: reactor) }
        let collector = Collector(size: Int(size), until: subscribers * count, done: done)
        if isLocal {
            let publisher = Publisher(size: Int(size), subscribers: subscribers, count: count, done: done)
            var options = SocketOptions()
            options.backlog = Int(BENCH_BACKLOG)
            let socket = try XPubSocket(on: reactor, in: context, options: options, handler: publisher)
            socket.verbosity = .verbose
            socket.blocksWhenFull = true
            try socket.bind(endpoint)
        } else {
            for _ in 0..<subscribers {
                let socket = try SubSocket(on: reactor, in: context, handler: collector)
                try socket.subscribe(to: "")
                try socket.connect(endpoint)
            }
        }
        reactor.run()

        bench_report_begin("fanout", isLocal ? "local" : "remote")
        bench_report_count("size", size)
        bench_report_count("subscribers", subscribers)
        if !isLocal { bench_report_rate(subscribers * count - 1, collector.elapsed) }
        bench_report_end()
    }
}

private final class Publisher: XPubHandler {
    private let bytes: [UInt8]
    private var awaited: UInt64
    private var left: UInt64
    private let done: () -> Void

    init(size: Int, subscribers: UInt64, count: UInt64, done: @escaping () -> Void) {
        bytes = [UInt8](repeating: 0, count: size)
        awaited = subscribers
        left = count
        self.done = done
    }

    func socket(_ socket: XPubSocket, subscribed subscriber: Subscriber, to topic: Frame) {
        awaited -= 1
        if awaited == 0 { socketIsWritable(socket) }
    }

    func socketIsWritable(_ socket: XPubSocket) {
        while left > 0 {
            guard try! socket.send(bytes) == .accepted else { return }
            left -= 1
        }
        done()
    }
}

private final class Collector: SubHandler {
    private let size: Int
    private let limit: UInt64
    private let done: () -> Void
    private var count: UInt64 = 0
    private var start: UInt64 = 0
    private(set) var elapsed: UInt64 = 0

    init(size: Int, until limit: UInt64, done: @escaping () -> Void) {
        self.size = size
        self.limit = limit
        self.done = done
    }

    func socket(_ socket: SubSocket, received message: Message) {
        bench_expect_size(message.withUnsafeBytes { $0.count }, size)
        if count == 0 { start = bench_now() }
        count += 1
        guard count == limit else { return }
        elapsed = bench_now() - start
        done()
    }
}
