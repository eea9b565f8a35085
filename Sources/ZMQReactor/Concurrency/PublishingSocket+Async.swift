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
        let end = distributor.wait(for: count, to: topic.map { Array($0.utf8) }, within: limit, at: self) {
            suspension.end($0)
        }
        let result = await suspension.wait(on: reactor, whenCancelled: .failure(.taskCancelled))
        end()
        try result.get()
    }
}
