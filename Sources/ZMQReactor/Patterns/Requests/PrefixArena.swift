import ZMTP

/// Puts a routing id in front of messages: small ones are copied, one after another, into a chunk of the loop's pool.
struct PrefixArena: ~Copyable {
    private let pool: ChunkPool
    private var chunk: Chunk?
    private var used = 0

    init(pool: ChunkPool) { self.pool = pool }

    /// The message behind one frame, which is given in wire form.
    mutating func message(_ prefix: [UInt8], _ message: Message) -> Message {
        let size = prefix.count + message.wireSize
        guard size <= Chunk.Size.copied else {
            return prefix.withUnsafeBytes { Message(prefix: $0, frames: 1, message) }
        }
        let chunk = chunkWithRoom(for: size)
        let start = used
        prefix.withUnsafeBytes {
            (chunk.base + start).copyMemory(from: $0.baseAddress!, byteCount: $0.count)
        }
        message.write(to: chunk.base + start + prefix.count)
        used += size
        return Message(chunk: chunk, start: start, end: used, frameCount: message.count + 1)
    }

    /// Call when a batch of messages has been delivered: memory that is not kept is returned.
    mutating func settle() {
        used = 0
        if let chunk = chunk.take() { pool.give(chunk) }
    }

    private mutating func chunkWithRoom(for size: Int) -> Chunk {
        if let chunk, chunk.capacity - used >= size { return chunk }
        settle()
        let fresh = pool.take()
        chunk = fresh
        return fresh
    }
}
