import CBench
@_spi(Benchmarking) import EventReactor
import ZMQReactor

// For the gate: ROUTER and 16 DEALERs over tcp on one loop, each with one request under way; one count is one request
// and its reply.

@main
enum GateRouter {
    static func main() throws {
        bench_arguments(CommandLine.argc, CommandLine.unsafeArgv, 2, "<size> <requests>")
        let size = Int(bench_number(CommandLine.unsafeArgv[1]))
        let count = Int(bench_number(CommandLine.unsafeArgv[2]))
        let reactor = try Reactor()
        reactor.measuresWork = false
        let context = Context()
        let players = Players(reactor, size: size, count: count)
        let router = try RouterSocket(on: reactor, in: context, handler: players)
        let endpoint = try router.bind("tcp://127.0.0.1:*")
        for _ in 0..<16 {
            let dealer = try DealerSocket(on: reactor, in: context, handler: players)
            try dealer.connect(endpoint)
            players.ask(dealer)
        }
        reactor.run()
    }
}

private final class Players: RouterHandler, DealerHandler {
    private let reactor: Reactor
    private let bytes: [UInt8]
    private var left: Int

    init(_ reactor: Reactor, size: Int, count: Int) {
        self.reactor = reactor
        bytes = [UInt8](repeating: 0, count: size)
        left = count
    }

    func ask(_ socket: DealerSocket) { _ = try! socket.send(bytes) }

    func socket(_ socket: RouterSocket, received message: Message) { _ = try! socket.send(message) }

    func socket(_ socket: DealerSocket, received message: Message) {
        left -= 1
        if left > 0 { ask(socket) } else { reactor.stop() }
    }
}
