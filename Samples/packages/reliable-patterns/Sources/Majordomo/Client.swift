public import ZMQReactor

/// A client of the Majordomo Protocol 0.2 (RFC 18).
///
/// A request without a reply is repeated over a new socket, so that a late reply to an earlier attempt is not delivered.
/// One request is made at a time, on the reactor of the client.
public final class Client {
    public struct Settings: Sendable {
        /// How long an attempt waits for each message of the reply. Default 10 s: longer than the work on a request
        /// takes, and longer than the broker needs to notice that a worker is lost.
        public var timeout: Duration = .seconds(10)

        /// How many attempts follow the first one. Default 3.
        public var retries = 3

        public init() {}
    }

    public struct Reply: Sendable {
        /// The partial replies, in order.
        public var partial: [Message] = []
        public var final: Message
    }

    /// Called before each repeated attempt, with the number of attempts that have failed.
    public var onRetry: (_ failedAttempts: Int) -> Void = { _ in }

    private let endpoint: String
    private let reactor: Reactor
    private let context: Context
    private let settings: Settings
    private var socket: DealerSocket?
    private var isWaiting = false

    public init(of endpoint: String, on reactor: Reactor, in context: Context, settings: Settings = Settings()) {
        self.endpoint = endpoint
        self.reactor = reactor
        self.context = context
        self.settings = settings
    }

    /// Asks for a service, and repeats that until there is a reply.
    ///
    /// - Throws: `timedOut` when all attempts have failed; `cancelled` when the task is; `wrongState` when another
    ///   request of this client is pending; `invalidArgument` for the endpoint; `terminated`.
    public func request(_ service: String, _ body: Message) async throws(ZMQError) -> Reply {
        guard !isWaiting else { throw ZMQError(.wrongState, "another request is pending") }
        isWaiting = true
        defer { isWaiting = false }
        var failedAttempts = 0
        while true {
            do {
                return try await attempt(service, body)
            } catch {
                close()
                guard error.code == .timedOut else { throw error }
                failedAttempts += 1
                guard failedAttempts <= settings.retries else { throw error }
                onRetry(failedAttempts)
            }
        }
    }

    /// Closes the connection, if there is one. The next request opens another.
    public func close() {
        socket?.close()
        socket = nil
    }

    private func attempt(_ service: String, _ body: Message) async throws(ZMQError) -> Reply {
        let socket = try openSocket()
        try await socket.sendWhenReady(ClientCommand.request(service: Frame(service), body: body).message)
        var reply = Reply(final: Message())
        while true {
            switch ClientCommand(try await socket.receive(within: settings.timeout)) {
            case .partial(_, let body): reply.partial.append(body)
            case .final(_, let body):
                reply.final = body
                return reply
            default: break
            }
        }
    }

    private func openSocket() throws(ZMQError) -> DealerSocket {
        if let socket { return socket }
        var options = SocketOptions()
        options.linger = .none
        let socket = try DealerSocket(on: reactor, in: context, options: options)
        try socket.connect(endpoint)
        self.socket = socket
        return socket
    }
}
