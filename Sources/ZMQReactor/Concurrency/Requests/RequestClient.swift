public import EventReactor
public import ZMTP

/// Makes requests from any task, actor or thread, any number of them at once.
///
/// ```swift
/// let client = try await RequestClient(to: "tcp://localhost:5555", on: thread.handle, in: context)
/// let reply = try await client.request("Hello")
/// ```
///
/// The requests of all tasks go through one DEALER socket on a reactor, and are handed to it in batches. Each carries a
/// number in its envelope, with which the reply comes back: `[number, empty, request]`, as from a REQ that correlates
/// its replies (RFC 28). So the servers are REP or ROUTER sockets, of this framework or of libzmq; a ROUTER must return
/// the whole envelope. When there are several servers, requests go to them in turn.
///
/// **Flow control.** At most ``Options/concurrency`` requests are sent and unanswered. Others wait, in the order in
/// which they were made, also while no server is connected or has room. When ``Options/waiting`` requests wait, a
/// further one fails with `wouldBlock`.
///
/// **Timeouts and retries.** An attempt ends after its timeout, which includes the wait for its turn; then the request
/// is sent again, with the same number, as often as ``Options/retries`` allows. So a request may be carried out more
/// than once: retry only what may be repeated. A request that was sent to a server whose connection is lost is not sent
/// again before its timeout.
///
/// **Replies.** The first reply to a request counts. A later one, one that came after the timeout or the cancellation,
/// and one with an unknown number are dropped, and counted in ``Statistics/unexpectedReplies``.
///
/// **Closing.** ``close(within:)`` ends it. A client that is no longer referenced closes its socket.
public final class RequestClient: Sendable {
    /// The settings of a client.
    public struct Options: Sendable {
        /// How long an attempt waits for its reply; nil for no limit. Default 30 s.
        ///
        /// Timeouts run on the client's reactor, so a reactor that is held by a handler or does not run delays them: give
        /// the client the reactor of a thread of its own where that matters.
        public var timeout: Duration? = .seconds(30)

        /// How often a request is sent again after the timeout. Default 0.
        public var retries = 0

        /// The most requests that are sent and unanswered, 1 or more. Default 1000.
        public var concurrency = 1000

        /// The most further requests that wait for their turn, 0 or more. Default 10,000.
        public var waiting = 10_000

        /// The options of the socket. By default ``SocketOptions/isImmediate`` is true: requests wait in the client
        /// until a server is connected, so that those that have timed out are not sent any more.
        public var socket: SocketOptions

        /// The defaults.
        public init() {
            socket = SocketOptions()
            socket.isImmediate = true
        }

        func checked() -> Options {
            precondition(concurrency > 0, "the concurrency of a RequestClient must be 1 or more, not \(concurrency)")
            precondition(waiting >= 0, "a RequestClient cannot let \(waiting) requests wait")
            return self
        }
    }

    /// Counters of a client, since it was made.
    public struct Statistics: Sendable, Hashable {
        /// Requests that were accepted.
        public internal(set) var requests = 0
        /// Requests that were answered.
        public internal(set) var replies = 0
        /// Requests that were sent again after a timeout.
        public internal(set) var retries = 0
        /// Requests whose last attempt has timed out.
        public internal(set) var timedOut = 0
        /// Requests whose task was cancelled.
        public internal(set) var cancelled = 0
        /// Requests that failed with `wouldBlock`, because too many were waiting.
        public internal(set) var refused = 0
        /// Replies that were dropped: late ones, further ones to the same request, and those with an unknown number.
        public internal(set) var unexpectedReplies = 0
    }

    private let loop: RequestLoopReference
    private let inbox: RequestInbox

    /// The timeout of requests that do not have their own.
    private let timeout: Duration?
    private let retries: Int

    /// Makes a client on a reactor of any thread.
    ///
    /// - Parameters:
    ///   - endpoint: where to connect to.
    ///   - reactor: where the socket lives, such as the `handle` of a `ReactorThread`.
    ///   - context: the context of the program's sockets.
    ///   - options: the client's settings, and those of its socket.
    /// - Throws: `ZMQError` as ``Socket/connect(_:)`` and the socket's initializer do; `ReactorError` when the reactor
    ///   is gone or its inbox full; `CancellationError` when the task is cancelled.
    public convenience init(
        to endpoint: String,
        on reactor: ReactorHandle,
        in context: Context,
        options: Options = Options()
    ) async throws {
        let options = options.checked()
        let loop = try await reactor.run { reactor in
            let socket = try DealerSocket(on: reactor, in: context, options: options.socket)
            do {
                try socket.connect(endpoint)
            } catch {
                socket.close()
                throw error
            }
            let loop = RequestLoop(socket, concurrency: options.concurrency, waiting: options.waiting)
            return RequestLoopReference(loop)
        }
        self.init(loop, options)
    }

    /// Makes a client that uses a socket, on the reactor's thread. The socket is the client's from then on: nothing else
    /// sends or receives with it, and it closes with the client.
    ///
    /// - Parameters:
    ///   - socket: a DEALER socket without handler, which may be connected to any number of endpoints, now and later.
    ///   - options: the client's settings; those of the socket have no effect.
    public convenience init(using socket: DealerSocket, options: Options = Options()) {
        let options = options.checked()
        let loop = RequestLoop(socket, concurrency: options.concurrency, waiting: options.waiting)
        self.init(RequestLoopReference(loop), options)
    }

    private init(_ loop: RequestLoopReference, _ options: Options) {
        self.loop = loop
        inbox = loop.inbox
        (timeout, retries) = (options.timeout, options.retries)
    }

    deinit { loop.close(within: .zero) {} }

    /// Makes a request, and waits for the reply.
    ///
    /// - Parameters:
    ///   - message: the request.
    ///   - timeout: the limit of one attempt; nil for ``Options/timeout``.
    ///   - retries: how often the request is sent again after the timeout; nil for ``Options/retries``.
    /// - Returns: The reply. It refers to the memory that it was read into, see <doc:KeptSlices>.
    /// - Throws: `timedOut`; `cancelled` when the task is, at once: the client keeps nothing of the request, which may
    ///   already have been sent; `wouldBlock` when too many requests wait; `closed` when the client or its socket is
    ///   closed or its reactor gone; `terminated`.
    public nonisolated(nonsending) func request(
        _ message: Message,
        timeout: Duration? = nil,
        retries: Int? = nil
    ) async throws(ZMQError) -> Message {
        let request = ClientRequest(message, timeout: timeout ?? self.timeout, retries: retries ?? self.retries)
        let inbox = inbox
        return try await withTaskCancellationHandler {
            #if DEBUG
                await withCheckedContinuation { if request.begin($0) { inbox.submit(request) } }
            #else
                await withUnsafeContinuation { if request.begin($0) { inbox.submit(request) } }
            #endif
        } onCancel: {
            inbox.cancel(request)
        }.get()
    }

    /// Makes a request of one frame, the text's UTF-8 bytes. As ``request(_:timeout:retries:)-(Message,_,_)``.
    public nonisolated(nonsending) func request(
        _ text: String,
        timeout: Duration? = nil,
        retries: Int? = nil
    ) async throws(ZMQError) -> Message {
        try await request(Message(text), timeout: timeout, retries: retries)
    }

    /// Counters of the client's requests. They are up to date when the reactor has finished its turn.
    public var statistics: Statistics { inbox.statistics }

    /// Closes the client and its socket, and returns when that is closed.
    ///
    /// New requests fail with `closed` at once, and those that are pending when the limit ends, too. Closing twice is
    /// harmless. It closes even if the task is cancelled.
    ///
    /// - Parameter limit: how long to wait for the replies to pending requests. By default they fail at once.
    public nonisolated(nonsending) func close(within limit: Duration = .zero) async {
        let loop = loop
        await withCheckedContinuation { continuation in
            let end = LastRelease { continuation.resume() }
            loop.close(within: limit) { withExtendedLifetime(end) {} }
        }
    }
}

/// The loop of a client, for other threads.
///
/// Sendable because the loop is used on its reactor's thread only: by work submitted there.
private final class RequestLoopReference: @unchecked Sendable {
    let inbox: RequestInbox
    private weak let loop: RequestLoop?

    init(_ loop: RequestLoop) {
        inbox = loop.inbox
        self.loop = loop
    }

    /// `completion` is released when the loop is gone.
    func close(within limit: Duration, _ completion: @escaping @Sendable () -> Void) {
        inbox.reactor.submitUnlimited { [self] _ in loop?.close(within: limit, completion) }
    }
}

/// Calls a closure when the last reference to this is released: work that a reactor drops is released, too.
private final class LastRelease: Sendable {
    private let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    deinit { body() }
}
