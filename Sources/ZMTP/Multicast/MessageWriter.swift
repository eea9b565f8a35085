/// Writes messages that have arrived in datagrams side by side into chunks, in the form of ZMTP 3.x.
package struct MessageWriter: ~Copyable {
    private var chunk: Chunk?
    private var start = 0
    private var end = 0
    private var count = 0
    private var finished: [MessageBatch] = []

    package init() {}

    /// Whether no message has been written since they were last taken.
    package var isEmpty: Bool { count == 0 && finished.isEmpty }

    /// Appends a message in the form of 1.0, which has been checked. Returns false without memory
    /// for it.
    mutating func append(_ message: UnsafeRawBufferPointer) -> Bool {
        // A header of 3.x is never longer.
        guard reserve(message.count), let chunk, let source = message.baseAddress else { return false }
        var (read, write) = (0, chunk.base + end)
        while read < message.count {
            let header = Version1Header(trusted: source + read)
            write += FrameHeader.write(
                flags: header.hasMore ? FrameHeader.more : 0,
                bodySize: header.bodySize,
                to: write
            )
            write.copyMemory(from: source + (read + header.size), byteCount: header.bodySize)
            write += header.bodySize
            read += header.frameSize
        }
        end = write - chunk.base
        count += 1
        return true
    }

    /// Appends a message of two frames. Returns false without memory for it.
    @inline(__always)
    package mutating func append(head: UnsafeRawBufferPointer, body: UnsafeRawBufferPointer) -> Bool {
        let size = FrameHeader.longSize + head.count + FrameHeader.longSize + body.count
        guard reserve(size), let chunk else { return false }
        var write = chunk.base + end
        write += FrameHeader.write(flags: FrameHeader.more, bodySize: head.count, to: write)
        if let source = head.baseAddress { write.copyMemory(from: source, byteCount: head.count) }
        write += head.count
        write += FrameHeader.write(bodySize: body.count, to: write)
        if let source = body.baseAddress { write.copyMemory(from: source, byteCount: body.count) }
        end = write + body.count - chunk.base
        count += 1
        return true
    }

    private mutating func reserve(_ size: Int) -> Bool {
        if let chunk, chunk.capacity - end >= size { return true }
        finishBatch()
        if count == 0, start > 0, chunk != nil, size <= chunk!.capacity, isKnownUniquelyReferenced(&chunk) {
            (start, end) = (0, 0)
            return true
        }
        guard let new = Chunk(ifPossible: max(size, Chunk.Size.shared)) else { return false }
        (chunk, start, end) = (new, 0, 0)
        return true
    }

    private mutating func finishBatch() {
        guard count > 0, let chunk else { return }
        finished.append(MessageBatch(chunk: chunk, start: start, end: end, count: count))
        (start, count) = (end, 0)
    }

    /// Takes all messages out, in order.
    package mutating func takeBatches() -> [MessageBatch] {
        finishBatch()
        defer { finished = [] }
        return finished
    }

    /// Releases the memory when no message is in use.
    package mutating func releaseMemory() {
        guard isEmpty else { return }
        (chunk, start, end) = (nil, 0, 0)
    }
}
