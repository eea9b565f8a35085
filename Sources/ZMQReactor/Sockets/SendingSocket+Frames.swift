public import ZMTP

// Sending frame by frame. The frames stay in the socket until the last one arrives: nothing of a message is queued
// before all of it is there (MUL-03, MUL-08), and an unfinished message is dropped with the socket (MUL-09).

extension SendingSocket {
    /// Sends a message frame by frame. The frame without `more` is the last, and only then is the message sent.
    ///
    /// When the last frame gets `wouldBlock`, the frames before it stay, and the last one can be sent again. Whole
    /// messages can be sent in between, and are not affected. Only closing the socket removes the frames.
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
    /// Sends a message frame by frame. The frame without `more` is the last, and only then is the message sent.
    ///
    /// Whole messages can be sent in between, and are not affected. Only closing the socket removes the frames.
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
