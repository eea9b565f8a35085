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
    public func tryReceive() throws(ZMQError) -> Message? {
        guard state == .open else { throw closedError() }
        return fairQueue.next()?.message
    }

    /// Stops giving messages to the handler until ``resume()``.
    ///
    /// What arrives in the meantime waits, up to the receive high-water mark of each peer; then the socket stops reading, and
    /// the peers' own queues fill. May be called inside the handler: no further message is given to it.
    public func pause() { isPaused = true }

    /// Gives messages to the handler again, those that wait first.
    public func resume() {
        guard isPaused else { return }
        isPaused = false
        scheduleDrain()
    }
}

extension ReceivingSocket {
    /// Takes the next frame, and whether more frames of the same message follow; nil when none is there.
    ///
    /// A message is there as a whole or not at all: while `more` is true the next call has a frame (MUL-04). Whole messages have
    /// all their frames at hand, see ``tryReceive()``; this is for code that is written frame by frame.
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
