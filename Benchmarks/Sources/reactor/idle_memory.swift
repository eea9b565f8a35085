// What a connection that carried one request and one reply, and is now idle, costs a ROUTER.

import CBench
import ZMQReactor

@main
enum IdleMemory {
    static func main() throws {
        bench_arguments(CommandLine.argc, CommandLine.unsafeArgv, 3, "local|remote <endpoint> <connections>")
        bench_allow_descriptors()
        let endpoint = CommandLine.arguments[2]
        let connections = bench_number(CommandLine.unsafeArgv[3])
        let isLocal = bench_is_local(CommandLine.unsafeArgv[1])
        let reactor = try Reactor()
        let context = Context()
        let done = { context.terminate(thenStop: reactor) }
        let server = Server(connections: connections, done: done)
        if isLocal {
            var options = SocketOptions()
            options.backlog = Int(BENCH_BACKLOG)
            try RouterSocket(on: reactor, in: context, options: options, handler: server).bind(endpoint)
        } else {
            let clients = Clients(connections: connections, done: done) { clients in
                let dealer = try! DealerSocket(on: reactor, in: context, handler: clients)
                try! dealer.connect(endpoint)
                return dealer
            }
            clients.begin()
        }
        reactor.run()

        bench_report_begin("idle_memory", isLocal ? "local" : "remote")
        bench_report_count("connections", connections)
        if isLocal { bench_report_number("bytes_per_connection", Double(server.growth) / Double(connections)) }
        bench_report_end()
    }
}

/// The clients wait for the first reply before the others connect, and for the last before they end.
private final class Server: RouterHandler {
    private let connections: UInt64
    private let done: () -> Void
    private var received: UInt64 = 0
    private var before: UInt64 = 0
    private var isMeasured = false
    private var last: Message?
    private(set) var growth: UInt64 = 0

    init(connections: UInt64, done: @escaping () -> Void) {
        self.connections = connections
        self.done = done
    }

    func socket(_ socket: RouterSocket, received message: Message) {
        received += 1
        if received == 1 {
            socket.reactor.after(.milliseconds(100)) { [self] _ in
                before = bench_resident_bytes()
                _ = try! socket.send(message)
            }
        } else if received == connections + 2 {
            last = message
            finish(socket)
        } else {
            _ = try! socket.send(message)
            if received == connections + 1 {
                socket.reactor.after(.milliseconds(300)) { [self] _ in measure(socket) }
            }
        }
    }

    private func measure(_ socket: RouterSocket) {
        let after = bench_resident_bytes()
        growth = after > before ? after - before : 0
        isMeasured = true
        finish(socket)
    }

    private func finish(_ socket: RouterSocket) {
        guard isMeasured, let last else { return }
        _ = try! socket.send(last)
        done()
    }
}

private final class Clients: DealerHandler {
    private let connections: UInt64
    private let done: () -> Void
    private let connect: (Clients) -> DealerSocket
    private var first: DealerSocket?
    private var received: UInt64 = 0

    init(connections: UInt64, done: @escaping () -> Void, connect: @escaping (Clients) -> DealerSocket) {
        self.connections = connections
        self.done = done
        self.connect = connect
    }

    func begin() { first = ask() }

    private func ask() -> DealerSocket {
        let dealer = connect(self)
        _ = try! dealer.send([0])
        return dealer
    }

    func socket(_ socket: DealerSocket, received message: Message) {
        bench_expect_size(message.withUnsafeBytes { $0.count }, 1)
        received += 1
        switch received {
        case 1: for _ in 0..<connections { _ = ask() }
        case connections + 1: _ = try! first!.send([0])
        case connections + 2: done()
        default: break
        }
    }
}
