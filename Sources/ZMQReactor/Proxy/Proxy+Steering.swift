extension Proxy {
    /// Why a proxy has ended.
    public enum End {
        /// ``Proxy/stop(_:)`` was called, or `TERMINATE` arrived at the control socket.
        case stopped
        /// The context was terminated.
        case terminated
        /// This one of the two sockets was closed.
        case closed(Socket)
    }

    /// Stops forwarding until ``resume()``.
    ///
    /// Messages that arrive in the meantime are queued, up to the receive high-water mark of each peer; then the
    /// sockets stop reading, and the peers' own queues fill.
    public func pause() { isPaused = true }

    /// Continues, with the queued messages first.
    public func resume() {
        isPaused = false
        schedule()
    }

    /// Ends the proxy now. Its sockets stay open and usable: messages they have received but not forwarded can be
    /// received, and messages they have queued are sent.
    ///
    /// Stopping a proxy that has ended only calls the completion.
    ///
    /// - Parameter completion: called on the reactor, once, never before this returns, with the final statistics.
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
        // Not while the socket is in the middle of its work.
        frontend.reactor.after(.zero) { [self] _ in
            let tell = onEnd.take()
            tell?(self, reason)
        }
    }
}
