import CBench
@_spi(Benchmarking) import EventReactor
import ZMQReactor

// For the gate: PUSH and PULL over inproc, both ends on one loop.

@main
enum GateInproc {
    static func main() throws {
        bench_arguments(CommandLine.argc, CommandLine.unsafeArgv, 2, "<size> <messages>")
        let size = Int(bench_number(CommandLine.unsafeArgv[1]))
        let count = Int(bench_number(CommandLine.unsafeArgv[2]))
        let reactor = try Reactor()
        reactor.measuresWork = false
        let context = Context()
        let pipeline = Pipeline(reactor, size: size, count: count)
        let pull = try PullSocket(on: reactor, in: context, handler: pipeline)
        let push = try PushSocket(on: reactor, in: context, handler: pipeline)
        try push.connect(try pull.bind("inproc://gate"))
        pipeline.socketIsWritable(push)
        reactor.run()
    }
}

private final class Pipeline: PullHandler, PushHandler {
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

    func socketIsWritable(_ socket: PushSocket) {
        while toSend > 0 {
            guard try! socket.send(bytes) == .accepted else { return }
            toSend -= 1
        }
    }

    func socket(_ socket: PullSocket, received message: Message) {
        toReceive -= 1
        if toReceive == 0 { reactor.stop() }
    }
}
