import ZMTP

/// Copies runs that wait and would keep far more memory than they are: a message that arrives alone lies in a chunk of 64 KiB.
///
/// A run that takes more than half of its chunk stays where it is, so what waits takes at most about twice its size.
struct RunArena: ~Copyable {
    /// Where runs are copied to, side by side.
    private var chunk: Chunk?
    private var used = 0

    /// Larger runs are not copied: they lie in pages of their own, of which only those take memory that have been written.
    private static let largest = 256 * 1024

    /// The run, or a copy of it.
    mutating func compact(_ run: Run) -> Run {
        let size = run.end - run.start
        // Without memory for an arena it stays where it is, too.
        guard run.pieceFrames == 0, size <= Self.largest, size <= run.chunk.capacity / 2, run.chunk !== chunk,
            let chunk = chunkWithRoom(for: size)
        else { return run }
        (chunk.base + used).copyMemory(from: run.chunk.base + run.start, byteCount: size)
        defer { used += size }
        return Run(chunk: chunk, start: used, end: used + size, count: run.count)
    }

    private mutating func chunkWithRoom(for size: Int) -> Chunk? {
        if let chunk, chunk.capacity - used >= size { return chunk }
        // Each chunk is twice as large as the one before, so that a queue of a few messages stays small.
        let capacity = max(1024, min((chunk?.capacity ?? 0) * 2, Chunk.Size.shared), size)
        guard let new = Chunk(ifPossible: capacity) else { return nil }
        (chunk, used) = (new, 0)
        return new
    }

    /// Nothing waits any more.
    mutating func removeAll() { chunk = nil }
}
