import EventReactor

extension Socket {
    /// Tries at once, if the task may and nobody waits for the same.
    ///
    /// - Parameter mayTry: whether the turn's budget has something left; asked last.
    @inline(__always)
    final func tryNow<Value>(
        behind line: WaitingLine?,
        when mayTry: @autoclosure () -> Bool = true,
        _ attempt: () throws(ZMQError) -> Value?
    ) throws(ZMQError) -> Value? {
        guard !Task.isCancelled else { throw .taskCancelled }
        guard line?.isFree ?? true, mayTry() else { return nil }
        return try attempt()
    }

    /// Waits in the line for a turn in which `attempt` has a value.
    ///
    /// - Throws: what `attempt` throws, `cancelled`, `closed`, `terminated`, and `timedOut` when there is a limit.
    nonisolated(nonsending) final func waitForTurn<Value>(
        in line: WaitingLine,
        within limit: Duration?,
        _ attempt: () throws(ZMQError) -> Value?
    ) async throws(ZMQError) -> Value {
        let deadline = limit.map { WaitingLine.Deadline($0, on: reactor) }
        var atFront = false
        while true {
            let place = try await line.wait(on: reactor, atFront: atFront, until: deadline)
            line.leave(place)
            let value: Value?
            do throws(ZMQError) {
                value = try attempt()
            } catch {
                line.callNext()
                throw error
            }
            if let value {
                line.callNext()
                return value
            }
            atFront = true
        }
    }
}
