public import ZMTP

extension RepSocket {
    /// A request, with its one reply.
    public struct Request {
        /// The request's message.
        public let message: Message

        /// Sends the reply, now or later. Releasing it without a reply abandons the request.
        public let token: Reply

        /// Replies to the request. Later calls have no effect.
        public func reply(_ message: Message) { token.send(message) }

        /// Replies to the request with a message of one frame.
        public func reply(_ text: String) { token.send(text) }
    }

    /// Requests in the order of arrival, each after the one before it has been answered or abandoned.
    ///
    /// ```swift
    /// for try await request in socket.requests { request.reply("World") }
    /// ```
    ///
    /// For tasks that live on the socket's reactor, on a socket without handler. An error ends the loop, as in
    /// ``ReceivingSocket/receive()``.
    public var requests: Requests { Requests(socket: self) }

    /// The requests to a socket; see ``RepSocket/requests``.
    public struct Requests: AsyncSequence {
        public typealias Element = Request
        public typealias Failure = ZMQError

        let socket: RepSocket

        public func makeAsyncIterator() -> Iterator { Iterator(socket: socket) }

        /// Receives requests from a socket.
        public struct Iterator: AsyncIteratorProtocol {
            /// One request.
            public typealias Element = Request
            public typealias Failure = ZMQError

            let socket: RepSocket

            /// Receives the next request. Never nil.
            public mutating func next(isolation actor: isolated (any Actor)?) async throws(ZMQError) -> Request? {
                try await socket.nextRequest()
            }

            public mutating func next() async throws(ZMQError) -> Request? { try await socket.nextRequest() }
        }
    }

    nonisolated(nonsending) fileprivate func nextRequest() async throws(ZMQError) -> Request {
        let attempt: () throws(ZMQError) -> Request? = { [self] () throws(ZMQError) in
            guard !isClosed else { throw closedError() }
            return takeRequest().map { Request(message: $0.message, token: $0.reply) }
        }
        if let request = try tryNow(behind: tasks?.receivers, when: tasks?.mayReceive(from: self) ?? true, attempt) {
            return request
        }
        return try await receiveInTurn(within: nil, attempt)
    }
}

@available(*, unavailable, message: "a request belongs to the thread of its socket")
extension RepSocket.Request: Sendable {}
