public import ZMTP

// Receiving in tasks. Messages stay in the socket's queues, whose length is limited by the high-water mark, until a
// task receives them: a slow task stops the reading of the descriptor, as a handler that has paused the socket does.

extension ReceivingSocket {
    /// Receives the next message, waiting until there is one. For tasks that live on the socket's reactor, on a socket
    /// without handler.
    ///
    /// Several tasks may wait on one socket; they get messages in the order in which they started to wait. A cancelled
    /// task takes no message: it stays for the next task.
    ///
    /// - Throws: `cancelled` when the task is, `closed` when the socket is closed, `terminated` when its context is,
    ///   and what ``tryReceive()`` throws.
    public nonisolated(nonsending) func receive() async throws(ZMQError) -> Message {
        if let message = try receiveNow() { return message }
        return try await receiveInTurn(within: nil) { () throws(ZMQError) in try tryReceive() }
    }

    /// Receives the next message, waiting until there is one, but no longer than the limit. As ``receive()``.
    ///
    /// - Throws: `timedOut` after the limit, and as ``receive()``.
    public nonisolated(nonsending) func receive(within limit: Duration) async throws(ZMQError) -> Message {
        if let message = try receiveNow() { return message }
        return try await receiveInTurn(within: limit) { () throws(ZMQError) in try tryReceive() }
    }

    /// Receives the available messages, at most `count`, waiting until there is at least one. As ``receive()``, but
    /// cheaper per message.
    ///
    /// Not for REQ and REP, which receive one message at a time.
    ///
    /// - Parameter count: More than zero.
    /// - Returns: From one to `count` messages, in the order of ``tryReceive()``.
    public nonisolated(nonsending) func receive(upTo count: Int) async throws(ZMQError) -> [Message] {
        precondition(count > 0, "receive(upTo:) needs a count of at least 1")
        if let first = try receiveNow() { return try batch(of: first, upTo: count) }
        return try await receiveInTurn(within: nil) { () throws(ZMQError) in
            guard let first = try tryReceive() else { return nil }
            return try batch(of: first, upTo: count)
        }
    }

    /// Messages in the order of arrival, without end.
    ///
    /// ```swift
    /// for try await message in socket.messages { … }
    /// ```
    ///
    /// Each element is received with ``receive()``, whose error ends the loop. Leaving the loop leaves the other
    /// messages in the queue.
    public var messages: SocketMessages { SocketMessages(socket: self) }

    @inline(__always)
    func receiveNow() throws(ZMQError) -> Message? {
        try tryNow(behind: tasks?.receivers, when: tasks?.mayReceive(from: self) ?? true) { () throws(ZMQError) in
            try tryReceive()
        }
    }

    /// Waits for a turn to take a value from the socket's queues.
    @inline(never)
    nonisolated(nonsending) func receiveInTurn<Value>(
        within limit: Duration?,
        _ attempt: () throws(ZMQError) -> Value?
    ) async throws(ZMQError) -> Value {
        guard state == .open else { throw closedError() }
        guard !hasHandler else {
            fatalError(
                """
                This \(type) socket has a handler, which is given its messages. Make it without one to receive from it \
                in a task.
                """
            )
        }
        return try await waitForTurn(in: tasksOrMake().receivers, within: limit, attempt)
    }

    private func batch(of first: Message, upTo count: Int) throws(ZMQError) -> [Message] {
        var messages = [first]
        guard !type.traits.contains(.lockstep) else { return messages }
        while messages.count < count, let next = try tryReceive() { messages.append(next) }
        return messages
    }
}

/// The messages of a socket; see ``ReceivingSocket/messages``. Any number of tasks may iterate; each message goes to
/// one task.
public struct SocketMessages: AsyncSequence {
    public typealias Element = Message
    public typealias Failure = ZMQError

    let socket: any ReceivingSocket

    public func makeAsyncIterator() -> Iterator { Iterator(socket: socket) }

    /// Receives messages from a socket.
    public struct Iterator: AsyncIteratorProtocol {
        /// One message.
        public typealias Element = Message
        public typealias Failure = ZMQError

        let socket: any ReceivingSocket

        /// Receives the next message; see ``ReceivingSocket/receive()``. Never nil.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(ZMQError) -> Message? {
            try await socket.receive()
        }

        public mutating func next() async throws(ZMQError) -> Message? { try await socket.receive() }
    }
}
