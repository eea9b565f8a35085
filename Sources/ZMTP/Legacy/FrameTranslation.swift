// Messages leave the program's queues as 3.x frames. This makes of them what else a peer may want.
//
// The frames come in pieces: a body either follows its header or is the next piece, whole. See `Chunk.pieces`.

/// Turns frames of 3.x into another form, a piece of memory at a time.
package struct FrameTranslation: Sendable {
    /// What comes out.
    package enum Form: Sendable {
        /// Frames of ZMTP 1.0.
        case version1
        /// The bodies, one behind the other, and nothing else.
        case bodies
    }

    private let form: Form
    /// The frame whose body is the next piece.
    private var pending: FrameHeader?
    /// Bytes, in the form of 3.x, of the message under way.
    private var size = 0

    /// - Parameter form: what comes out.
    package init(to form: Form) { self.form = form }

    /// Appends the frames in `piece` to `output`, up to the end of the message with which that has `limit` bytes.
    ///
    /// - Parameters:
    ///   - piece: whole frames, all but the last one's body, which may be the next piece.
    ///   - endOfMessage: called for each message whose last byte has been appended, with where it ends in `output` and its
    ///     size in the form of 3.x.
    /// - Returns: Whether all of the piece has been taken, and more may follow.
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
