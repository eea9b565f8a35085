import EventReactor

extension PublishingSocket {
    /// Waits until enough peers have subscribed: what is sent from then on reaches them all.
    ///
    /// - Parameters:
    ///   - count: how many peers are to have subscribed.
    ///   - topic: the first frame of a message that they are to receive; nil when any subscription will do.
    ///   - limit: how long to wait; nil is for ever.
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
