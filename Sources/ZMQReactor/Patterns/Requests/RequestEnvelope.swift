import ZMTP

/// The frames in front of a request or reply on the wire (RFC 28): any number of address frames, then an empty one.
enum RequestEnvelope {
    /// Calls `body` with the wire form of the empty delimiter, with more behind it.
    @inline(__always)
    static func withDelimiter(_ body: (UnsafeRawBufferPointer) -> Void) {
        withUnsafeBytes(of: (FrameHeader.more, 0 as UInt8), body)
    }

    /// The wire form of an envelope of a number, with more behind it.
    static func wireForm(ofNumber number: UInt32) -> [UInt8] {
        [FrameHeader.more, 4] + withUnsafeBytes(of: number.bigEndian, Array.init) + [FrameHeader.more, 0]
    }

    /// Calls `body` with the same bytes, without allocating.
    @inline(__always)
    static func withWireForm(
        ofNumber number: UInt32,
        _ body: (UnsafeRawBufferPointer) throws(ZMQError) -> SendResult
    ) throws(ZMQError) -> SendResult {
        let empty = UInt64(FrameHeader.more) << 8
        let bytes = (UInt64(FrameHeader.more) << 56 | 4 << 48 | UInt64(number) << 16 | empty).bigEndian
        return try withUnsafeBytes(of: bytes, body)
    }

    /// The number in such an envelope; nil if its first frame is not a number.
    static func number(in message: borrowing Message) -> UInt32? { message[0].integer() }

    /// Finds the delimiter and splits the message behind it.
    ///
    /// - Returns: The number of frames in the envelope, including the delimiter, and the body; nil without a delimiter,
    ///   or when nothing follows it.
    static func split(_ message: borrowing Message) -> (frames: Int, body: Message)? {
        // Most envelopes are no more than the delimiter.
        if let body = message.suffixBehindEmptyFrame { return (1, body) }
        var index = message.startIndex
        for frames in 1..<message.count {
            let (size, next) = message.step(index)
            if size == 0 { return (frames, message.suffix(from: next)) }
            index = next
        }
        return nil
    }

    /// The wire form of a message's first frames, each with more behind it; nil if there is no memory for them, since
    /// the peer determines their number.
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
