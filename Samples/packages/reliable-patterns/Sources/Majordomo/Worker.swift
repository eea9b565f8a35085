public import ZMQReactor

/// A worker of the Majordomo Protocol 0.2 (RFC 18), which handles the requests for one service, one at a time.
///
/// A request may be handled more than once, by this worker or another: when a worker or the broker ends before the
/// client has the reply. So the work must be safe to repeat.
public final class Worker {
    /// Sends a partial reply, before the final one.
    public typealias Partial = (Message) async throws -> Void

    private let service: String
    private let endpoint: String
    private let reactor: Reactor
    private let context: Context
    private let heartbeats: HeartbeatSettings
    private let work: (Message, Partial) async throws -> Message
    private var current: Task<Void, any Error>?

    /// - Parameters:
    ///   - service: the name of the service.
    ///   - endpoint: the broker's.
    ///   - work: makes the reply to a request. It may wait: heartbeats go on. When it throws, the worker ends its
    ///     connection without a reply, and the broker gives the request to another worker.
    public init(
        for service: String,
        at endpoint: String,
        on reactor: Reactor,
        in context: Context,
        heartbeats: HeartbeatSettings = HeartbeatSettings(),
        work: @escaping (_ request: Message, _ partial: Partial) async throws -> Message
    ) {
        self.service = service
        self.endpoint = endpoint
        self.reactor = reactor
        self.context = context
        self.heartbeats = heartbeats
        self.work = work
    }

    /// Works until the task is cancelled or the context terminated, which is thrown. When the broker is lost, the
    /// worker registers again.
    public func run() async throws {
        while true {
            try await serve()
            try await reactor.sleep(for: heartbeats.interval)
        }
    }

    /// Works over one connection. Returns when it, or the broker, is lost.
    private func serve() async throws {
        var options = SocketOptions()
        options.linger = .none
        let socket = try DealerSocket(on: reactor, in: context, options: options)
        defer { socket.close() }
        try socket.connect(endpoint)
        try await socket.sendWhenReady(WorkerCommand.ready(service: Frame(service)).message)
        let sendHeartbeats = reactor.task { [heartbeats] reactor in
            for await _ in reactor.ticks(every: heartbeats.interval) {
                try await socket.sendWhenReady(WorkerCommand.heartbeat.message)
            }
        }
        defer {
            sendHeartbeats.cancel()
            current?.cancel()
        }
        while let message = try await socket.receive(unlessSilentFor: heartbeats.limit) {
            switch WorkerCommand(message) {
            case .request(let client, let body): start(body, for: client, over: socket)
            case .disconnect: return
            default: break
            }
        }
    }

    private func start(_ request: Message, for client: Frame, over socket: DealerSocket) {
        current = reactor.task { [work] _ in
            do {
                let reply = try await work(request) { partial in
                    try await socket.sendWhenReady(WorkerCommand.partial(client: client, body: partial).message)
                }
                try await socket.sendWhenReady(WorkerCommand.final(client: client, body: reply).message)
            } catch {
                socket.close()
                throw error
            }
        }
    }
}

extension DealerSocket {
    /// The next message; nil when there is none for that long, or the socket is closed.
    func receive(unlessSilentFor limit: Duration) async throws(ZMQError) -> Message? {
        do {
            return try await receive(within: limit)
        } catch  where error.code == .timedOut || error.code == .closed {
            return nil
        }
    }
}
