/// Access to frames: headers are decoded in place.
extension Message: Collection {
    /// The position of a frame in its message.
    public struct Index: Comparable, Sendable {
        /// The frame's number, counted from 0.
        public let number: Int
        /// 0 is the message's own chunk, n the nth of its pieces.
        let piece: Int
        /// The offset of the frame's header in that piece's chunk.
        let offset: Int

        public static func < (left: Index, right: Index) -> Bool { left.number < right.number }
        public static func == (left: Index, right: Index) -> Bool { left.number == right.number }
    }

    public var startIndex: Index { Index(number: 0, piece: 0, offset: start) }
    public var endIndex: Index { Index(number: frameCount, piece: 0, offset: 0) }

    /// The number of frames, at least one.
    @inlinable public var count: Int { frameCount }

    public func index(after index: Index) -> Index {
        precondition(index.number < frameCount, "there is no frame after the last one")
        return locate(index).next
    }

    /// The size of the frame at `index`, and the position of the next one.
    package func step(_ index: Index) -> (size: Int, next: Index) {
        let frame = locate(index)
        return (frame.end - frame.start, frame.next)
    }

    public subscript(index: Index) -> Frame {
        precondition(index.number >= 0 && index.number < frameCount, "the message has no frame \(index.number)")
        return frame(at: index)
    }

    /// The frame with this number, counted from 0. Takes time proportional to the number; iterate to read all.
    public subscript(number: Int) -> Frame {
        precondition(number >= 0 && number < frameCount, "frame \(number) is not in 0..<\(frameCount)")
        var index = startIndex
        while index.number < number { index = locate(index).next }
        return frame(at: index)
    }

    /// The last frame.
    public var last: Frame { self[frameCount - 1] }

    private func frame(at index: Index) -> Frame {
        let body = locate(index)
        return Frame(Chunk.Slice(chunk: piece(body.piece).chunk, start: body.start, end: body.end))
    }

    /// Finds the body of a frame, as the number of a piece and offsets in its chunk. The result holds no references, so
    /// a walk over frames counts none.
    private func locate(_ index: Index) -> (piece: Int, start: Int, end: Int, next: Index) {
        let base = index.piece == 0 ? chunk.base : chunk.pieces[index.piece - 1].chunk.base
        let pieceEnd = index.piece == 0 ? end : chunk.pieces[index.piece - 1].end
        let header = FrameHeader(trusted: base + index.offset)
        let bodyStart = index.offset + header.size
        let bodyEnd = bodyStart + header.bodySize
        if bodyStart == pieceEnd, header.bodySize > 0 {
            // The body is the next piece, and the next header is in the piece after that.
            let body = chunk.pieces[index.piece]
            return (index.piece + 1, body.start, body.end, next(index, in: index.piece + 2))
        }
        if bodyEnd == pieceEnd, index.piece < chunk.pieces.count {
            return (index.piece, bodyStart, bodyEnd, next(index, in: index.piece + 1))
        }
        let next = Index(number: index.number + 1, piece: index.piece, offset: bodyEnd)
        return (index.piece, bodyStart, bodyEnd, next)
    }

    /// The position after `index` when it is at the beginning of a piece, or after the last one.
    private func next(_ index: Index, in piece: Int) -> Index {
        let offset = piece <= chunk.pieces.count ? chunk.pieces[piece - 1].start : 0
        return Index(number: index.number + 1, piece: piece, offset: offset)
    }

    private func piece(_ number: Int) -> Chunk.Slice {
        number == 0 ? Chunk.Slice(chunk: chunk, start: start, end: end) : chunk.pieces[number - 1]
    }
}

extension Message {
    /// The message without its first `number` frames; nil if none would be left.
    ///
    /// Nothing is copied: this is how to remove an envelope.
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
        // The chunk before other pieces must be the message's own: copy the headers and small frames in it.
        let count = head.end - index.offset
        let own = Chunk(capacity: Swift.max(count, 1), followedBy: rest)
        own.base.copyMemory(from: head.chunk.base + index.offset, byteCount: count)
        return Message(chunk: own, start: 0, end: count, frameCount: left)
    }

    /// The message behind its first frame, if that is empty and another one follows in the same piece. Only for speed:
    /// nil is no answer.
    @inlinable
    package var suffixBehindEmptyFrame: Message? {
        let header = FrameHeader(trusted: chunk.base + start)
        guard header.bodySize == 0, frameCount > 1, end &- start > header.size else { return nil }
        return Message(chunk: chunk, start: start &+ header.size, end: end, frameCount: frameCount &- 1)
    }
}
