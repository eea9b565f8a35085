import EventReactor
public import ZMTP

extension ReqSocket {
    /// Sends a request, and waits for the reply. For tasks that live on the socket's reactor.
    ///
    /// ```swift
    /// let reply = try await socket.request("Hello", timeout: .seconds(2), retries: 3)
    /// ```
    ///
    /// If no peer is available, it waits for one first, for `timeout` times the number of attempts.
    ///
    /// - Parameters:
    ///   - message: the request.
    ///   - timeout: the limit of one attempt; nil for none.
    ///   - retries: how often the request is sent again after the timeout.
    /// - Returns: The reply.
    /// - Throws: `timedOut`; `cancelled` when the task is, which cancels the request, or when another request is made
    ///   (see ``isRelaxed``); `hostUnreachable` when a peer that had connected to us is gone; `wrongState` when another
    ///   request is pending; `closed`, `terminated`. After an error the socket is ready for the next request.
    public nonisolated(nonsending) func request(
        _ message: Message,
        timeout: Duration? = nil,
        retries: Int = 0
    ) async throws(ZMQError) -> Message {
        let reply = Suspension<Result<Message, ZMQError>>()
        var isDone = false
        try await whenReady(within: timeout.map { $0 * (max(0, retries) + 1) }) { () throws(ZMQError) in
            try tryRequest(message, timeout: timeout, retries: retries) { result in
                isDone = true
                reply.end(result)
            }
        }
        let tasks = tasksOrMake()
        tasks.requests.append(reply)
        let result = await reply.wait(on: reactor, whenCancelled: .failure(.taskCancelled))
        tasks.requests.removeAll { $0 === reply }
        // The task was cancelled, and this request is still pending.
        if !isDone, !isClosed { cancelRequest() }
        return try result.get()
    }

    /// Sends a request of one frame. As ``request(_:timeout:retries:)-(Message,_,_)``.
    public nonisolated(nonsending) func request(
        _ text: String,
        timeout: Duration? = nil,
        retries: Int = 0
    ) async throws(ZMQError) -> Message {
        try await request(Message(text), timeout: timeout, retries: retries)
    }
}
