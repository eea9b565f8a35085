public import ZMQReactor

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

// Bytes as `Data`.

extension Frame {
    /// A frame with a copy of the data.
    public init(_ data: Data) { self.init(data.bytes) }

    /// A copy of the frame's bytes.
    public var data: Data { withUnsafeBytes { Data($0) } }
}

extension Message {
    /// A message of one frame with a copy of the data.
    public init(_ data: Data) { self.init(data.bytes) }
}

extension Data {
    /// A copy of the frame's bytes.
    public init(_ frame: Frame) { self = frame.data }
}

// Values as JSON.

extension Frame {
    /// A frame with a value as JSON.
    ///
    /// - Throws: What the encoder throws.
    public init(encoding value: some Encodable, with encoder: JSONEncoder = JSONEncoder()) throws {
        self.init(try encoder.encode(value))
    }

    /// The value that the frame contains as JSON.
    ///
    /// - Throws: `DecodingError` when the bytes are not JSON, or not that of such a value. Any peer can provoke this.
    public func decode<Value: Decodable>(
        _ type: Value.Type = Value.self,
        with decoder: JSONDecoder = JSONDecoder()
    ) throws -> Value {
        try decoder.decode(type, from: data)
    }
}

extension Message {
    /// A message of one frame with a value as JSON.
    ///
    /// ```swift
    /// try socket.send(Message(encoding: reading))
    /// ```
    ///
    /// - Throws: What the encoder throws.
    public init(encoding value: some Encodable, with encoder: JSONEncoder = JSONEncoder()) throws {
        self.init(try encoder.encode(value))
    }

    /// The value that a frame contains as JSON.
    ///
    /// ```swift
    /// let reading = try message.decode(Reading.self)
    /// ```
    ///
    /// - Parameters:
    ///   - type: the type of the value.
    ///   - number: the frame, counted from 0; nil for the last one, which is the body behind any envelope or topic.
    ///   - decoder: of Foundation.
    /// - Throws: `DecodingError` when the bytes are not JSON, or not that of such a value; `ZMQError` with
    ///   `invalidArgument` when there is no such frame. Any peer can provoke both.
    public func decode<Value: Decodable>(
        _ type: Value.Type = Value.self,
        frame number: Int? = nil,
        with decoder: JSONDecoder = JSONDecoder()
    ) throws -> Value {
        guard let frame = frame(number ?? count - 1) else {
            let frames = count == 1 ? "1 frame" : "\(count) frames"
            throw ZMQError(.invalidArgument, "there is no frame \(number ?? 0) in a message of \(frames)")
        }
        return try frame.decode(type, with: decoder)
    }
}
