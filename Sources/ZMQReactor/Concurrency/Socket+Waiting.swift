import EventReactor

extension Socket {
    /// Tries at once, unless other tasks wait for the same or the turn's budget is used up.
    ///
    /// - Parameter mayTry: whether the turn's budget allows it; evaluated last.
    @inline(__always)
    final func tryNow<Value>(
        behind queue: WaiterQueue?,
        when mayTry: @autoclosure () -> Bool = true,
        _ attempt: () throws(ZMQError) -> Value?
    ) throws(ZMQError) -> Value? {
        guard !Task.isCancelled else { throw .taskCancelled }
        guard queue?.isFree ?? true, mayTry() else { return nil }
        return try attempt()
    }

    /// Waits in the queue for a turn in which `attempt` has a value.
    ///
    /// - Throws: what `attempt` throws, `cancelled`, `closed`, `terminated`, and `timedOut` when there is a limit.
    nonisolated(nonsending) final func waitForTurn<Value>(
        in queue: WaiterQueue,
        within limit: Duration?,
        _ attempt: () throws(ZMQError) -> Value?
    ) async throws(ZMQError) -> Value {
        let deadline = limit.map { WaiterQueue.Deadline($0, on: reactor) }
        var atFront = false
        while true {
            let waiter = try await queue.wait(on: reactor, atFront: atFront, until: deadline)
            queue.leave(waiter)
            let value: Value?
            do throws(ZMQError) {
                value = try attempt()
            } catch {
                queue.grantNext()
                throw error
            }
            if let value {
                queue.grantNext()
                return value
            }
            atFront = true
        }
    }
}
