public import ZMTP

/// A socket that receives messages.
///
/// With a handler, messages are delivered to it as they arrive. Without one they are queued, up to the receive
/// high-water mark of each peer, until they are received.
public protocol ReceivingSocket: Socket {
    /// Receives the next message, one from each peer in turn; nil if there is none.
    ///
    /// - Throws: `closed` when the socket is closed, `terminated` when its context is.
    func tryReceive() throws(ZMQError) -> Message?
}

extension ReceivingSocket {
    public func tryReceive() throws(ZMQError) -> Message? {
        guard state == .open else { throw closedError() }
        return nextMessage()?.message
    }

    /// Stops delivering messages to the handler until ``resume()``.
    ///
    /// Messages that arrive in the meantime are queued, up to the receive high-water mark of each peer; then the socket
    /// stops reading, and the peers' own queues fill. May be called in the handler, which then gets no further message.
    public func pause() { isPaused = true }

    /// Delivers messages to the handler again, beginning with the queued ones.
    public func resume() {
        guard isPaused else { return }
        isPaused = false
        scheduleDrain()
    }
}

extension ReceivingSocket {
    /// Receives the next frame, and whether more frames of the same message follow; nil if there is none.
    ///
    /// A message is available as a whole or not at all: while `more` is true, the next call returns a frame. This is
    /// for code that is written frame by frame; ``tryReceive()`` returns a whole message with all its frames.
    ///
    /// - Throws: `closed` when the socket is closed, `terminated` when its context is.
    public func tryReceiveFrame() throws(ZMQError) -> (frame: Frame, more: Bool)? {
        guard state == .open else { throw closedError() }
        var next = restOfReceived
        if next == nil { next = try tryReceive() }
        guard let message = next else { return nil }
        restOfReceived = message.dropFirst()
        return (message[0], restOfReceived != nil)
    }
}
