// A SERVER that replies, and many CLIENTs in another process, each with one request under way: as router_reqrep, which
// is what this is compared with.

import CBench
import ZMQReactor

@main
enum ServerRequestReply {
    static func main() throws {
        let usage = "local|remote <endpoint> <size> <clients> <count>"
        bench_arguments(CommandLine.argc, CommandLine.unsafeArgv, 5, usage)
        bench_allow_descriptors()
        let endpoint = CommandLine.arguments[2]
        let size = bench_number(CommandLine.unsafeArgv[3])
        let clients = bench_number(CommandLine.unsafeArgv[4])
        let count = bench_number(CommandLine.unsafeArgv[5])
        let isLocal = bench_is_local(CommandLine.unsafeArgv[1])
        let elapsed =
            isLocal
            ? try serve(endpoint, requests: clients + count)
            : try drive(endpoint, size: Int(size), clients: Int(clients), count: count)

        bench_report_begin("server_reqrep", isLocal ? "local" : "remote")
        bench_report_count("size", size)
        bench_report_count("clients", clients)
        if !isLocal { bench_report_rate(count, elapsed) }
        bench_report_end()
    }

    private static func serve(_ endpoint: String, requests: UInt64) throws -> UInt64 {
        let reactor = try Reactor()
        let context = Context()
        let server = Server(requests) { context.terminate(thenStop: reactor) }
        var options = SocketOptions()
        options.backlog = Int(BENCH_BACKLOG)
        try ServerSocket(on: reactor, in: context, options: options, handler: server).bind(endpoint)
        reactor.run()
        return 0
    }

    private static func drive(_ endpoint: String, size: Int, clients: Int, count: UInt64) throws -> UInt64 {
        let reactor = try Reactor()
        let context = Context()
        let driver = Driver(size: size, count: count) { context.terminate(thenStop: reactor) }
        for _ in 0..<clients {
            let client = try ClientSocket(on: reactor, in: context, handler: driver)
            try client.connect(endpoint)
            driver.add(client)
        }
        reactor.run()
        return driver.elapsed
    }
}

private final class Server: ServerHandler {
    private var left: UInt64
    private let done: () -> Void

    init(_ requests: UInt64, done: @escaping () -> Void) {
        left = requests
        self.done = done
    }

    func socket(_ socket: ServerSocket, received message: Message) {
        _ = try! socket.send(message)
        left -= 1
        if left == 0 { done() }
    }
}

/// Every client has its connection and its first reply before the clock starts.
private final class Driver: ClientHandler {
    private let bytes: [UInt8]
    private let count: UInt64
    private let done: () -> Void
    private var clients: [ClientSocket] = []
    private var waitingForFirst = 0
    private var sent: UInt64 = 0
    private var received: UInt64 = 0
    private var start: UInt64 = 0
    private(set) var elapsed: UInt64 = 0

    init(size: Int, count: UInt64, done: @escaping () -> Void) {
        bytes = [UInt8](repeating: 0, count: size)
        self.count = count
        self.done = done
    }

    func add(_ client: ClientSocket) {
        clients.append(client)
        waitingForFirst += 1
        send(client)
    }

    func socket(_ socket: ClientSocket, received message: Message) {
        bench_expect_size(message.withUnsafeBytes { $0.count }, bytes.count)
        guard waitingForFirst == 0 else { return firstReply() }
        received += 1
        guard received == count else { return askAgain(socket) }
        elapsed = bench_now() - start
        done()
    }

    private func firstReply() {
        waitingForFirst -= 1
        guard waitingForFirst == 0 else { return }
        start = bench_now()
        for client in clients { askAgain(client) }
    }

    private func askAgain(_ client: ClientSocket) {
        guard sent < count else { return }
        sent += 1
        send(client)
    }

    private func send(_ client: ClientSocket) {
        guard try! client.send(bytes) == .accepted else { fatalError("no room for a single request") }
    }
}
