public import ZMQReactor

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension SendingSocket {
    /// Sends a message of one frame with a copy of the data.
    ///
    /// - Returns: As `send(_: Message)`.
    /// - Throws: `closed`, `terminated`, and what `send(_: Message)` throws.
    public func send(_ data: Data) throws(ZMQError) -> SendResult { try send(data.bytes) }

    /// Sends a message of one frame with a value as JSON.
    ///
    /// - Returns: As `send(_: Message)`.
    /// - Throws: What the encoder throws; `closed`, `terminated`, and what `send(_: Message)` throws.
    public func send(encoding value: some Encodable, with encoder: JSONEncoder = JSONEncoder()) throws -> SendResult {
        try send(encoder.encode(value))
    }

    /// Sends a message of one frame with a value as JSON, as soon as there is room. For tasks that live on the socket's
    /// reactor.
    ///
    /// - Throws: What the encoder throws, and what `sendWhenReady` throws.
    public nonisolated(nonsending) func sendWhenReady(
        encoding value: some Encodable,
        with encoder: JSONEncoder = JSONEncoder()
    ) async throws {
        try await sendWhenReady(Message(encoding: value, with: encoder))
    }
}

extension SocketHandle {
    /// Sends a message of one frame with a value as JSON, from any task, as soon as there is room.
    ///
    /// - Throws: What the encoder throws, and what `sendWhenReady(_:)` throws.
    public nonisolated(nonsending) func sendWhenReady(
        encoding value: some Encodable,
        with encoder: JSONEncoder = JSONEncoder()
    ) async throws {
        try await sendWhenReady(Message(encoding: value, with: encoder))
    }
}

extension Reply {
    /// Replies with a value as JSON.
    ///
    /// - Throws: What the encoder throws; then no reply has been sent.
    public func send(encoding value: some Encodable, with encoder: JSONEncoder = JSONEncoder()) throws {
        send(try Message(encoding: value, with: encoder))
    }
}

extension RequestClient {
    /// Makes a request of one frame with a value as JSON, and decodes the last frame of the reply.
    ///
    /// ```swift
    /// let answer = try await client.request(encoding: Question(id: 7), returning: Answer.self)
    /// ```
    ///
    /// - Parameters:
    ///   - value: the request.
    ///   - type: the type of the reply.
    ///   - timeout: the limit of one attempt; nil for the client's.
    ///   - retries: how often the request is sent again after the timeout; nil for the client's.
    /// - Throws: What the encoder throws; what `request` throws; `DecodingError` for a reply of another form.
    public nonisolated(nonsending) func request<Answer: Decodable>(
        encoding value: some Encodable,
        returning type: Answer.Type = Answer.self,
        timeout: Duration? = nil,
        retries: Int? = nil
    ) async throws -> Answer {
        try await request(Message(encoding: value), timeout: timeout, retries: retries).decode(type)
    }
}
