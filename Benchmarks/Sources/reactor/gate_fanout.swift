import CBench
@_spi(Benchmarking) import EventReactor
import ZMQReactor

// For the gate: PUB and 8 SUBs over tcp on one loop, each with the same thousand subscriptions, which the messages
// match in turn; one count is one message, published and received eight times.

@main
enum GateFanOut {
    static func main() throws {
        bench_arguments(CommandLine.argc, CommandLine.unsafeArgv, 2, "<size of at least 8> <messages>")
        let size = Int(bench_number(CommandLine.unsafeArgv[1]))
        let count = Int(bench_number(CommandLine.unsafeArgv[2]))
        let reactor = try Reactor()
        reactor.measuresWork = false
        let context = Context()
        let publisher = try PubSocket(on: reactor, in: context)
        let endpoint = try publisher.bind("tcp://127.0.0.1:*")
        let players = Players(publisher, size: size, count: count)
        for _ in 0..<Players.subscribers {
            let subscriber = try SubSocket(on: reactor, in: context, handler: players)
            for number in 0..<Players.topics { try subscriber.subscribe(to: topic(number)) }
            try subscriber.connect(endpoint)
        }
        // The topic of the last subscription.
        let last = String(decoding: topic(Players.topics - 1), as: UTF8.self)
        publisher.waitForSubscribers(Players.subscribers, to: last) { _ in players.publish() }
        reactor.run()
    }

    fileprivate static func topic(_ number: UInt32) -> [UInt8] {
        var text = [UInt8](repeating: 0, count: Int(BENCH_TOPIC))
        bench_write_topic(&text, number)
        return text
    }
}

private final class Players: SubHandler {
    static let subscribers = 8
    static let topics: UInt32 = 1000
    private static let portion = 500

    private let publisher: PubSocket
    private var bytes: [UInt8]
    private var next: UInt32 = 0
    private var left: Int
    private var awaited = 0

    init(_ publisher: PubSocket, size: Int, count: Int) {
        self.publisher = publisher
        bytes = [UInt8](repeating: 0, count: size)
        left = count
    }

    /// Fewer messages than the high-water mark at once, so that none is dropped.
    func publish() {
        let portion = min(Self.portion, left)
        left -= portion
        awaited = portion * Self.subscribers
        for _ in 0..<portion {
            bench_write_topic(&bytes, next)
            next = (next + 1) % Self.topics
            try! publisher.send(bytes)
        }
        if portion == 0 { publisher.reactor.stop() }
    }

    func socket(_ socket: SubSocket, received message: Message) {
        awaited -= 1
        if awaited == 0 { publish() }
    }
}
