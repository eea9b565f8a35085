import ZMTP

/// Where sparse runs are copied to, side by side, while they wait.
///
/// A run that is more than half of its chunk stays where it is, so that waiting messages take at most about twice their size.
struct RunArena: ~Copyable {
    private var chunk: Chunk?
    private var used = 0

    /// The run, or a copy of it.
    mutating func compact(_ run: Run) -> Run {
        // Without memory for an arena, the run stays where it is.
        guard run.isSparse, run.chunk !== chunk, let chunk = chunkWithRoom(for: run.byteCount) else { return run }
        defer { used += run.byteCount }
        return run.written(to: chunk, at: used)
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
