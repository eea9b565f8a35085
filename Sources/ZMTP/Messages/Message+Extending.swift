extension Message {
    /// Appends a frame.
    ///
    /// A message that is built in this way grows in place: its memory doubles when it is full. A message that shares
    /// its memory is copied first, except for its large frames.
    public mutating func append(_ frame: Frame) {
        let size = FrameHeader.size(forBody: frame.count) + frame.count
        guard isContiguous, frame.count <= Chunk.Size.copied, makeRoom(for: size) else {
            self = Message(frames: Array(self) + CollectionOfOne(frame))
            return
        }
        markLastFrame()
        end += FrameHeader.write(bodySize: frame.count, to: chunk.base + end)
        frame.copyBytes(to: UnsafeMutableRawBufferPointer(start: chunk.base + end, count: frame.count))
        end += frame.count
        frameCount += 1
    }

    /// Makes the message the only owner of memory with more room; returns false if that would copy much shared memory.
    private mutating func makeRoom(for size: Int) -> Bool {
        let isOwn = isKnownUniquelyReferenced(&chunk) && !chunk.isLent
        if isOwn, chunk.capacity - end >= size { return true }
        guard isOwn || wireSize <= Chunk.Size.copied else { return false }
        let larger = Chunk(capacity: Swift.max(2 * (wireSize + size), 128))
        write(to: larger.base)
        (chunk, start, end) = (larger, 0, wireSize)
        return true
    }

    /// Sets the flag in the last frame's header that more follow.
    private func markLastFrame() {
        var header = chunk.base + start
        for _ in 1..<frameCount {
            header += FrameHeader(trusted: header).frameSize
        }
        header.storeBytes(of: header.load(as: UInt8.self) | FrameHeader.more, as: UInt8.self)
    }

    /// Inserts a frame before the first one, as an envelope does.
    ///
    /// A small message is copied, and a large one is shared.
    public mutating func prepend(_ frame: Frame) {
        guard frame.count <= Chunk.Size.copied else {
            self = Message(frames: CollectionOfOne(frame) + Array(self))
            return
        }
        let size = FrameHeader.size(forBody: frame.count) + frame.count
        let isSmall = wireSize <= Chunk.Size.copied
        let head = isSmall ? Chunk(capacity: size + wireSize) : Chunk(capacity: size, followedBy: slices)
        let headerSize = FrameHeader.write(flags: FrameHeader.more, bodySize: frame.count, to: head.base)
        frame.copyBytes(to: UnsafeMutableRawBufferPointer(start: head.base + headerSize, count: frame.count))
        if isSmall { write(to: head.base + size) }
        self = Message(chunk: head, start: 0, end: isSmall ? size + wireSize : size, frameCount: frameCount + 1)
    }
}
