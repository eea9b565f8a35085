import EventReactor
public import ZMTP

extension RadioSocket {
    /// Waits until a group, or any group, has enough members: messages sent after that reach all of them.
    ///
    /// - Parameters:
    ///   - count: the number of members to wait for.
    ///   - group: the group that they must have joined; nil if any will do.
    ///   - limit: how long to wait; nil for no limit.
    /// - Throws: `timedOut` after the limit; `cancelled` when the task is; `closed`, `terminated`.
    public nonisolated(nonsending) func waitForMembers(
        _ count: Int = 1,
        of group: Frame? = nil,
        within limit: Duration? = nil
    ) async throws(ZMQError) {
        guard !Task.isCancelled else { throw .taskCancelled }
        let suspension = Suspension<Result<Void, ZMQError>>()
        let end = distributor.wait(for: count, to: group?.topic, within: limit, at: self) { suspension.end($0) }
        let result = await suspension.wait(on: reactor, whenCancelled: .failure(.taskCancelled))
        end()
        try result.get()
    }
}
