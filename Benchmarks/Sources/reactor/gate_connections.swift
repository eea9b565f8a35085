import CBench
@_spi(Benchmarking) import EventReactor
import ZMQReactor

// For the gate: DEALERs on one loop connect to a ROUTER, each sends a request, receives the reply and closes, 16 at a
// time; one count is one connection, both ends of it. Over ipc, where sent data has arrived: over tcp it sometimes
// takes one more turn.

@main
enum GateConnections {
    static func main() throws {
        bench_arguments(
            CommandLine.argc,
            CommandLine.unsafeArgv,
            3,
            "<size> <connections, a multiple of 16> <1: by shared memory, 0: by socket>"
        )
        var options = SocketOptions()
        options.ipcSharesMemory = bench_number(CommandLine.unsafeArgv[3]) != 0
        let reactor = try Reactor()
        reactor.measuresWork = false
        let context = Context()
        let router = try RouterSocket(on: reactor, in: context, options: options) { router, request in
            _ = try! router.send(request)
        }
        let clients = Clients(
            on: reactor,
            in: context,
            options,
            to: try router.bind("ipc://*"),
            size: Int(bench_number(CommandLine.unsafeArgv[1])),
            count: Int(bench_number(CommandLine.unsafeArgv[2]))
        )
        clients.connect()
        reactor.run()
    }
}

private final class Clients: DealerHandler {
    private static let parallel = 16

    private let reactor: Reactor
    private let context: Context
    private let options: SocketOptions
    private let endpoint: String
    private let request: [UInt8]
    private var left: Int
    private var awaited = 0

    init(
        on reactor: Reactor,
        in context: Context,
        _ options: SocketOptions,
        to endpoint: String,
        size: Int,
        count: Int
    ) {
        self.reactor = reactor
        self.context = context
        self.options = options
        self.endpoint = endpoint
        request = [UInt8](repeating: 0, count: size)
        left = count
    }

    func connect() {
        guard left > 0 else { return reactor.stop() }
        left -= Self.parallel
        awaited = Self.parallel
        for _ in 0..<Self.parallel {
            let dealer = try! DealerSocket(on: reactor, in: context, options: options, handler: self)
            try! dealer.connect(endpoint)
            _ = try! dealer.send(request)
        }
    }

    func socket(_ socket: DealerSocket, received message: Message) {
        socket.close()
        awaited -= 1
        if awaited == 0 { connect() }
    }
}
