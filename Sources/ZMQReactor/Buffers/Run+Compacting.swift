import ZMTP

// A run that waits keeps the chunks that it lies in. A message that was read alone lies in a chunk of 64 KiB.
extension Run {
    /// Larger runs lie in pages of their own, which take memory only where they have been written.
    private static let largestSparse = 256 * 1024

    /// Whether the run is at most half of what it keeps in memory.
    var isSparse: Bool {
        if pieceFrames == 0 { return end - start <= min(chunk.capacity / 2, Self.largestSparse) }
        return byteCount <= Self.largestSparse && chunk.pieces.contains { $0.count <= $0.chunk.capacity / 2 }
    }

    /// A copy that keeps nothing else; the run itself if there is no memory for one.
    var compacted: Run {
        guard let copy = Chunk(ifPossible: byteCount) else { return self }
        return written(to: copy, at: 0)
    }

    /// Copies the messages. Returns them where they are then.
    func written(to chunk: Chunk, at offset: Int) -> Run {
        let size = byteCount
        if pieceFrames == 0 {
            (chunk.base + offset).copyMemory(from: self.chunk.base + start, byteCount: size)
        } else {
            // A run in pieces is one message.
            var run = self
            run.next()?.write(to: chunk.base + offset)
        }
        return Run(chunk: chunk, start: offset, end: offset + size, count: count)
    }
}
