public import ServiceLifecycle
public import ZMQReactor

/// The connections to the workers, on a reactor of their own, beside the threads of the web server.
public struct Workers: Service {
    /// For requests from any task.
    public let client: RequestClient

    private let context: Context
    private let thread: ReactorThread

    /// Listens for workers, each of which is a REP socket that connects. They get the requests in turn.
    public init(at endpoint: String, options: RequestClient.Options = Self.options) async throws {
        let context = Context()
        thread = try Reactor.start(named: "workers")
        self.context = context
        client = try await thread.handle.run { reactor in
            let socket = try DealerSocket(on: reactor, in: context, options: options.socket)
            try socket.bind(endpoint)
            return RequestClient(using: socket, options: options)
        }
    }

    /// Quick failures: the web client is still there to see them.
    public static var options: RequestClient.Options {
        var options = RequestClient.Options()
        options.timeout = .seconds(2)
        // The next worker may be alive. What they do must be safe to repeat.
        options.retries = 1
        options.concurrency = 100
        options.waiting = 1_000
        return options
    }

    /// Runs until a graceful shutdown. The web server is shut down before, so only its last requests are pending.
    public func run() async throws {
        do {
            try await gracefulShutdown()
            await client.close(within: .seconds(5))
        } catch {
            // Cancelled: another service has failed.
            await client.close()
        }
        await context.terminate()
        thread.stop()
        await thread.join()
    }
}
