public import ZMTP

extension RepSocket {
    /// A request, and the one chance to answer it.
    public struct Request {
        /// What is asked.
        public let message: Message

        /// What answers it, now or later. Letting go of it without an answer abandons the request.
        public let token: Reply

        /// Answers the request. Later calls do nothing.
        public func reply(_ message: Message) { token.send(message) }

        /// Answers the request with a message of one frame.
        public func reply(_ text: String) { token.send(text) }
    }

    /// Requests as they come, each when the one before has been answered or given up.
    ///
    /// ```swift
    /// for try await request in socket.requests { request.reply("World") }
    /// ```
    ///
    /// For tasks that live on the socket's reactor, on a socket without handler. What ends the loop is thrown, as by
    /// ``ReceivingSocket/receive()``.
    public var requests: Requests { Requests(socket: self) }

    /// The requests to a socket, see ``RepSocket/requests``.
    public struct Requests: AsyncSequence {
        public typealias Element = Request
        public typealias Failure = ZMQError

        let socket: RepSocket

        public func makeAsyncIterator() -> Iterator { Iterator(socket: socket) }

        /// Takes requests out of a socket.
        public struct Iterator: AsyncIteratorProtocol {
            /// One request.
            public typealias Element = Request
            public typealias Failure = ZMQError

            let socket: RepSocket

            /// Takes the next request. Never nil.
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
