public import ZMTP

// Sending in tasks. These methods are not called `send`: in a task, Swift would prefer the waiting one, and the one
// that returns `wouldBlock` would be unreachable.

extension SendingSocket {
    /// Sends a message as soon as there is room for it. For tasks that live on the socket's reactor.
    ///
    /// Several tasks may wait for room; they get it in the order in which they started to wait, and only calls of
    /// `send` go ahead of them. When the call returns, the message is queued, as with `send`.
    ///
    /// - Throws: `cancelled` when the task is; the message has not been sent then. Once it is accepted, a cancellation
    ///   has no effect. `closed`, `terminated`, and what `send` throws.
    public nonisolated(nonsending) func sendWhenReady(_ message: Message) async throws(ZMQError) {
        try await whenReady { () throws(ZMQError) in try send(message) }
    }

    /// Sends a message of one frame, the text's UTF-8 bytes, as soon as there is room. As
    /// ``sendWhenReady(_:)-(Message)``.
    public nonisolated(nonsending) func sendWhenReady(_ text: String) async throws(ZMQError) {
        try await whenReady { () throws(ZMQError) in try send(text) }
    }

    /// Sends a message of one frame as soon as there is room. As ``sendWhenReady(_:)-(Message)``.
    public nonisolated(nonsending) func sendWhenReady(_ bytes: [UInt8]) async throws(ZMQError) {
        try await whenReady { () throws(ZMQError) in try send(bytes) }
    }
}

extension RouterSocket {
    /// Sends a message to the peer with this routing id, waiting for room in its queue if the socket ``isMandatory``;
    /// otherwise a message without room is dropped.
    ///
    /// Tasks wait in one queue for all peers.
    ///
    /// - Throws: As ``send(_:to:)-(Message,_)``, and `cancelled` when the message has not been sent.
    public nonisolated(nonsending) func sendWhenReady(_ message: Message, to routingID: Frame) async throws(ZMQError) {
        try await whenReady { () throws(ZMQError) in try send(message, to: routingID) }
    }
}

extension DgramSocket {
    /// Sends a message of one frame to an address, waiting until the socket is bound and there is room.
    ///
    /// - Throws: As ``send(_:to:)-(Message,_)``, and `cancelled` when the message has not been sent.
    public nonisolated(nonsending) func sendWhenReady(_ message: Message, to address: Frame) async throws(ZMQError) {
        try await whenReady { () throws(ZMQError) in try send(message, to: address) }
    }
}

extension Socket {
    /// Waits until a send is accepted.
    nonisolated(nonsending) final func whenReady(
        within limit: Duration? = nil,
        _ send: () throws(ZMQError) -> SendResult
    ) async throws(ZMQError) {
        let attempt: () throws(ZMQError) -> Void? = { () throws(ZMQError) in
            if try send() == .accepted { return () }
            // Not refused: the task tries again.
            self.observer.record(.refused(-1))
            return nil
        }
        if try tryNow(behind: tasks?.senders, attempt) != nil { return }
        guard state == .open else { throw closedError() }
        try await waitForTurn(in: tasksOrMake().senders, within: limit, attempt)
    }
}
