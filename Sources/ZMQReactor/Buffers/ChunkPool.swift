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
    /// What has been made, in a test's scene.
    private var record: ChunkRecord?
    private static let limit = 32
    private static let smallLimit = 1024

    /// What is queued first for a peer is copied into a chunk of this size if it fits.
    static let smallSize = 2048

    /// The chunks that nothing has borrowed.
    var spareCount: Int { spare.shared.count + spare.small.count }

    /// A chunk of `Chunk.Size.shared` bytes without any other reference.
    func take() -> Chunk {
        spare.shared.popLast() ?? made(Chunk.Size.shared)
    }

    /// A chunk of `smallSize` bytes without any other reference.
    func takeSmall() -> Chunk {
        spare.small.popLast() ?? made(Self.smallSize)
    }

    /// As `take`, for what a peer sends; nil without memory for it.
    func takeIfPossible() -> Chunk? {
        spare.shared.popLast() ?? madeIfPossible(Chunk.Size.shared)
    }

    /// As `takeSmall`, for what a peer sends; nil without memory for it.
    func takeSmallIfPossible() -> Chunk? {
        spare.small.popLast() ?? madeIfPossible(Self.smallSize)
    }

    /// Takes a chunk back, or any other that has one of the pool's sizes and no other reference.
    func give(_ chunk: consuming Chunk) {
        guard isKnownUniquelyReferenced(&chunk), chunk.isPlain else { return }
        if chunk.capacity == Chunk.Size.shared {
            if spare.shared.count < Self.limit { spare.shared.append(chunk) }
        } else if chunk.capacity == Self.smallSize {
            if spare.small.count < Self.smallLimit { spare.small.append(chunk) }
        }
    }

    // Not inlined: the pool mostly has a spare one.
    @inline(never)
    private func made(_ capacity: Int) -> Chunk {
        let chunk = Chunk(capacity: capacity)
        record?.add(chunk)
        return chunk
    }

    @inline(never)
    private func madeIfPossible(_ capacity: Int) -> Chunk? {
        let chunk = Chunk(ifPossible: capacity)
        if let chunk { record?.add(chunk) }
        return chunk
    }

    /// Begins to record the chunks that are made, so that a test can find those that are never returned.
    func startRecording() { record = ChunkRecord() }

    /// Frees the spare chunks, and returns the number of recorded ones that are left, because something refers to them.
    func chunksInUse() -> Int {
        spare = Spare()
        return record?.count ?? 0
    }
}

extension Reactor {
    /// The chunks that are kept for the connections of this reactor, and that none of them has.
    package var spareChunks: Int { ChunkPool.of(self).spareCount }
}
