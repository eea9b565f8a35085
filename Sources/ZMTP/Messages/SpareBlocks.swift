import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Memory that large chunks have given back, for the next ones.
///
/// The allocator returns large blocks to the system, which fills each fresh page with zeros when it is touched: that takes longer than
/// copying a message. So some of them stay here, whatever thread a chunk ends on: no more bytes than are in use, so that a queue
/// that empties and fills again finds its memory, and an empty one gives it back.
///
/// `@unchecked Sendable` holds because the blocks are touched only by who has set `isBusy`. Who finds it set does not wait, but goes to
/// the allocator.
final class SpareBlocks: @unchecked Sendable {
    /// Chunks of at least so many bytes come from here.
    static let smallest = Chunk.Size.shared

    /// So many bytes wait here even if none are in use.
    static let reserve = 8 << 20

    static let shared = SpareBlocks()

    private var blocks: [(base: UnsafeMutableRawPointer, size: Int)] = []
    private(set) var byteCount = 0
    private let isBusy = Atomic(false)
    private let bytesInUse = Atomic(0)

    /// How many of the blocks that came last are looked at for one of the right size.
    private static let searchDepth = 16

    deinit { for block in blocks { free(block.base) } }

    private func enter() -> Bool {
        isBusy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    }

    private func leave() { isBusy.store(false, ordering: .releasing) }

    /// A block of at least so many bytes; nil when the system has none, even with what waits here.
    func allocate(_ capacity: Int) -> UnsafeMutableRawPointer? {
        let size = Self.blockSize(capacity)
        guard let block = take(size) ?? malloc(size) ?? mallocWithoutSpares(size) else { return nil }
        bytesInUse.add(size, ordering: .relaxed)
        return block
    }

    /// Tries again when the blocks that wait here, of other sizes, have gone back to the system.
    @inline(never)
    private func mallocWithoutSpares(_ size: Int) -> UnsafeMutableRawPointer? {
        guard enter() else { return nil }
        for block in blocks { free(block.base) }
        blocks.removeAll(keepingCapacity: true)
        byteCount = 0
        leave()
        return malloc(size)
    }

    /// Eight sizes between a power of two and the next one, so that chunks of about the same size share their blocks.
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
        // What came first goes first: sizes that are in use now are the last ones.
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
