/// Walks through 3.x frames that arrive in pieces of memory, to append each to an output in another form.
///
/// A body either follows its header or is the whole next piece. See `Chunk.pieces`.
struct FramePieces {
    /// The frame whose body is the next piece.
    private var pending: FrameHeader?
    /// Bytes of the current message, in the form of 3.x.
    private var size = 0

    /// Appends the frames in `piece` to `output`, as `SealingTransform.seal` does.
    ///
    /// - Parameter append: appends a frame, with its body.
    @inline(__always)
    mutating func append(
        _ piece: UnsafeRawBufferPointer,
        to output: inout [UInt8],
        limit: Int,
        endOfMessage: (_ end: Int, _ size: Int) -> Void,
        _ append: (FrameHeader, _ body: UnsafeRawBufferPointer, _ output: inout [UInt8]) -> Void
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
                if offset == piece.count, header.bodySize > 0 {
                    pending = header
                    return true
                }
            }
            append(header, UnsafeRawBufferPointer(start: base + offset, count: header.bodySize), &output)
            offset += header.bodySize
            guard !header.hasMore else { continue }
            endOfMessage(output.count, size)
            size = 0
            guard output.count < limit else { return false }
        }
        return true
    }
}
