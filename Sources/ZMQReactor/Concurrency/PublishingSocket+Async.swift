import EventReactor

extension PublishingSocket {
    /// Waits until enough peers have subscribed: messages sent after that reach all of them.
    ///
    /// - Parameters:
    ///   - count: the number of subscribed peers to wait for.
    ///   - topic: the first frame of a message that they must be subscribed to; nil if any subscription will do.
    ///   - limit: how long to wait; nil for no limit.
    /// - Throws: `timedOut` after the limit; `cancelled` when the task is; `closed`, `terminated`.
    public nonisolated(nonsending) final func waitForSubscribers(
        _ count: Int = 1,
        to topic: String? = nil,
        within limit: Duration? = nil
    ) async throws(ZMQError) {
        guard !Task.isCancelled else { throw .taskCancelled }
        let suspension = Suspension<Result<Void, ZMQError>>()
        waitForSubscribers(count, to: topic, within: limit) { suspension.end($0) }
        try await suspension.wait(on: reactor, whenCancelled: .failure(.taskCancelled)).get()
    }
}
