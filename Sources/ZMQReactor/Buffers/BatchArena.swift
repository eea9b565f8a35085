import ZMTP

/// Where sparse batches are copied to, side by side, while they wait.
///
/// A batch that is more than half of its chunk stays where it is, so that waiting messages take at most about twice
/// their size.
struct BatchArena: ~Copyable {
    private var chunk: Chunk?
    private var used = 0

    /// The batch, or a copy of it.
    mutating func compact(_ batch: MessageBatch) -> MessageBatch {
        // Without memory for an arena, the batch stays where it is.
        guard batch.isSparse, batch.chunk !== chunk, let chunk = chunkWithRoom(for: batch.byteCount) else {
            return batch
        }
        defer { used += batch.byteCount }
        return batch.written(to: chunk, at: used)
    }

    private mutating func chunkWithRoom(for size: Int) -> Chunk? {
        if let chunk, chunk.capacity - used >= size { return chunk }
        // Each chunk is twice as large as the one before, so that a queue of a few messages stays small.
        let capacity = max(1024, min((chunk?.capacity ?? 0) * 2, Chunk.Size.shared), size)
        guard let new = Chunk(ifPossible: capacity) else { return nil }
        (chunk, used) = (new, 0)
        return new
    }

    /// Releases the memory, when nothing waits.
    mutating func removeAll() { chunk = nil }
}
