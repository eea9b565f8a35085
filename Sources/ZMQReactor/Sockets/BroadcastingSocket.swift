public import ZMTP

/// A socket whose sends never wait: a message for which there is no taker, or no room, is dropped and counted.
public protocol BroadcastingSocket: Socket {
    /// Sends a message.
    ///
    /// - Throws: `closed` when the socket is closed, `terminated` when its context is.
    func send(_ message: Message) throws(ZMQError)

    /// Sends a message of one frame with a copy of the bytes. The cheapest form: nothing is allocated for a small message.
    ///
    /// - Throws: `closed` when the socket is closed, `terminated` when its context is.
    func send(_ bytes: RawSpan) throws(ZMQError)
}

extension BroadcastingSocket {
    /// Sends a message of one frame with a copy of the text's UTF-8 bytes.
    @inlinable
    public func send(_ text: String) throws(ZMQError) { try send(text.utf8Span.span.bytes) }

    /// Sends a message of one frame with a copy of the bytes.
    @inlinable
    public func send(_ bytes: [UInt8]) throws(ZMQError) { try send(bytes.span.bytes) }
}
