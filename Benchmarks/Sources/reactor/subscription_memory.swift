// What a subscription of eight bytes costs the publisher that matches it and the subscriber that holds it.

import CBench
import ZMQReactor

@main
enum SubscriptionMemory {
    static func main() throws {
        bench_arguments(CommandLine.argc, CommandLine.unsafeArgv, 3, "local|remote <endpoint> <subscriptions>")
        let endpoint = CommandLine.arguments[2]
        let subscriptions = bench_number(CommandLine.unsafeArgv[3])
        let isLocal = bench_is_local(CommandLine.unsafeArgv[1])
        let reactor = try Reactor()
        let context = Context()
        let gauge = Gauge()
        let done = { context.terminate(thenStop: reactor) }
        if isLocal {
            let publisher = Publisher(subscriptions: subscriptions, gauge, done: done)
            let socket = try XPubSocket(on: reactor, in: context, handler: publisher)
            socket.subscriptionLimits.topics = Int(subscriptions) + 1
            socket.verbosity = .verbose
            try socket.bind(endpoint)
        } else {
            let handler = SubscriberOfMany(subscriptions: subscriptions, gauge, done: done)
            let socket = try SubSocket(on: reactor, in: context, handler: handler)
            try socket.subscribe(to: "end")
            try socket.connect(endpoint)
        }
        reactor.run()

        bench_report_begin("subscription_memory", isLocal ? "local" : "remote")
        bench_report_count("subscriptions", subscriptions)
        bench_report_number("bytes_per_subscription", Double(gauge.growth) / Double(subscriptions))
        bench_report_end()
    }
}

private final class Gauge {
    private var before: UInt64 = 0
    private(set) var growth: UInt64 = 0

    func begin() { before = bench_resident_bytes() }

    /// Measures after a period without activity.
    func end(on reactor: Reactor, then body: @escaping () -> Void) {
        reactor.after(.milliseconds(300)) { [self] _ in
            let after = bench_resident_bytes()
            growth = after > before ? after - before : 0
            body()
        }
    }
}

private final class Publisher: XPubHandler {
    private let gauge: Gauge
    private let done: () -> Void
    private var isFirst = true
    private var awaited: UInt64

    init(subscriptions: UInt64, _ gauge: Gauge, done: @escaping () -> Void) {
        awaited = subscriptions
        self.gauge = gauge
        self.done = done
    }

    func socket(_ socket: XPubSocket, subscribed subscriber: Subscriber, to topic: Frame) {
        if isFirst {
            // "end"; the others follow when it has been answered.
            isFirst = false
            gauge.begin()
            _ = try! socket.send("end")
            return
        }
        awaited -= 1
        guard awaited == 0 else { return }
        gauge.end(on: socket.reactor) { [self] in
            _ = try! socket.send("end")
            done()
        }
    }
}

private final class SubscriberOfMany: SubHandler {
    private let subscriptions: UInt64
    private let gauge: Gauge
    private let done: () -> Void
    private var isFirst = true

    init(subscriptions: UInt64, _ gauge: Gauge, done: @escaping () -> Void) {
        self.subscriptions = subscriptions
        self.gauge = gauge
        self.done = done
    }

    func socket(_ socket: SubSocket, received message: Message) {
        guard isFirst else { return gauge.end(on: socket.reactor, then: done) }
        isFirst = false
        gauge.begin()
        var topic = [UInt8](repeating: 0, count: Int(BENCH_TOPIC))
        for number in 0..<subscriptions {
            bench_write_topic(&topic, UInt32(number))
            try! socket.subscribe(to: topic)
        }
    }
}
