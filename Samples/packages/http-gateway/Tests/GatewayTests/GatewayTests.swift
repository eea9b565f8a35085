import Foundation
import FoundationNetworking
import Gateway
import Hummingbird
import Logging
import ServiceLifecycle
import Testing
import ZMQReactor

/// A gateway on a free port, asked over HTTP, with workers that the test provides.
@Suite(.timeLimit(.minutes(2)))
struct GatewayTests {
    private func withGateway(
        _ options: RequestClient.Options = Workers.options,
        worker: (@Sendable (Message, Reply) -> Void)?,
        _ body: @Sendable (_ address: String, _ workers: RequestClient) async throws -> Void
    ) async throws {
        let endpoint = "ipc://@gateway-\(UUID())"
        let workers = try await Workers(at: endpoint, options: options)
        let context = Context()
        let thread = try worker.map { worker in
            try Reactor.start { reactor in
                let socket = try RepSocket(on: reactor, in: context) { _, request, reply in
                    worker(request, reply)
                }
                try socket.connect(endpoint)
            }
        }
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let app = Application(
            router: Gateway(workers: workers.client).router(),
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            services: workers.services,
            onServerRunning: { port.yield($0.localAddress?.port ?? 0) },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let group = ServiceGroup(
            services: [app],
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await port in ports {
                try await body("http://127.0.0.1:\(port)", workers.client)
                break
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        await context.terminate()
        thread?.stop()
        await thread?.join()
    }

    private func get(_ address: String) async throws -> (status: Int, body: String) {
        let (data, response) = try await URLSession.shared.data(from: #require(URL(string: address)))
        return ((response as? HTTPURLResponse)?.statusCode ?? 0, String(decoding: data, as: UTF8.self))
    }

    @Test("each of many requests at once gets its own answer")
    func many() async throws {
        try await withGateway(worker: { request, reply in
            let number = request.frame(0)?.decimal ?? 0
            reply.send("\(number * number)")
        }) { address, _ in
            try await withThrowingTaskGroup(of: (Int, Int, String).self) { tasks in
                for number in 0..<200 {
                    tasks.addTask {
                        let (status, body) = try await get("\(address)/square/\(number)")
                        return (number, status, body)
                    }
                }
                for try await (number, status, body) in tasks {
                    #expect(status == 200 && body == "\(number * number)\n")
                }
            }
        }
    }

    @Test("without a worker there is a 504 after the timeouts")
    func noWorker() async throws {
        var options = Workers.options
        options.timeout = .milliseconds(50)
        try await withGateway(options, worker: nil) { address, _ in
            let status = try await get("\(address)/square/3").status
            #expect(status == 504)
        }
    }

    @Test("when too many wait, there is a 503 at once")
    func busy() async throws {
        var options = Workers.options
        options.waiting = 0
        options.concurrency = 1
        options.timeout = .milliseconds(500)
        options.retries = 0
        // The worker never answers.
        try await withGateway(options, worker: { _, _ in }) { address, _ in
            let statuses = try await withThrowingTaskGroup(of: Int.self) { tasks in
                for _ in 0..<5 { tasks.addTask { try await get("\(address)/square/3").status } }
                return try await tasks.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.contains(503) && statuses.allSatisfy { $0 == 503 || $0 == 504 })
        }
    }

    @Test("the request of a client that hangs up is cancelled")
    func hangUp() async throws {
        var options = Workers.options
        options.timeout = .seconds(30)
        options.retries = 0
        // The worker is asked, and never answers.
        let (questions, asked) = AsyncStream.makeStream(of: Void.self)
        try await withGateway(options, worker: { _, _ in asked.yield() }) { address, workers in
            let client = Task { try await get("\(address)/square/3") }
            for await _ in questions { break }
            #expect(workers.statistics.requests == 1)
            client.cancel()
            await #expect(throws: (any Error).self) { try await client.value }
            while workers.statistics.cancelled + workers.statistics.timedOut == 0 {
                try await Task.sleep(for: .milliseconds(1))
            }
            #expect(workers.statistics.cancelled == 1)
        }
    }

    @Test("what is not a number is not given to a worker")
    func notANumber() async throws {
        try await withGateway(worker: { _, reply in reply.send("0") }) { address, _ in
            let status = try await get("\(address)/square/three").status
            #expect(status == 400)
        }
    }
}
