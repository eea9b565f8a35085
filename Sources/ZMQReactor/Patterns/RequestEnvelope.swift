import ZMTP

/// What stands in front of a request or reply on the wire (RFC 28): any number of address frames, then an empty one.
enum RequestEnvelope {
    /// The empty delimiter, with more behind it, as it travels.
    static let delimiter: [UInt8] = [FrameHeader.more, 0]

    /// Finds the delimiter and splits the message behind it.
    ///
    /// - Returns: How many frames the envelope has, the delimiter included, and the body; nil without a delimiter, or when
    ///   nothing follows it.
    static func split(_ message: Message) -> (frames: Int, body: Message)? {
        var index = message.startIndex
        for number in 0..<message.count {
            let frame = message[index]
            let next = message.index(after: index)
            if frame.isEmpty {
                guard number + 1 < message.count else { return nil }
                return (number + 1, message.suffix(from: next))
            }
            index = next
        }
        return nil
    }

    /// The bytes of a message's first frames as they travel, each with more behind it.
    static func wireForm(of message: Message, frames: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for frame in message.prefix(frames) {
            var header: (UInt64, UInt8) = (0, 0)
            let size = withUnsafeMutableBytes(of: &header) {
                FrameHeader.write(flags: FrameHeader.more, bodySize: frame.count, to: $0.baseAddress!)
            }
            withUnsafeBytes(of: header) { bytes.append(contentsOf: $0.prefix(size)) }
            bytes.append(contentsOf: frame)
        }
        return bytes
    }
}
