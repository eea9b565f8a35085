public import ZMTP

/// A socket whose sends are always accepted at once: a message without a recipient, or without room in a recipient's
/// queue, is dropped and counted.
public protocol BroadcastingSocket: SendingSocket {
    /// Sends a message.
    ///
    /// - Throws: `closed` when the socket is closed, `terminated` when its context is.
    @discardableResult
    func send(_ message: Message) throws(ZMQError) -> SendResult

    /// Sends a message of one frame with a copy of the bytes. The cheapest form: nothing is allocated for a small
    /// message.
    ///
    /// - Throws: `closed` when the socket is closed, `terminated` when its context is.
    @discardableResult
    func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult
}

extension BroadcastingSocket {
    /// Sends a message of one frame with a copy of the text's UTF-8 bytes.
    @discardableResult @inlinable
    public func send(_ text: String) throws(ZMQError) -> SendResult { try send(text.utf8Span.span.bytes) }

    /// Sends a message of one frame with a copy of the bytes.
    @discardableResult @inlinable
    public func send(_ bytes: [UInt8]) throws(ZMQError) -> SendResult { try send(bytes.span.bytes) }

    /// Sends a message of one frame for each text, with a copy of its UTF-8 bytes.
    ///
    /// - Throws: `invalidArgument` when there is no text; `closed`, `terminated`, and what ``send(_:)-(Message)``
    ///   throws.
    @discardableResult
    public func send(_ texts: [String]) throws(ZMQError) -> SendResult { try send(Message(sending: texts)) }
}
