import CBench
@_spi(Benchmarking) import EventReactor
import ZMQReactor

// For the gate: REQ and REP over tcp, both ends on one loop, so that one count covers a whole round trip.

@main
enum GateReqRep {
    static func main() throws {
        bench_arguments(CommandLine.argc, CommandLine.unsafeArgv, 2, "<size> <round trips>")
        let size = Int(bench_number(CommandLine.unsafeArgv[1]))
        let reactor = try Reactor()
        reactor.measuresWork = false
        let context = Context()
        let rep = try RepSocket(on: reactor, in: context) { _, request, reply in reply.send(request) }
        let asker = Asker(reactor, size: size, count: Int(bench_number(CommandLine.unsafeArgv[2])))
        let req = try ReqSocket(on: reactor, in: context, handler: asker)
        try req.connect(try rep.bind("tcp://127.0.0.1:*"))
        asker.ask(req)
        reactor.run()
    }
}

private final class Asker: ReqHandler {
    private let reactor: Reactor
    private let message: Message
    private var left: Int

    init(_ reactor: Reactor, size: Int, count: Int) {
        self.reactor = reactor
        message = Message([UInt8](repeating: 0, count: size))
        left = count
    }

    func ask(_ socket: ReqSocket) { _ = try! socket.send(message) }

    func socket(_ socket: ReqSocket, received reply: Message) {
        left -= 1
        if left > 0 { ask(socket) } else { reactor.stop() }
    }
}
