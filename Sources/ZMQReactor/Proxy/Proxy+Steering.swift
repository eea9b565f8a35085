extension Proxy {
    /// Why a proxy has ended.
    public enum End {
        /// ``Proxy/stop(_:)`` was called, or a control socket said so.
        case stopped
        /// The context was terminated.
        case terminated
        /// This one of its two sockets was closed.
        case closed(Socket)
    }

    /// Stops the handing over until ``resume()``.
    ///
    /// What arrives in the meantime waits, up to the receive high-water mark of each peer; then the sockets stop reading, and
    /// the peers' own queues fill.
    public func pause() { isPaused = true }

    /// Goes on, with what waits first.
    public func resume() {
        isPaused = false
        schedule()
    }

    /// Ends the proxy now. Its sockets stay open and can be used: what they have received and not handed over waits to be
    /// received, and what they were given leaves.
    ///
    /// Stopping a proxy that has ended does nothing but call the completion.
    ///
    /// - Parameter completion: called on the reactor, once, never before this returns, with what has passed.
    public func stop(_ completion: @escaping (Statistics) -> Void = { _ in }) {
        finish(.stopped)
        frontend.reactor.after(.zero) { [self] _ in completion(statistics) }
    }

    func finish(_ reason: End) {
        guard end == nil else { return }
        end = reason
        for socket in [frontend, backend, capture] where socket?.consumer === self { socket?.consumer = nil }
        controller?.release()
        controller = nil
        // Not from within what a socket is doing.
        frontend.reactor.after(.zero) { [self] _ in
            let tell = onEnd.take()
            tell?(self, reason)
        }
    }
}
