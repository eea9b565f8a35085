public import ZMTP

// Sending frame by frame. The frames wait in the socket until the last one is there: nothing of a message is queued before all
// of it is (MUL-03, MUL-08), and a message that was begun and not ended goes with the socket (MUL-09).

extension SendingSocket {
    /// Sends a message frame by frame: the last frame has no `more` behind it, and only with it does anything leave.
    ///
    /// When the last frame meets `wouldBlock`, the frames before it stay, and the last one can be sent again. Whole messages
    /// sent in between go their own way. Nothing but closing the socket takes a frame back.
    ///
    /// - Throws: `closed` when the socket is closed, `terminated` when its context is.
    public func send(_ frame: Frame, more: Bool) throws(ZMQError) -> SendResult { try sendPart(frame, more: more) }

    /// Sends a frame with a copy of the text's UTF-8 bytes. See ``send(_:more:)``.
    public func send(_ text: String, more: Bool) throws(ZMQError) -> SendResult {
        try sendPart(Frame(text), more: more)
    }

    /// Sends a frame with a copy of the bytes. See ``send(_:more:)``.
    public func send(_ bytes: [UInt8], more: Bool) throws(ZMQError) -> SendResult {
        try sendPart(Frame(bytes), more: more)
    }

    fileprivate func sendPart(_ frame: Frame, more: Bool) throws(ZMQError) -> SendResult {
        guard state == .open else { throw closedError() }
        guard !more else {
            parts.append(frame)
            return .accepted
        }
        let result = try send(Message(frames: parts + CollectionOfOne(frame)))
        if result == .accepted { parts = [] }
        return result
    }
}

extension BroadcastingSocket {
    /// Sends a message frame by frame: the last frame has no `more` behind it, and only with it does anything leave.
    ///
    /// Whole messages sent in between go their own way. Nothing but closing the socket takes a frame back.
    ///
    /// - Throws: `closed` when the socket is closed, `terminated` when its context is.
    @discardableResult
    public func send(_ frame: Frame, more: Bool) throws(ZMQError) -> SendResult { try sendPart(frame, more: more) }

    /// Sends a frame with a copy of the text's UTF-8 bytes. See ``send(_:more:)``.
    @discardableResult
    public func send(_ text: String, more: Bool) throws(ZMQError) -> SendResult {
        try sendPart(Frame(text), more: more)
    }

    /// Sends a frame with a copy of the bytes. See ``send(_:more:)``.
    @discardableResult
    public func send(_ bytes: [UInt8], more: Bool) throws(ZMQError) -> SendResult {
        try sendPart(Frame(bytes), more: more)
    }
}
