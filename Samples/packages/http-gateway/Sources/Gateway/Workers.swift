public import ServiceLifecycle
public import ZMQReactor
import ZMQReactorServiceLifecycle

/// The connections to the workers, on a reactor of their own, beside the threads of the web server.
public struct Workers: Sendable {
    /// For requests from any task.
    public let client: RequestClient

    /// What to run. Services are shut down in the opposite order: the client waits for the last replies, its socket
    /// closes, and the thread ends.
    public let services: [any Service]

    /// Listens for workers, each of which is a REP socket that connects. They get the requests in turn.
    public init(at endpoint: String, options: RequestClient.Options = Self.options) async throws {
        let context = Context()
        let thread = try Reactor.start(named: "workers")
        client = try await thread.handle.run { reactor in
            let socket = try DealerSocket(on: reactor, in: context, options: options.socket)
            try socket.bind(endpoint)
            return RequestClient(using: socket, options: options)
        }
        services = [thread, ContextService(context), client]
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
}
