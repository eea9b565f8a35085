/// Consecutive complete messages in one block of memory: the result of one read, and the content of queues.
///
/// Removing messages from the front decodes their headers in place. A message of several pieces is always a batch of
/// its own.
@usableFromInline
package struct MessageBatch: Sendable {
    @usableFromInline package var chunk: Chunk
    @usableFromInline package var start: Int
    @usableFromInline package var end: Int
    /// The number of messages.
    @usableFromInline package var count: Int
    /// The number of frames of a message made of several pieces; 0 when the batch is in one piece.
    @usableFromInline package let pieceFrames: Int

    @inlinable
    package init(chunk: Chunk, start: Int, end: Int, count: Int) {
        self.chunk = chunk
        self.start = start
        self.end = end
        self.count = count
        pieceFrames = 0
    }

    /// A batch of one message.
    @inlinable
    package init(_ message: borrowing Message) {
        chunk = message.chunk
        start = message.start
        end = message.end
        count = 1
        pieceFrames = message.isContiguous ? 0 : message.frameCount
    }

    @inlinable package var isEmpty: Bool { count == 0 }

    /// Removes and returns the first message.
    @inlinable @inline(__always)
    package mutating func next() -> Message? {
        guard count > 0 else { return nil }
        let first = start
        let frames = passFirst()
        return Message(chunk: chunk, start: first, end: start, frameCount: frames)
    }

    /// Removes all messages.
    @inlinable
    package mutating func removeAll() { (start, count) = (end, 0) }

    /// Removes messages, one by one, as long as `condition` holds, and lends each to `body`.
    ///
    /// They are one value that advances and holds the chunk: a message that is read and not kept counts no reference.
    @inlinable @inline(__always)
    package mutating func forEach(while condition: () -> Bool, _ body: (borrowing Message) -> Void) {
        guard count > 0 else { return }
        var message = Message(chunk: chunk, start: start, end: start, frameCount: 0)
        while count > 0, condition() {
            message.start = start
            message.frameCount = passFirst()
            message.end = start
            body(message)
        }
    }

    /// Advances past the first message, which must exist; returns its number of frames.
    @inlinable @inline(__always)
    mutating func passFirst() -> Int {
        count &-= 1
        guard pieceFrames == 0 else {
            start = end
            return pieceFrames
        }
        var frames = 1
        var frame = FrameHeader(trusted: chunk.base + start)
        start &+= frame.frameSize
        while frame.hasMore {
            frames &+= 1
            frame = FrameHeader(trusted: chunk.base + start)
            start &+= frame.frameSize
        }
        return frames
    }
}

extension MessageBatch {
    /// The chunk, which is all that remains of an empty batch.
    @inlinable @inline(__always)
    package consuming func takeChunk() -> Chunk { chunk }

    /// Appends a batch if it follows directly in the same memory; returns whether it does.
    package mutating func extend(with next: MessageBatch) -> Bool {
        guard pieceFrames == 0, next.pieceFrames == 0, chunk === next.chunk, end == next.start else { return false }
        end = next.end
        count += next.count
        return true
    }

    /// The number of bytes on the wire.
    @inlinable package var byteCount: Int {
        var size = end &- start
        if pieceFrames != 0 { for piece in chunk.pieces { size &+= piece.count } }
        return size
    }
}
