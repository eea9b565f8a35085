// A RADIO that sends datagrams to a DISH: messages per second that arrive, and how many of them did.
//
// The DISH counts from the first message to the last one in front of the end, so that lost ones do not count. It also
// ends when nothing arrives for three seconds: the message that marks the end can be lost as well.

import CBench
import ZMQReactor

@main
enum RadioThroughput {
    static func main() throws {
        bench_arguments(CommandLine.argc, CommandLine.unsafeArgv, 4, "local|remote <endpoint> <size> <count>")
        let endpoint = CommandLine.arguments[2]
        let size = Int(bench_number(CommandLine.unsafeArgv[3]))
        let count = bench_number(CommandLine.unsafeArgv[4])
        let isLocal = bench_is_local(CommandLine.unsafeArgv[1])
        var options = SocketOptions()
        options.receiveBuffer = 4 << 20
        let reactor = try Reactor()
        let context = Context()
        let done = { context.terminate(thenStop: reactor) }
        let collector = Collector(size: size, done: done)
        if isLocal {
            let dish = try DishSocket(on: reactor, in: context, options: options, handler: collector)
            try dish.join("g")
            try dish.bind(endpoint)
            collector.watch(on: reactor)
        } else {
            let radio = try RadioSocket(on: reactor, in: context, options: options)
            try radio.connect(endpoint)
            Sender(radio, size: size, count: count, done: done).start()
        }
        reactor.run()

        bench_report_begin("radio_thr", isLocal ? "local" : "remote")
        bench_report_count("size", UInt64(size))
        if isLocal {
            bench_report_rate(collector.count - 1, collector.elapsed)
            bench_report_number("arrived", Double(collector.count) / Double(count))
        } else {
            bench_report_count("count", count)
        }
        bench_report_end()
    }
}

/// Says that it is there for half a second, sends, and says for half a second that it is over.
private final class Sender {
    private let radio: RadioSocket
    private let bytes: [UInt8]
    private var left: UInt64
    private let done: () -> Void

    /// The messages of one turn of the loop.
    private static let portion: UInt64 = 1000

    init(_ radio: RadioSocket, size: Int, count: UInt64, done: @escaping () -> Void) {
        self.radio = radio
        bytes = [UInt8](repeating: 0, count: size)
        left = count
        self.done = done
    }

    func start() { say("+") { self.send() } }

    private func say(_ what: String, then body: @escaping () -> Void) {
        var times = 0
        radio.reactor.every(.milliseconds(10)) { [self] timer in
            _ = try? radio.send(what, to: "g")
            times += 1
            guard times == 50 else { return }
            timer.cancel()
            body()
        }
    }

    private func send() {
        let (group, bytes) = ("g" as Frame, bytes)
        let body = bytes.span.bytes
        for _ in 0..<min(Self.portion, left) { try! radio.send(body, to: group) }
        left -= min(Self.portion, left)
        guard left == 0 else { return _ = radio.reactor.after(.zero) { _ in self.send() } }
        say("-", then: done)
    }
}

private final class Collector: DishHandler {
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

    func socket(_ socket: DishSocket, received message: Message) {
        let body = message[1]
        guard body.count != size else {
            if count == 0 { start = bench_now() }
            count += 1
            // The clock is read now and then: it is not what is measured.
            if count % 64 == 0 { last = bench_now() }
            return
        }
        if count > 0, body == "-" { done() }
    }
}
