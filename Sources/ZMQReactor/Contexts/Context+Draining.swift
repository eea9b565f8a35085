import EventReactor

extension Context {
    /// Stops listening at every endpoint of every socket, on whatever reactor it is: no further peer is accepted.
    /// Connections stay, and so do outgoing ones. Callable from any thread; takes effect in the next turn of each
    /// reactor.
    public func stopListening() {
        forEachLoop { reactor in
            for member in ContextMembers.of(reactor).members(of: self) { member.stopListening() }
        }
    }

    /// Closes every socket of the context, each with its own linger, and at once those that are not closed after the
    /// limit. So it ends in bounded time, and for sure if the reactors of the sockets run.
    ///
    /// It waits even if the task is cancelled. See ``terminate()``.
    ///
    /// - Parameter limit: how long the sockets may take.
    /// - Returns: The report; nil when a reactor with sockets has not answered within a second after the limit, because
    ///   it does not run or one of its handlers does not return.
    @discardableResult
    nonisolated(nonsending) public func terminate(within limit: Duration) async -> TerminationReport? {
        let end = Latch<TerminationReport?>()
        let deadline = Task.detached {
            try await Task.sleep(for: limit)
            self.closeAtOnce()
            try await Task.sleep(for: .seconds(1))
            end.open(nil)
        }
        defer { deadline.cancel() }
        terminate { end.open($0) }
        return await end.awaitValue()
    }

    private func closeAtOnce() {
        forEachLoop { reactor in
            for member in ContextMembers.of(reactor).members(of: self) { member.closeAtOnce() }
        }
    }
}
