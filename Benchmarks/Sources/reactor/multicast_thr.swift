// A publisher and a subscriber of a multicast group: messages per second that arrive, and how many of them did.
//
// The subscriber counts from the first message to the last one in front of the end, so that lost ones do not count. It
// also ends when nothing arrives for three seconds: the message that marks the end can be lost as well.

import CBench
import ZMQReactor

@main
enum MulticastThroughput {
    static func main() throws {
        bench_arguments(CommandLine.argc, CommandLine.unsafeArgv, 5, "local|remote <endpoint> <size> <kbit/s> <count>")
        let endpoint = CommandLine.arguments[2]
        let size = bench_number(CommandLine.unsafeArgv[3])
        let count = bench_number(CommandLine.unsafeArgv[5])
        let isLocal = bench_is_local(CommandLine.unsafeArgv[1])
        var options = SocketOptions()
        options.multicastRate = Int(bench_number(CommandLine.unsafeArgv[4]))
        options.multicastRecoveryInterval = .seconds(1)
        let reactor = try Reactor()
        let context = Context()
        let done = { context.terminate(thenStop: reactor) }
        let collector = Collector(size: Int(size), done: done)
        if isLocal {
            let socket = try SubSocket(on: reactor, in: context, options: options, handler: collector)
            try socket.subscribe(to: "")
            try socket.connect(endpoint)
            collector.watch(on: reactor)
        } else {
            let publisher = Publisher(size: Int(size), count: count, done: done)
            let socket = try XPubSocket(on: reactor, in: context, options: options, handler: publisher)
            socket.blocksWhenFull = true
            try socket.bind(endpoint)
            publisher.greet(socket, on: reactor)
        }
        reactor.run()

        bench_report_begin("multicast_thr", isLocal ? "local" : "remote")
        bench_report_count("size", size)
        if isLocal {
            bench_report_rate(collector.count - 1, collector.elapsed)
            bench_report_number("arrived", Double(collector.count) / Double(count))
        } else {
            bench_report_count("count", count)
        }
        bench_report_end()
    }
}

/// Says that it is there for half a second, publishes, and says for half a second that it is over.
private final class Publisher: XPubHandler {
    private let bytes: [UInt8]
    private var left: UInt64
    private let done: () -> Void
    private var isReady = false

    init(size: Int, count: UInt64, done: @escaping () -> Void) {
        bytes = [UInt8](repeating: 0, count: size)
        left = count
        self.done = done
    }

    func greet(_ socket: XPubSocket, on reactor: Reactor) {
        var times = 0
        reactor.every(.milliseconds(10)) { [self] timer in
            _ = try? socket.send("+")
            times += 1
            guard times == 50 else { return }
            timer.cancel()
            isReady = true
            socketIsWritable(socket)
        }
    }

    func socketIsWritable(_ socket: XPubSocket) {
        guard isReady else { return }
        while left > 0 {
            guard try! socket.send(bytes) == .accepted else { return }
            left -= 1
        }
        isReady = false
        var times = 0
        socket.reactor.every(.milliseconds(10)) { [self] timer in
            _ = try? socket.send("-")
            times += 1
            guard times == 50 else { return }
            timer.cancel()
            done()
        }
    }
}

private final class Collector: SubHandler {
    private let size: Int
    private let done: () -> Void
    private(set) var count: UInt64 = 0
    private var start: UInt64 = 0
    private var last: UInt64 = 0

    var elapsed: UInt64 { last - start }

    init(size: Int, done: @escaping () -> Void) { (self.size, self.done) = (size, done) }

    /// Ends when nothing arrives any more.
    func watch(on reactor: Reactor) {
        var before: UInt64 = 0
        reactor.every(.seconds(3)) { [self] timer in
            guard count > 0, count == before else { return before = count }
            timer.cancel()
            done()
        }
    }

    func socket(_ socket: SubSocket, received message: Message) {
        let found = message.withUnsafeBytes { $0.count }
        guard found != size else {
            if count == 0 { start = bench_now() }
            count += 1
            // The clock is read now and then: it is not what is measured.
            if count % 64 == 0 { last = bench_now() }
            return
        }
        if count > 0, message == "-" { done() }
    }
}
