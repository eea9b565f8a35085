// Messages leave the program's queues as 3.x frames. This translates them to what other peers expect.
//
// The frames arrive in pieces: a body either follows its header or is the whole next piece. See `Chunk.pieces`.

/// Translates 3.x frames to another form, one piece of memory at a time.
package struct FrameTranslation: Sendable {
    /// The form of the output.
    package enum Form: Sendable {
        /// Frames of ZMTP 1.0.
        case version1
        /// The bodies, one after another, and nothing else.
        case bodies
    }

    private let form: Form
    /// The frame whose body is the next piece.
    private var pending: FrameHeader?
    /// Bytes of the current message, in the form of 3.x.
    private var size = 0

    /// - Parameter form: the form of the output.
    package init(to form: Form) { self.form = form }

    /// Appends the frames in `piece` to `output`, up to the end of the message with which `output` reaches `limit`
    /// bytes.
    ///
    /// - Parameters:
    ///   - piece: complete frames, except that the last one's body may be the next piece.
    ///   - endOfMessage: called for each message whose last byte has been appended, with its end in `output` and its
    ///     size in the form of 3.x.
    /// - Returns: Whether the piece has been consumed, and more may follow.
    package mutating func append(
        _ piece: UnsafeRawBufferPointer,
        to output: inout [UInt8],
        limit: Int,
        endOfMessage: (_ end: Int, _ size: Int) -> Void
    ) -> Bool {
        guard let base = piece.baseAddress else { return true }
        var offset = 0
        while offset < piece.count || pending != nil {
            let header: FrameHeader
            if let whole = pending.take() {
                header = whole
            } else {
                header = FrameHeader(trusted: base + offset)
                offset += header.size
                size += header.frameSize
                if form == .version1 {
                    Version1Header(hasMore: header.hasMore, bodySize: header.bodySize).append(to: &output)
                }
                if offset == piece.count, header.bodySize > 0 {
                    pending = header
                    return true
                }
            }
            output.append(contentsOf: piece[offset..<(offset + header.bodySize)])
            offset += header.bodySize
            guard !header.hasMore else { continue }
            endOfMessage(output.count, size)
            size = 0
            guard output.count < limit else { return false }
        }
        return true
    }
}
