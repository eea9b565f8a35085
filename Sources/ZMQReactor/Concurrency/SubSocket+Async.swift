import EventReactor

extension SubSocket {
    /// Waits until publishers have confirmed that the subscriptions made so far have taken effect: they send every
    /// matching message from then on.
    ///
    /// ```swift
    /// try subscriber.subscribe(to: "weather")
    /// try await subscriber.subscribed(within: .seconds(5))
    /// ```
    ///
    /// As ``subscribed(by:within:then:)``. For tasks that live on the socket's reactor.
    ///
    /// - Parameters:
    ///   - count: the number of publishers to wait for, connected now or later.
    ///   - limit: how long to wait; nil for no limit.
    /// - Throws: `timedOut` after the limit; `notSupported` when a publisher is connected that cannot be asked;
    ///   `cancelled` when the task is; `closed`, `terminated`.
    public nonisolated(nonsending) func subscribed(
        by count: Int = 1,
        within limit: Duration? = nil
    ) async throws(ZMQError) {
        guard !Task.isCancelled else { throw .taskCancelled }
        let suspension = Suspension<Result<Void, ZMQError>>()
        let end = confirmation(by: count, within: limit) { suspension.end($0) }
        let result = await suspension.wait(on: reactor, whenCancelled: .failure(.taskCancelled))
        end()
        try result.get()
    }
}
