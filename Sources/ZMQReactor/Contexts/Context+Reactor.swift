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
