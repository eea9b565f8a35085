public import ZMQReactor

/// Makes each request until there is a reply: the guide's lazy pirate.
///
/// An attempt without a reply is given up together with its socket, and the next one is made over a new socket. So an
/// attempt never waits behind a connection that is dead without having been closed, and a late reply to an earlier
/// attempt is not delivered. The server may handle a request twice: when it is slow, and when it ends between its work
/// and its reply.
///
/// One request is made at a time, on the reactor of the client.
public final class PirateClient {
    public struct Settings: Sendable {
        /// How long an attempt waits for the reply, and for a connection.
        public var timeout: Duration = .milliseconds(2_500)

        /// How many attempts follow the first one.
        public var retries = 3

        public init() {}
    }

    /// Called before each repeated attempt, with the number of attempts that have failed.
    public var onRetry: (_ failedAttempts: Int) -> Void = { _ in }

    private let endpoint: String
    private let reactor: Reactor
    private let context: Context
    private let settings: Settings
    private var socket: ReqSocket?

    public init(of endpoint: String, on reactor: Reactor, in context: Context, settings: Settings = Settings()) {
        self.endpoint = endpoint
        self.reactor = reactor
        self.context = context
        self.settings = settings
    }

    /// Makes a request, and repeats it until there is a reply.
    ///
    /// - Throws: `timedOut` when all attempts have failed; `cancelled` when the task is; `wrongState` when another
    ///   request of this client is pending; `invalidArgument` for the endpoint; `terminated`.
    public func request(_ message: Message) async throws(ZMQError) -> Message {
        var failedAttempts = 0
        while true {
            let socket = try openSocket()
            do {
                return try await socket.request(message, timeout: settings.timeout)
            } catch  where error.code == .timedOut {
                close()
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

    private func openSocket() throws(ZMQError) -> ReqSocket {
        if let socket { return socket }
        var options = SocketOptions()
        // What a closed socket has not sent is not sent later: the request is repeated by another one.
        options.linger = .none
        let socket = try ReqSocket(on: reactor, in: context, options: options)
        try socket.connect(endpoint)
        self.socket = socket
        return socket
    }
}
