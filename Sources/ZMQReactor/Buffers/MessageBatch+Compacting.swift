import ZMTP

// A batch that waits keeps the chunks that it lies in. A message that was read alone lies in a chunk of 64 KiB.
extension MessageBatch {
    /// Larger batches lie in pages of their own, which take memory only where they have been written.
    private static let largestSparse = 256 * 1024

    /// Whether the batch is at most half of what it keeps in memory.
    var isSparse: Bool {
        if isInOnePiece { return end - start <= min(chunk.capacity / 2, Self.largestSparse) }
        return byteCount <= Self.largestSparse && chunk.pieces.contains { $0.count <= $0.chunk.capacity / 2 }
    }

    /// A copy that keeps nothing else; the batch itself if there is no memory for one.
    var compacted: MessageBatch {
        guard let copy = Chunk(ifPossible: byteCount) else { return self }
        return written(to: copy, at: 0)
    }

    /// Copies the messages. Returns them where they are then.
    func written(to chunk: Chunk, at offset: Int) -> MessageBatch {
        let size = byteCount
        if isInOnePiece {
            (chunk.base + offset).copyMemory(from: self.chunk.base + start, byteCount: size)
        } else {
            // A batch in pieces is one message.
            var batch = self
            batch.next()?.write(to: chunk.base + offset)
        }
        return MessageBatch(of: subscription, chunk: chunk, start: offset, end: offset + size, count: count)
    }
}
