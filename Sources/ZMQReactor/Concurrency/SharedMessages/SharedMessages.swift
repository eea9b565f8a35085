public import ZMTP

/// The messages of a socket, for tasks, actors and threads anywhere: a bounded buffer between the socket's loop and
/// them.
///
/// ```swift
/// let readings = try await thread.handle.run { reactor in
///     let socket = try PullSocket(on: reactor, in: context)
///     try socket.bind("tcp://*:5557")
///     return socket.sharedMessages()
/// }
/// for try await reading in readings { await store.insert(reading) }
/// ```
///
/// Any number of tasks may take from it; each message goes to one of them, in the order in which they began to wait.
/// The loop moves messages in batches, and is not woken for each.
///
/// **Flow control (backpressure).** When the buffer is full, messages stay in the socket's queues, up to the receive
/// high-water mark of each peer; then the socket stops reading, and the peers' own queues fill. It goes on when half of
/// the buffer has been taken.
///
/// **Closing.** When the socket is closed, what is in the buffer is still delivered; then every call throws `closed` or
/// `terminated`.
public final class SharedMessages: AsyncSequence, Sendable {
    public typealias Element = Message
    public typealias Failure = ZMQError

    private let buffer: MessageBuffer

    init(_ buffer: MessageBuffer) { self.buffer = buffer }

    /// Receives the next message, waiting until there is one.
    ///
    /// A cancelled task takes no message: it stays for the next task.
    ///
    /// - Returns: The message. It refers to the memory that it was read into, see <doc:KeptSlices>.
    /// - Throws: `cancelled` when the task is; `closed` when the socket is closed or its reactor gone; `terminated`.
    public nonisolated(nonsending) func receive() async throws(ZMQError) -> Message { try await buffer.takeWhenReady() }

    /// Receives the next message, on any thread; nil if there is none.
    ///
    /// - Throws: `closed` when the socket is closed or its reactor gone; `terminated`.
    public func tryReceive() throws(ZMQError) -> Message? { try buffer.take() }

    /// The messages in the buffer.
    public var count: Int { buffer.count }

    public func makeAsyncIterator() -> Iterator { Iterator(messages: self) }

    /// Receives messages, without end.
    public struct Iterator: AsyncIteratorProtocol {
        /// A message.
        public typealias Element = Message
        public typealias Failure = ZMQError

        let messages: SharedMessages

        /// Receives the next message; see ``SharedMessages/receive()``. Never nil.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(ZMQError) -> Message? {
            try await messages.receive()
        }

        public mutating func next() async throws(ZMQError) -> Message? { try await messages.receive() }
    }
}

extension ReceivingSocket {
    /// The messages of this socket for any task, actor or thread. For a socket without a handler, once; not for REQ and
    /// REP.
    ///
    /// To be called on the socket's thread; the result may go anywhere.
    ///
    /// - Parameter limit: the most messages in the buffer, 1 or more, in addition to the socket's own queues. Their
    ///   bytes are limited by ``SocketOptions/receiveHighWaterMarkBytes``.
    public func sharedMessages(bufferingUpTo limit: Int = 1000) -> SharedMessages {
        precondition(limit > 0, "sharedMessages(bufferingUpTo:) needs a limit of at least 1, not \(limit)")
        let window = CreditWindow(messages: limit, bytes: options.receiveHighWaterMarkBytes)
        return SharedMessages(MessageFeed(self, window).buffer)
    }
}
