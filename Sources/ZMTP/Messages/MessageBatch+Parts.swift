// Code that passes messages on without reading them works on batches: it splits off whole parts and counts their
// contents.

extension MessageBatch {
    /// Removes and returns the first `number` messages, or all if there are fewer.
    @inlinable
    package mutating func takeFirst(_ number: Int) -> MessageBatch {
        var part = self
        guard number < count else {
            removeAll()
            return part
        }
        // None of them can be taken off a message of several pieces, too: it has no room at a peer.
        precondition(isInOnePiece || number == 0, "a message of several pieces is a batch of its own")
        var position = start
        for _ in 0..<number { position &+= MessageBatch.sizeOfMessage(at: chunk.base + position).wire }
        (part.end, part.count) = (position, number)
        start = position
        count &-= number
        return part
    }

    /// The total size of all frames of the first `number` messages, without their headers.
    @inlinable
    package func bodyByteCount(ofFirst number: Int) -> Int {
        guard isInOnePiece else {
            return number > 0 ? Message(chunk: chunk, start: start, end: end, frameCount: pieceFrames).byteCount : 0
        }
        var (position, total) = (start, 0)
        for _ in 0..<number {
            let size = MessageBatch.sizeOfMessage(at: chunk.base + position)
            position &+= size.wire
            total &+= size.bodies
        }
        return total
    }

    /// The size of one message on the wire, and without the headers.
    @inlinable @inline(__always)
    static func sizeOfMessage(at base: UnsafeRawPointer) -> (wire: Int, bodies: Int) {
        var frame = FrameHeader(trusted: base)
        var (wire, bodies) = (frame.frameSize, frame.bodySize)
        while frame.hasMore {
            frame = FrameHeader(trusted: base + wire)
            wire &+= frame.frameSize
            bodies &+= frame.bodySize
        }
        return (wire, bodies)
    }
}
