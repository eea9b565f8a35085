public import ZMTP

/// A socket that sends messages.
///
/// A send queues the message and returns; the bytes are written at the end of the loop's turn, for all messages of the
/// turn together.
public protocol SendingSocket: Socket {
    /// Sends a message.
    ///
    /// - Returns: `wouldBlock` when the message was not accepted, because there is no room or no peer.
    /// - Throws: `closed` when the socket is closed, `terminated` when its context is.
    func send(_ message: Message) throws(ZMQError) -> SendResult

    /// Sends a message of one frame with a copy of the bytes. The cheapest form: nothing is allocated for a small
    /// message.
    ///
    /// - Returns: As ``send(_:)-(Message)``.
    /// - Throws: `closed` when the socket is closed, `terminated` when its context is.
    func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult
}

extension SendingSocket {
    /// Sends a message of one frame with a copy of the text's UTF-8 bytes.
    @inlinable
    public func send(_ text: String) throws(ZMQError) -> SendResult { try send(text.utf8Span.span.bytes) }

    /// Sends a message of one frame with a copy of the bytes.
    @inlinable
    public func send(_ bytes: [UInt8]) throws(ZMQError) -> SendResult { try send(bytes.span.bytes) }

    /// Sends a message of one frame for each text, with a copy of its UTF-8 bytes.
    ///
    /// - Throws: `invalidArgument` when there is no text; `closed`, `terminated`, and what ``send(_:)-(Message)``
    ///   throws.
    public func send(_ texts: [String]) throws(ZMQError) -> SendResult { try send(Message(sending: texts)) }
}

extension Message {
    init(sending texts: [String]) throws(ZMQError) {
        guard !texts.isEmpty else { throw ZMQError(.invalidArgument, "a message has at least one frame") }
        self.init(texts: texts)
    }
}
