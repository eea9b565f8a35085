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

    /// What has been read and not understood, in the chunk, for the engine to look at and take from; empty when there is none.
    var window = InputBuffer.nothing
    private static var nothing: Input { Input(base: UnsafeMutableRawPointer(bitPattern: 16)!, start: 0, end: 0) }

    private let pool: ChunkPool

    /// What the next chunk holds. After two large ones in a row it is as large: who sends large frames is likely to go on with them,
    /// and reading a frame to where it stays saves a copy of its front.
    private var nextCapacity = Chunk.Size.shared
    private var lastWasLarge = false

    /// A rest up to this size is kept in a buffer of its own.
    private static let smallRest = 2048

    /// A buffer for several large frames is not made larger than this.
    private static let largest = 1 << 20

    init(pool: ChunkPool) { self.pool = pool }

    var isEmpty: Bool { window.start == window.end }

    /// Room to read into, behind what is there already.
    mutating func prepareToRead() -> UnsafeMutableRawBufferPointer {
        if chunk == nil {
            hold(freshChunk())
        } else if chunk!.capacity < Chunk.Size.shared {
            move(to: freshChunk())
        }
        return room
    }

    private func freshChunk() -> Chunk {
        nextCapacity == Chunk.Size.shared ? pool.take() : Chunk(capacity: nextCapacity)
    }

    private mutating func noteUse(of capacity: Int) {
        let isLarge = window.end > Chunk.Size.shared
        nextCapacity = isLarge && lastWasLarge ? capacity : Chunk.Size.shared
        lastWasLarge = isLarge
    }

    private var room: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: window.base + window.end, count: chunk!.capacity - window.end)
    }

    mutating func didRead(_ count: Int) { window.end += count }

    private var isFull: Bool { window.end == chunk!.capacity }

    /// To be called when everything that is whole has been taken from the front.
    ///
    /// - Parameter wanted: how many bytes the frame at the front needs, as far as its peer says.
    @inline(__always)
    mutating func settle(wanted: Int) {
        if isEmpty { giveBack() } else { keepRest(wanted: wanted) }
    }

    @inline(__always)
    private mutating func giveBack() {
        guard let chunk = chunk.take() else { return }
        if window.end > 0 { noteUse(of: chunk.capacity) }
        window = Self.nothing
        pool.give(chunk)
    }

    private mutating func keepRest(wanted: Int) {
        let capacity = chunk!.capacity
        if window.count <= Self.smallRest, !isFull {
            noteUse(of: capacity)
            let large = chunk!
            move(to: Chunk(capacity: window.count))
            pool.give(large)
        } else if wanted > capacity {
            // Eight times what is there: room for several frames of this size, or for more of a huge one.
            let larger = max(min(window.count * 8, max(wanted, Self.largest)), Chunk.Size.shared)
            if larger > capacity { move(to: Chunk(capacity: larger)) } else { moveToFront() }
        } else {
            moveToFront()
        }
    }

    /// Whoever is told that nothing more comes gives everything back.
    mutating func removeAll() {
        window.start = window.end
        giveBack()
    }

    private mutating func moveToFront() {
        if isKnownUniquelyReferenced(&chunk) {
            guard window.start > 0 else { return }
            window.base.copyMemory(from: window.base + window.start, byteCount: window.count)
            window = Input(base: window.base, start: 0, end: window.count)
        } else {
            let capacity = chunk!.capacity
            move(to: capacity == Chunk.Size.shared ? pool.take() : Chunk(capacity: capacity))
        }
    }

    private mutating func move(to other: Chunk) {
        other.base.copyMemory(from: window.base + window.start, byteCount: window.count)
        hold(other, filled: window.count)
    }

    private mutating func hold(_ other: consuming Chunk, filled: Int = 0) {
        window = Input(base: other.base, start: 0, end: filled)
        chunk = other
    }
}
