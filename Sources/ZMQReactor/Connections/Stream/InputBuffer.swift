import ZMTP

/// Where a connection reads to.
///
/// Rules:
/// * Between two reads a connection owns only what it has not understood yet: an idle one owns nothing, one with a
///   part of a small frame a small buffer. The chunk that is read into comes from the loop's pool and goes back to it.
///   Only a read that filled the chunk keeps it, because the next one is about to follow.
/// * A buffer grows with the bytes that have really arrived, never with the size that a peer announces, and by a
///   factor: however a peer cuts what it sends, at most two bytes are moved for each that arrives.
/// * Bytes that messages refer to are never written again: the rest moves to another chunk instead.
/// * How much is allocated is up to the peer, so an allocation may fail. Nothing is lost by that; the connection has to
///   end.
struct InputBuffer: ~Copyable {
    private(set) var chunk: Chunk?

    /// What has been read and not understood, in the chunk, for the engine to look at and take from; empty when there
    /// is none.
    var window = InputBuffer.nothing
    private static var nothing: Input { Input(base: UnsafeMutableRawPointer(bitPattern: 16)!, start: 0, end: 0) }

    private let pool: ChunkPool
    private let returned: ReturnedPages?

    /// What is being read into while `chunk` is a small one: behind a place for the small rest, which stays where it is
    /// until it is known how much has come. A frame that comes in tiny parts would move as a whole for each of them.
    private var incoming: Chunk?

    /// The pages that the chunk is, once it is larger than `largest`.
    private var pages: MappedPages?

    /// The capacity of the next chunk. After two large ones in a row it is as large: further large frames are likely,
    /// and reading a frame directly into its final place saves a copy of its first part.
    private var nextCapacity = Chunk.Size.shared
    private var lastWasLarge = false

    /// A rest of less than this is kept in a buffer of its own, of this size.
    private static let smallRest = Chunk.Size.small

    /// A buffer for several large frames is not made larger than this. Beyond it, a buffer grows without its bytes
    /// being moved.
    private static let largest = 1 << 19

    /// The most that one read takes, unless it takes long. The kernel copies megabytes for a millisecond, in which no
    /// other peer has its turn; half of this makes messages of megabytes slower by a fifth.
    static let largestRead = 1 << 17

    /// Whether what is here may be a part of a secret, as in a handshake: then no copy of it stays behind.
    var mayHoldSecrets = false

    #if DEBUG
        /// Bytes moved, for tests of the amount of work.
        private(set) var moved = 0
    #endif

    init(pool: ChunkPool, returned: ReturnedPages? = nil) { (self.pool, self.returned) = (pool, returned) }

    var isEmpty: Bool { window.start == window.end }

    /// Bytes that have been read and not been taken.
    var byteCount: Int { window.end &- window.start }

    /// Room to read into, behind what is there already; nil without memory for it.
    mutating func prepareToRead(atMost limit: Int = largestRead) -> UnsafeMutableRawBufferPointer? {
        if chunk == nil {
            guard let fresh = freshChunk() else { return nil }
            hold(fresh)
        } else if chunk!.capacity < Chunk.Size.shared {
            guard let fresh = freshChunk() else { return nil }
            let (start, count) = (fresh.base + window.count, fresh.capacity - window.count)
            incoming = consume fresh
            return UnsafeMutableRawBufferPointer(start: start, count: min(count, limit))
        }
        let room = min(chunk!.capacity - window.end, limit)
        return UnsafeMutableRawBufferPointer(start: window.base + window.end, count: room)
    }

    private func freshChunk() -> Chunk? {
        nextCapacity == Chunk.Size.shared ? pool.takeIfPossible() : Chunk(ifPossible: nextCapacity)
    }

    private mutating func noteUse() {
        let isLarge = window.end > Chunk.Size.shared
        nextCapacity = isLarge && lastWasLarge ? window.end : Chunk.Size.shared
        lastWasLarge = isLarge
    }

    mutating func didRead(_ count: Int) {
        if incoming == nil { window.end += count } else { join(count) }
    }

    /// Puts the small rest and the bytes that have been read behind its place together: where the rest is, if there is
    /// room.
    private mutating func join(_ count: Int) {
        let fresh = incoming.take()!
        if window.end + count < chunk!.capacity {
            copy(fresh.base + window.count, to: window.base + window.end, count)
            window.end += count
            pool.give(fresh)
        } else {
            let small = chunk.take()!
            move(to: fresh)
            window.end += count
            pool.give(small)
        }
    }

    /// There was nothing to read.
    mutating func didNotRead() {
        if let fresh = incoming.take() { pool.give(fresh) }
        if isEmpty { giveBack() }
    }

    private var isFull: Bool { window.end == chunk!.capacity }

    /// To be called when everything that is whole has been taken from the front.
    ///
    /// - Parameters:
    ///   - wanted: how many bytes are needed for the frame under way to be whole, as far as its peer says.
    ///   - hasMovedBytes: whether bytes of the message under way have been moved once, over what stood between its
    ///     frames: then the buffer grows without moving them again.
    /// - Returns: Whether there was memory for what is left. If not, it is still there, and there may be no room behind
    ///   it.
    @inline(__always)
    mutating func settle(wanted: Int, hasMovedBytes: @autoclosure () -> Bool = false) -> Bool {
        guard isEmpty else { return keepRest(wanted: wanted, hasMovedBytes: hasMovedBytes()) }
        giveBack()
        return true
    }

    @inline(__always)
    private mutating func giveBack() {
        guard let chunk = chunk.take() else { return }
        if window.end > 0 { noteUse() }
        window = Self.nothing
        forgetPages()
        pool.give(chunk)
    }

    private mutating func keepRest(wanted: Int, hasMovedBytes: Bool) -> Bool {
        let capacity = chunk!.capacity
        if window.count < Self.smallRest, !isFull {
            guard capacity >= Chunk.Size.shared else { return true }
            guard let small = pool.takeSmallIfPossible() else { return false }
            noteUse()
            let large = chunk.take()!
            move(to: small)
            pool.give(large)
            return true
        }
        return wanted > capacity ? grow(wanted: wanted, hasMovedBytes: hasMovedBytes) : moveToFront()
    }

    private mutating func grow(wanted: Int, hasMovedBytes: Bool) -> Bool {
        guard isFull || window.start > 0 else { return true }
        // Eight times what is there: room for several frames of this size, or for more of a huge one. No frame says how
        // long a message of many is: what is there doubles at least, when it is all the buffer has.
        let wish = max(min(window.count * 8, max(wanted, Self.largest)), Chunk.Size.shared)
        let larger = window.count > wanted / 2 ? max(wish, window.count * 2) : wish
        guard larger > chunk!.capacity else { return moveToFront() }
        guard larger > Self.largest || hasMovedBytes else {
            guard let other = Chunk(ifPossible: larger) else { return false }
            move(to: other)
            return true
        }
        if let pages, window.start == 0, isKnownUniquelyReferenced(&chunk) {
            guard let other = pages.grow(to: larger) else { return false }
            hold(other, filled: window.count)
            self.pages = pages
            return true
        }
        guard let new = MappedPages(larger, returned: returned) else { return false }
        move(to: new.chunk)
        pages = new
        return true
    }

    /// Discards the input and releases its memory: nothing more will arrive.
    mutating func removeAll() {
        if incoming != nil { incoming = nil }
        if mayHoldSecrets { wipe(window.base + window.start, window.count) }
        window.start = window.end
        giveBack()
    }

    private mutating func moveToFront() -> Bool {
        if isKnownUniquelyReferenced(&chunk) {
            guard window.start > 0 else { return true }
            copy(window.base + window.start, to: window.base, window.count)
            window = Input(base: window.base, start: 0, end: window.count)
            return true
        }
        let capacity = chunk!.capacity
        guard let other = capacity == Chunk.Size.shared ? pool.takeIfPossible() : Chunk(ifPossible: capacity) else {
            return false
        }
        move(to: other)
        return true
    }

    private mutating func move(to other: Chunk) {
        copy(window.base + window.start, to: other.base, window.count)
        hold(other, filled: window.count)
    }

    private mutating func copy(_ source: UnsafeMutableRawPointer, to target: UnsafeMutableRawPointer, _ count: Int) {
        target.copyMemory(from: source, byteCount: count)
        if mayHoldSecrets { wipe(source, count, except: target) }
        #if DEBUG
            moved += count
        #endif
    }

    /// Overwrites bytes, except where their copy at `target` overlaps them.
    @inline(never)
    private func wipe(_ source: UnsafeMutableRawPointer, _ count: Int, except target: UnsafeMutableRawPointer? = nil) {
        var start = source
        if let target, target < source { start = max(source, target + count) }
        UnsafeMutableRawBufferPointer(start: start, count: source + count - start).wipe()
    }

    private mutating func hold(_ other: consuming Chunk, filled: Int = 0) {
        window = Input(base: other.base, start: 0, end: filled)
        chunk = other
        forgetPages()
    }

    /// To let go of nothing is a call, too.
    @inline(__always)
    private mutating func forgetPages() { if pages != nil { pages = nil } }
}
