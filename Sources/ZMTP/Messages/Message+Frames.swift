/// Looking at frames: headers are decoded where they lie.
extension Message: Collection {
    /// The place of a frame in its message.
    public struct Index: Comparable, Sendable {
        /// The frame's number, counted from 0.
        public let number: Int
        /// 0 is the message's own chunk, n the n-th of its pieces.
        let piece: Int
        /// Where the frame's header lies in that piece's chunk.
        let offset: Int

        public static func < (left: Index, right: Index) -> Bool { left.number < right.number }
        public static func == (left: Index, right: Index) -> Bool { left.number == right.number }
    }

    public var startIndex: Index { Index(number: 0, piece: 0, offset: start) }
    public var endIndex: Index { Index(number: frameCount, piece: 0, offset: 0) }

    /// The number of frames, at least one.
    @inlinable public var count: Int { frameCount }

    public func index(after index: Index) -> Index {
        precondition(index.number < frameCount, "there is no frame behind the last one")
        return locate(index).next
    }

    public subscript(index: Index) -> Frame {
        precondition(index.number >= 0 && index.number < frameCount, "the message has no frame \(index.number)")
        return Frame(locate(index).body)
    }

    /// The frame with this number, counted from 0. Takes time in proportion to the number; iterate to see all.
    public subscript(number: Int) -> Frame {
        precondition(number >= 0 && number < frameCount, "frame \(number) of a message that has \(frameCount)")
        var index = startIndex
        while index.number < number { index = locate(index).next }
        return Frame(locate(index).body)
    }

    /// The last frame.
    public var last: Frame { self[frameCount - 1] }

    private func locate(_ index: Index) -> (body: Chunk.Slice, next: Index) {
        let here = piece(index.piece)
        let header = FrameHeader(trusted: here.chunk.base + index.offset)
        let bodyStart = index.offset + header.size
        var body = Chunk.Slice(chunk: here.chunk, start: bodyStart, end: bodyStart + header.bodySize)
        var (nextPiece, nextOffset) = (index.piece, body.end)
        if bodyStart == here.end, header.bodySize > 0 {
            // The body is the next piece, and the next header is in the piece behind that.
            body = chunk.pieces[index.piece]
            nextPiece += 2
            nextOffset = nextPiece <= chunk.pieces.count ? piece(nextPiece).start : 0
        } else if body.end == here.end, index.piece < chunk.pieces.count {
            nextPiece += 1
            nextOffset = piece(nextPiece).start
        }
        return (body, Index(number: index.number + 1, piece: nextPiece, offset: nextOffset))
    }

    private func piece(_ number: Int) -> Chunk.Slice {
        number == 0 ? Chunk.Slice(chunk: chunk, start: start, end: end) : chunk.pieces[number - 1]
    }
}

extension Message {
    /// The message without its first `number` frames; nil when none would be left.
    ///
    /// Nothing is copied: this is how an envelope is taken off.
    public func dropFirst(_ number: Int = 1) -> Message? {
        guard number < frameCount else { return nil }
        var index = startIndex
        while index.number < number { index = locate(index).next }
        return suffix(from: index)
    }

    /// The message from the frame at `index` on, by reference.
    package func suffix(from index: Index) -> Message {
        let left = frameCount - index.number
        guard index.piece > 0 else { return Message(chunk: chunk, start: index.offset, end: end, frameCount: left) }
        let head = piece(index.piece)
        let rest = Array(chunk.pieces.dropFirst(index.piece))
        if rest.isEmpty {
            return Message(chunk: head.chunk, start: index.offset, end: head.end, frameCount: left)
        }
        // The chunk in front of other pieces must be the message's own: copy the headers and small frames in it.
        let count = head.end - index.offset
        let own = Chunk(capacity: Swift.max(count, 1), followedBy: rest)
        own.base.copyMemory(from: head.chunk.base + index.offset, byteCount: count)
        return Message(chunk: own, start: 0, end: count, frameCount: left)
    }
}
