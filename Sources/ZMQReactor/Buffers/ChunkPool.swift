package import EventReactor
import ZMTP

/// The spare chunks of one loop.
///
/// Connections borrow a chunk to read into or to write from and give it back when nothing of it is left, so that an
/// idle connection owns no buffer. A chunk that an application still holds messages of is simply not taken back.
///
/// There are two sizes: in a turn that answers a thousand peers with a small message each, a thousand chunks are filled
/// at the same time.
final class ChunkPool: ReactorLocal {
    /// The chunks that are not in use, by size. Appended to and popped: calls nothing unknown.
    private struct Spare: ~Copyable {
        var shared = RingBuffer<Chunk>()
        var small = RingBuffer<Chunk>()
    }
    @exclusivity(unchecked) private var spare = Spare()
    private static let limit = 32
    private static let smallLimit = 1024

    /// The chunks that nothing has borrowed.
    var spareCount: Int { spare.shared.count + spare.small.count }

    /// A chunk of `Chunk.Size.shared` bytes without any other reference.
    func take() -> Chunk {
        spare.shared.popLast() ?? Chunk(capacity: Chunk.Size.shared)
    }

    /// A chunk of `Chunk.Size.small` bytes without any other reference.
    func takeSmall() -> Chunk {
        spare.small.popLast() ?? Chunk(capacity: Chunk.Size.small)
    }

    /// As `take`, for what a peer sends; nil without memory for it.
    func takeIfPossible() -> Chunk? {
        spare.shared.popLast() ?? Chunk(ifPossible: Chunk.Size.shared)
    }

    /// As `takeSmall`, for what a peer sends; nil without memory for it.
    func takeSmallIfPossible() -> Chunk? {
        spare.small.popLast() ?? Chunk(ifPossible: Chunk.Size.small)
    }

    /// Takes a chunk back, or any other that has one of the pool's sizes and no other reference.
    func give(_ chunk: consuming Chunk) {
        guard isKnownUniquelyReferenced(&chunk), chunk.isPlain else { return }
        if chunk.capacity == Chunk.Size.shared {
            if spare.shared.count < Self.limit { spare.shared.append(chunk) }
        } else if chunk.capacity == Chunk.Size.small {
            if spare.small.count < Self.smallLimit { spare.small.append(chunk) }
        }
    }
}

extension Reactor {
    /// The chunks that are kept for the connections of this reactor, and that none of them has.
    package var spareChunks: Int { ChunkPool.of(self).spareCount }
}
