public import EventReactor

extension Context {
    /// Terminates the context, and stops the reactor when all sockets are closed and their queued messages have been
    /// sent.
    public func terminate(thenStop reactor: Reactor) {
        let handle = reactor.handle
        terminate { _ in handle.stop() }
    }
}

extension Reactor {
    /// Ends the program cleanly on Ctrl-C or SIGTERM: terminates the context, then stops this reactor.
    ///
    /// A second signal does not wait for unsent messages: it stops the reactor at once.
    ///
    /// - Throws: `ReactorError.signalInUse` when another reactor watches these signals.
    public func stopOnInterrupt(closing context: Context) throws(ReactorError) {
        try onTermination { [unowned self] _ in
            if context.isTerminated { stop() } else { context.terminate(thenStop: self) }
        }
    }
}

extension Context {
    /// Closes every socket of the context, each with its own linger, and waits until all are closed.
    ///
    /// From now on no socket can be created in this context. Terminating twice is harmless. The reactors of the sockets
    /// must run for this to complete; it waits even if the task is cancelled.
    ///
    /// ```swift
    /// let report = await context.terminate()
    /// ```
    @discardableResult
    nonisolated(nonsending) public func terminate() async -> TerminationReport {
        await withCheckedContinuation { continuation in
            terminate { continuation.resume(returning: $0) }
        }
    }
}
