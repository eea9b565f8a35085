import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Memory of released large chunks, for the next ones.
///
/// The allocator returns large blocks to the system, which zeroes each fresh page at its first use: that takes longer
/// than copying a message. So some blocks stay here, on whatever thread a chunk is released: no more bytes than are in
/// use, so that a queue that empties and fills again reuses its memory, and an empty one returns it.
///
/// `@unchecked Sendable` holds because the blocks are accessed only by the holder of `isBusy`. Others do not wait, but
/// use the allocator.
final class SpareBlocks: @unchecked Sendable {
    /// Chunks of at least this size are allocated here.
    static let smallest = Chunk.Size.shared

    /// This many bytes stay here even if none are in use.
    static let reserve = 8 << 20

    static let shared = SpareBlocks()

    private var blocks: [(base: UnsafeMutableRawPointer, size: Int)] = []
    private(set) var byteCount = 0
    private let isBusy = Atomic(false)
    private let bytesInUse = Atomic(0)

    /// How many of the most recent blocks are searched for one of the right size.
    private static let searchDepth = 16

    deinit { for block in blocks { free(block.base) } }

    private func enter() -> Bool {
        isBusy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    }

    private func leave() { isBusy.store(false, ordering: .releasing) }

    /// A block of at least this size; nil if the system has none, even after the spare blocks are returned.
    func allocate(_ capacity: Int) -> UnsafeMutableRawPointer? {
        let size = Self.blockSize(capacity)
        guard let block = take(size) ?? malloc(size) ?? mallocWithoutSpares(size) else { return nil }
        bytesInUse.add(size, ordering: .relaxed)
        return block
    }

    /// Tries again after the spare blocks, of other sizes, have been returned to the system.
    @inline(never)
    private func mallocWithoutSpares(_ size: Int) -> UnsafeMutableRawPointer? {
        guard enter() else { return nil }
        for block in blocks { free(block.base) }
        blocks.removeAll(keepingCapacity: true)
        byteCount = 0
        leave()
        return malloc(size)
    }

    /// Eight sizes between two powers of two, so that chunks of similar size share their blocks.
    static func blockSize(_ capacity: Int) -> Int {
        let step = 1 << (Int.bitWidth - capacity.leadingZeroBitCount - 4)
        return (capacity + step - 1) & -step
    }

    private func take(_ size: Int) -> UnsafeMutableRawPointer? {
        guard enter() else { return nil }
        defer { leave() }
        guard let index = blocks.suffix(Self.searchDepth).lastIndex(where: { $0.size == size }) else { return nil }
        byteCount -= size
        return blocks.remove(at: index).base
    }

    func deallocate(_ base: UnsafeMutableRawPointer, _ capacity: Int) {
        let size = Self.blockSize(capacity)
        let inUse = bytesInUse.subtract(size, ordering: .relaxed).newValue
        guard enter() else { return Self.giveBack(base, size) }
        defer { leave() }
        blocks.append((base, size))
        byteCount += size
        // The oldest blocks are freed first: the sizes now in use are the most recent.
        let limit = max(Self.reserve, inUse)
        var surplus = 0
        while byteCount > limit {
            byteCount -= blocks[surplus].size
            Self.giveBack(blocks[surplus].base, blocks[surplus].size)
            surplus += 1
        }
        blocks.removeFirst(surplus)
    }
}
