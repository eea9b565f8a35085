import CBench
@_spi(Benchmarking) import EventReactor
import ZMQReactor

// For the gate: a publisher, an XSUB/XPUB proxy and a subscriber over inproc, all on one loop.

@main
enum GateProxy {
    static func main() throws {
        bench_arguments(CommandLine.argc, CommandLine.unsafeArgv, 2, "<size> <messages>")
        let size = Int(bench_number(CommandLine.unsafeArgv[1]))
        let count = Int(bench_number(CommandLine.unsafeArgv[2]))
        let reactor = try Reactor()
        reactor.measuresWork = false
        let context = Context()
        let ends = Ends(reactor, size: size, count: count)
        let publisher = try XPubSocket(on: reactor, in: context, handler: ends)
        let (frontend, backend) = (
            try XSubSocket(on: reactor, in: context), try XPubSocket(on: reactor, in: context)
        )
        for socket in [publisher, backend] { socket.blocksWhenFull = true }
        try Proxy(frontend: frontend, backend: backend)
        let subscriber = try SubSocket(on: reactor, in: context, handler: ends)
        try subscriber.subscribe(to: "")
        try frontend.connect(try publisher.bind("inproc://frontend"))
        try subscriber.connect(try backend.bind("inproc://backend"))
        reactor.run()
    }
}

private final class Ends: XPubHandler, SubHandler {
    private let reactor: Reactor
    private let bytes: [UInt8]
    private var toSend: Int
    private var toReceive: Int

    init(_ reactor: Reactor, size: Int, count: Int) {
        self.reactor = reactor
        bytes = [UInt8](repeating: 0, count: size)
        toSend = count
        toReceive = count
    }

    func socket(_ socket: XPubSocket, subscribed subscriber: Subscriber, to topic: Frame) {
        socketIsWritable(socket)
    }

    func socketIsWritable(_ socket: XPubSocket) {
        while toSend > 0 {
            guard try! socket.send(bytes) == .accepted else { return }
            toSend -= 1
        }
    }

    func socket(_ socket: SubSocket, received message: Message) {
        toReceive -= 1
        if toReceive == 0 { reactor.stop() }
    }
}
