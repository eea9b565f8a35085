import ZMTP

/// Where a connection reads to.
///
/// Rules:
/// * Between two reads a connection owns only what it has not understood yet: an idle one owns nothing, one with a
///   part of a small frame a small buffer. The chunk that is read into comes from the loop's pool and goes back to it.
///   Only a read that filled the chunk keeps it, because the next one is about to follow.
/// * A buffer grows with the bytes that have really arrived, never with the size that a peer announces.
/// * Bytes that messages refer to are never written again: the rest moves to another chunk instead.
struct InputBuffer: ~Copyable {
    private(set) var chunk: Chunk?

    /// What has been read and not understood: `start..<end` of the chunk.
    var start = 0
    var end = 0

    /// The most bytes that have been in one chunk: a peer that has sent a large frame is likely to send more of them.
    private var mostFilled = 0

    /// A rest up to this size is kept in a buffer of its own.
    private static let smallRest = 2048

    /// A buffer for several large frames is not made larger than this.
    private static let largest = 1 << 20

    /// What has been read and not understood, for the engine to look at; nil when there is no chunk.
    var window: Input? { chunk.map { Input(base: $0.base, start: start, end: end) } }

    var isEmpty: Bool { start == end }
    var count: Int { end - start }

    /// Room to read into, behind what is there already.
    mutating func prepareToRead(from pool: ChunkPool) -> UnsafeMutableRawBufferPointer {
        if let chunk, chunk.capacity < Chunk.Size.shared {
            move(to: pool.take())
        } else if chunk == nil {
            chunk = pool.take()
            start = 0
            end = 0
        }
        return UnsafeMutableRawBufferPointer(start: chunk!.base + end, count: chunk!.capacity - end)
    }

    mutating func didRead(_ count: Int) { end += count }

    private var isFull: Bool { end == chunk!.capacity }

    /// To be called when everything that is whole has been taken from the front.
    ///
    /// - Parameter wanted: how many bytes the frame at `start` needs, as far as its peer says.
    mutating func settle(wanted: Int, pool: ChunkPool) {
        guard chunk != nil else { return }
        mostFilled = max(mostFilled, end)
        let rest = end - start
        if rest == 0 {
            pool.give(chunk.take()!)
            (start, end) = (0, 0)
        } else if rest <= Self.smallRest, !isFull {
            let large = chunk!
            move(to: Chunk(capacity: rest))
            pool.give(large)
        } else if wanted > chunk!.capacity {
            // Eight times what is there, or as much as there has been: room for several frames of this size, or for more of a huge one.
            let capacity = max(min(max(rest * 8, mostFilled), max(wanted, Self.largest)), Chunk.Size.shared)
            if capacity > chunk!.capacity { move(to: Chunk(capacity: capacity)) } else { moveToFront(pool) }
        } else {
            moveToFront(pool)
        }
    }

    /// Whoever is told that nothing more comes gives everything back.
    mutating func removeAll(pool: ChunkPool) {
        start = end
        settle(wanted: 0, pool: pool)
    }

    private mutating func moveToFront(_ pool: ChunkPool) {
        if isKnownUniquelyReferenced(&chunk) {
            guard start > 0 else { return }
            chunk!.base.copyMemory(from: chunk!.base + start, byteCount: end - start)
            (start, end) = (0, end - start)
        } else {
            let capacity = chunk!.capacity
            move(to: capacity == Chunk.Size.shared ? pool.take() : Chunk(capacity: capacity))
        }
    }

    private mutating func move(to other: Chunk) {
        other.base.copyMemory(from: chunk!.base + start, byteCount: end - start)
        (start, end) = (0, end - start)
        chunk = other
    }
}
