// A publisher that matches every message against many subscriptions of one subscriber in another process; half of the
// messages match. "end" ends it.

import CBench
import ZMQReactor

@main
enum Matching {
    static func main() throws {
        let usage = "local|remote <endpoint> <size of at least 8> <subscriptions> <count>"
        bench_arguments(CommandLine.argc, CommandLine.unsafeArgv, 5, usage)
        let endpoint = CommandLine.arguments[2]
        let size = bench_number(CommandLine.unsafeArgv[3])
        let subscriptions = bench_number(CommandLine.unsafeArgv[4])
        let count = bench_number(CommandLine.unsafeArgv[5])
        let isLocal = bench_is_local(CommandLine.unsafeArgv[1])
        let reactor = try Reactor()
        let context = Context()
        let done = { context.terminate(thenStop: reactor) }
        let collector = Collector(size: Int(size), done: done)
        if isLocal {
            let publisher = Publisher(size: Int(size), subscriptions: subscriptions, count: count, done: done)
            let socket = try XPubSocket(on: reactor, in: context, handler: publisher)
            socket.subscriptionLimits.topics = Int(subscriptions) + 1
            socket.verbosity = .verbose
            socket.blocksWhenFull = true
            try socket.bind(endpoint)
        } else {
            let socket = try SubSocket(on: reactor, in: context, handler: collector)
            for number in 0..<subscriptions { try socket.subscribe(to: topic(2 * number)) }
            try socket.subscribe(to: "end")
            try socket.connect(endpoint)
        }
        reactor.run()

        bench_report_begin("matching", isLocal ? "local" : "remote")
        bench_report_count("size", size)
        bench_report_count("subscriptions", subscriptions)
        if !isLocal { bench_report_count("received", collector.received) }
        if !isLocal { bench_report_rate(count, collector.elapsed) }
        bench_report_end()
    }

    private static func topic(_ number: UInt64) -> [UInt8] {
        var text = [UInt8](repeating: 0, count: Int(BENCH_TOPIC))
        bench_write_topic(&text, UInt32(number))
        return text
    }
}

private final class Publisher: XPubHandler {
    private var bytes: [UInt8]
    private let subscriptions: UInt64
    private var awaited: UInt64
    private var left: UInt64
    private var random = BENCH_SEED
    private var isMade = false
    private let done: () -> Void

    init(size: Int, subscriptions: UInt64, count: UInt64, done: @escaping () -> Void) {
        bytes = [UInt8](repeating: 0, count: size)
        self.subscriptions = subscriptions
        awaited = subscriptions + 1
        left = count
        self.done = done
    }

    func socket(_ socket: XPubSocket, subscribed subscriber: Subscriber, to topic: Frame) {
        awaited -= 1
        if awaited == 0 { socketIsWritable(socket) }
    }

    func socketIsWritable(_ socket: XPubSocket) {
        // In local variables, which need no exclusivity checks.
        var (bytes, random) = (bytes, random)
        defer { (self.bytes, self.random) = (bytes, random) }
        while left > 0 {
            // A message that found no room is sent again.
            if !isMade { bench_write_topic(&bytes, bench_random_topic(&random, subscriptions)) }
            isMade = true
            guard try! socket.send(bytes) == .accepted else { return }
            isMade = false
            left -= 1
        }
        guard try! socket.send("end") == .accepted else { return }
        done()
    }
}

/// Measures from the first message to the end; everything published in between counts.
private final class Collector: SubHandler {
    private let size: Int
    private let done: () -> Void
    private(set) var received: UInt64 = 0
    private var start: UInt64 = 0
    private(set) var elapsed: UInt64 = 0

    init(size: Int, done: @escaping () -> Void) {
        self.size = size
        self.done = done
    }

    func socket(_ socket: SubSocket, received message: Message) {
        let size = message.withUnsafeBytes { $0.count }
        if received == 0 { start = bench_now() }
        received += 1
        guard size == 3 else { return bench_expect_size(size, self.size) }
        elapsed = bench_now() - start
        done()
    }
}
