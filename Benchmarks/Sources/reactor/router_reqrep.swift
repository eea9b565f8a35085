// A ROUTER that replies, and many DEALERs in another process, each with one request under way. Where BENCH_NUMBERED is
// set, a SERVER and CLIENTs, which have the same calls.

import CBench
import Glibc
import ZMQReactor

@main
enum RouterRequestReply {
    static func main() throws {
        let usage = "local|remote <endpoint> <size> <clients> <count>"
        bench_arguments(CommandLine.argc, CommandLine.unsafeArgv, 5, usage)
        bench_allow_descriptors()
        let endpoint = CommandLine.arguments[2]
        let size = bench_number(CommandLine.unsafeArgv[3])
        let clients = bench_number(CommandLine.unsafeArgv[4])
        let count = bench_number(CommandLine.unsafeArgv[5])
        let isLocal = bench_is_local(CommandLine.unsafeArgv[1])
        let isNumbered = getenv("BENCH_NUMBERED") != nil
        var elapsed: UInt64 = 0
        if isLocal {
            let requests = clients + count
            try isNumbered ? serve(ServerSocket.self, endpoint, requests) : serve(RouterSocket.self, endpoint, requests)
        } else if isNumbered {
            elapsed = try drive(ClientSocket.self, endpoint, Int(size), Int(clients), count)
        } else {
            elapsed = try drive(DealerSocket.self, endpoint, Int(size), Int(clients), count)
        }

        bench_report_begin(isNumbered ? "server_reqrep" : "router_reqrep", isLocal ? "local" : "remote")
        bench_report_count("size", size)
        bench_report_count("clients", clients)
        if !isLocal { bench_report_rate(count, elapsed) }
        bench_report_end()
    }

    private static func serve<Server: ClosureSocket & SendingSocket>(
        _ type: Server.Type,
        _ endpoint: String,
        _ requests: UInt64
    ) throws {
        let reactor = try Reactor()
        let context = Context()
        var options = SocketOptions()
        options.backlog = Int(BENCH_BACKLOG)
        var left = requests
        try Server(on: reactor, in: context, options: options) { server, request in
            _ = try! server.send(request)
            left -= 1
            if left == 0 { context.terminate(thenStop: reactor) }
        }.bind(endpoint)
        reactor.run()
    }

    private static func drive<Client: ClosureSocket & SendingSocket>(
        _ type: Client.Type,
        _ endpoint: String,
        _ size: Int,
        _ clients: Int,
        _ count: UInt64
    ) throws -> UInt64 {
        let reactor = try Reactor()
        let context = Context()
        let driver = Driver<Client>(size: size, count: count) { context.terminate(thenStop: reactor) }
        for _ in 0..<clients {
            let client = try Client(on: reactor, in: context) { driver.received($1, by: $0) }
            try client.connect(endpoint)
            driver.add(client)
        }
        reactor.run()
        return driver.elapsed
    }
}

/// Every client has its connection and its first reply before the clock starts.
private final class Driver<Client: SendingSocket> {
    private let bytes: [UInt8]
    private let count: UInt64
    private let done: () -> Void
    private var clients: [Client] = []
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

    func add(_ client: Client) {
        clients.append(client)
        waitingForFirst += 1
        send(client)
    }

    func received(_ reply: Message, by client: Client) {
        bench_expect_size(reply.withUnsafeBytes { $0.count }, bytes.count)
        guard waitingForFirst == 0 else { return firstReply() }
        received += 1
        guard received == count else { return askAgain(client) }
        elapsed = bench_now() - start
        done()
    }

    private func firstReply() {
        waitingForFirst -= 1
        guard waitingForFirst == 0 else { return }
        start = bench_now()
        for client in clients { askAgain(client) }
    }

    private func askAgain(_ client: Client) {
        guard sent < count else { return }
        sent += 1
        send(client)
    }

    private func send(_ client: Client) {
        guard try! client.send(bytes) == .accepted else { fatalError("no room for a single request") }
    }
}
