extension Reactor {
    /// Calls the closure, on the reactor's thread like any handler, when the process receives the signal.
    ///
    /// A signal that arrives several times in a turn is reported once. Several watchers of one signal are fine on one
    /// reactor; another reactor of the process can watch the signal only after the last of them is cancelled. A watched
    /// signal has no other effect, and interrupted system calls are restarted (`SA_RESTART`).
    ///
    /// - Throws: ``ReactorError/Code/signalInUse`` when another reactor watches it,
    ///   ``ReactorError/Code/invalidArgument`` for `SIGKILL`, `SIGSTOP` and numbers that are not signals.
    @discardableResult
    public func on(signal: Signal, _ body: @escaping (SignalWatcher) throws -> Void) throws(ReactorError)
        -> SignalWatcher
    {
        checkThread()
        return try SignalWatcher(signal, on: self, body: body)
    }

    /// Calls the closure when the program is asked to terminate: at `SIGINT` (Ctrl-C) or `SIGTERM`.
    ///
    /// - Returns: The two watchers, in this order.
    /// - Throws: As ``on(signal:_:)``; then neither is watched.
    @discardableResult
    public func onTermination(_ body: @escaping (Signal) throws -> Void) throws(ReactorError) -> [SignalWatcher] {
        let interrupt = try on(signal: .interrupt) { try body($0.signal) }
        do {
            return [interrupt, try on(signal: .terminate) { try body($0.signal) }]
        } catch {
            interrupt.cancel()
            throw error
        }
    }

    /// Stops the reactor at `SIGINT` (Ctrl-C) or `SIGTERM`.
    ///
    /// - Returns: The two watchers, in this order.
    /// - Throws: As ``on(signal:_:)``; then neither is watched.
    @discardableResult
    public func stopOnTermination() throws(ReactorError) -> [SignalWatcher] {
        try onTermination { [unowned self] _ in stop() }
    }
}
