import ZMTP

/// The spare chunks of one loop.
///
/// Connections borrow a chunk to read into or to write from and give it back when nothing of it is left, so that an idle
/// connection owns no buffer. A chunk that an application still holds messages of is simply not taken back.
final class ChunkPool {
    private var spare: [Chunk] = []
    private static let limit = 32

    /// A chunk of `Chunk.Size.shared` bytes that nobody else refers to.
    func take() -> Chunk {
        spare.popLast() ?? Chunk(capacity: Chunk.Size.shared)
    }

    /// Takes a chunk back if it is of the pool's size and nobody else refers to it.
    func give(_ chunk: consuming Chunk) {
        var chunk = chunk
        guard chunk.capacity == Chunk.Size.shared, spare.count < Self.limit, isKnownUniquelyReferenced(&chunk) else {
            return
        }
        spare.append(chunk)
    }
}
