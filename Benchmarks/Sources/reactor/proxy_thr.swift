// A publisher, an XSUB/XPUB proxy and a subscriber, each on its own thread with a reactor, over inproc.

import CBench
import ZMQReactor

@main
enum ProxyThroughput {
    static func main() throws {
        bench_arguments(CommandLine.argc, CommandLine.unsafeArgv, 2, "<size> <count>")
        let size = bench_number(CommandLine.unsafeArgv[1])
        let count = bench_number(CommandLine.unsafeArgv[2])
        let context = Context()
        let publisher = try Reactor.start(named: "publisher") { reactor in
            let handler = Publisher(size: Int(size), count: count)
            try boundPublisher(on: reactor, in: context, handler).bind("inproc://frontend")
        }
        let proxy = try Reactor.start(named: "proxy") { reactor in
            let frontend = try XSubSocket(on: reactor, in: context)
            let backend = try boundPublisher(on: reactor, in: context, nil)
            try backend.bind("inproc://backend")
            try Proxy(frontend: frontend, backend: backend)
            try frontend.connect("inproc://frontend")
        }
        let reactor = try Reactor()
        let counter = Counter(reactor, size: Int(size), until: count)
        let subscriber = try SubSocket(on: reactor, in: context, handler: counter)
        try subscriber.subscribe(to: "")
        try subscriber.connect("inproc://backend")
        reactor.run()

        bench_report_begin("proxy_thr", "both")
        bench_report_count("size", size)
        bench_report_rate(counter.count - 1, counter.elapsed)
        bench_report_end()
        for thread in [publisher, proxy] {
            thread.stop()
            thread.join()
        }
    }

    /// A publisher that reports every subscription, and blocks at its high-water mark instead of dropping.
    private static func boundPublisher(
        on reactor: Reactor,
        in context: Context,
        _ handler: (any XPubHandler)?
    ) throws -> XPubSocket {
        let socket = try XPubSocket(on: reactor, in: context, handler: handler)
        socket.verbosity = .verbose
        socket.blocksWhenFull = true
        return socket
    }
}

/// The forwarded subscription shows that the path is open.
private final class Publisher: XPubHandler {
    private let bytes: [UInt8]
    private var left: UInt64

    init(size: Int, count: UInt64) {
        bytes = [UInt8](repeating: 0, count: size)
        left = count
    }

    func socket(_ socket: XPubSocket, subscribed subscriber: Subscriber, to topic: Frame) {
        socketIsWritable(socket)
    }

    func socketIsWritable(_ socket: XPubSocket) {
        while left > 0 {
            guard try! socket.send(bytes) == .accepted else { return }
            left -= 1
        }
    }
}

private final class Counter: SubHandler {
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

    func socket(_ socket: SubSocket, received message: Message) {
        bench_expect_size(message.withUnsafeBytes { $0.count }, size)
        if count == 0 { start = bench_now() }
        count += 1
        guard count == limit else { return }
        elapsed = bench_now() - start
        reactor.stop()
    }
}
