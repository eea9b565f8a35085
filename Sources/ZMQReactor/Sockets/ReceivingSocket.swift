public import ZMTP

/// A socket that messages arrive at.
///
/// With a handler, messages are given to it as they arrive. Without one they wait, up to the receive high-water mark of each
/// peer, until they are taken.
public protocol ReceivingSocket: Socket {
    /// Takes the next message, one from each peer in turn; nil when none is there.
    ///
    /// - Throws: `closed` when the socket is closed, `terminated` when its context is.
    func tryReceive() throws(ZMQError) -> Message?
}

extension ReceivingSocket {
    /// Stops giving messages to the handler until ``resume()``.
    ///
    /// What arrives in the meantime waits, up to the receive high-water mark of each peer; then the socket stops reading, and
    /// the peers' own queues fill. May be called inside the handler: no further message is given to it.
    public func pause() { pauseReceiving() }

    /// Gives messages to the handler again, those that wait first.
    public func resume() { resumeReceiving() }
}
