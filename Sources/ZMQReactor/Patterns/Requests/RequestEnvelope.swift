import ZMTP

/// What stands in front of a request or reply on the wire (RFC 28): any number of address frames, then an empty one.
enum RequestEnvelope {
    /// Calls `body` with the empty delimiter, with more behind it, as it travels.
    @inline(__always)
    static func withDelimiter(_ body: (UnsafeRawBufferPointer) -> Void) {
        withUnsafeBytes(of: (FrameHeader.more, 0 as UInt8), body)
    }

    /// An envelope of a number, with more behind it, as it travels.
    static func wireForm(ofNumber number: UInt32) -> [UInt8] {
        [FrameHeader.more, 4] + withUnsafeBytes(of: number.bigEndian, Array.init) + [FrameHeader.more, 0]
    }

    /// The number in an envelope of that form; nil when its first frame is something else.
    static func number(in message: borrowing Message) -> UInt32? { message[0].integer() }

    /// Finds the delimiter and splits the message behind it.
    ///
    /// - Returns: How many frames the envelope has, the delimiter included, and the body; nil without a delimiter, or when
    ///   nothing follows it.
    static func split(_ message: borrowing Message) -> (frames: Int, body: Message)? {
        var index = message.startIndex
        for frames in 1..<message.count {
            let (size, next) = message.step(index)
            if size == 0 { return (frames, message.suffix(from: next)) }
            index = next
        }
        return nil
    }

    /// The bytes of a message's first frames as they travel, each with more behind it; nil without memory for them, since it is the
    /// peer that says how many they are.
    static func wireForm(of message: Message, frames: Int) -> [UInt8]? {
        let size = message.prefix(frames).reduce(0) { $0 + FrameHeader.size(forBody: $1.count) + $1.count }
        guard Memory.isAvailable(size) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        for frame in message.prefix(frames) {
            var header: (UInt64, UInt8) = (0, 0)
            let size = withUnsafeMutableBytes(of: &header) {
                FrameHeader.write(flags: FrameHeader.more, bodySize: frame.count, to: $0.baseAddress!)
            }
            withUnsafeBytes(of: header) { bytes.append(contentsOf: $0.prefix(size)) }
            frame.withUnsafeBytes { bytes.append(contentsOf: $0) }
        }
        return bytes
    }
}
