import Synchronization

/// Memory that large chunks have given back, for the next ones.
///
/// The allocator returns large blocks to the system, which fills each fresh page with zeros when it is touched: that takes longer than
/// copying a message. So a few of them stay here, whatever thread a chunk ends on.
///
/// `@unchecked Sendable` holds because the blocks are touched only by who has set `isBusy`. Who finds it set does not wait, but goes to
/// the allocator.
final class SpareBlocks: @unchecked Sendable {
    /// Chunks of at least so many bytes come from here.
    static let smallest = Chunk.Size.shared

    /// The most bytes that wait here.
    static let limit = 8 << 20

    static let shared = SpareBlocks()

    private var blocks: [(base: UnsafeMutableRawPointer, capacity: Int)] = []
    private var byteCount = 0
    private let isBusy = Atomic(false)

    private func enter() -> Bool {
        isBusy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    }

    private func leave() { isBusy.store(false, ordering: .releasing) }

    /// A block of exactly this size.
    func take(_ capacity: Int) -> UnsafeMutableRawPointer? {
        guard enter() else { return nil }
        defer { leave() }
        guard let index = blocks.lastIndex(where: { $0.capacity == capacity }) else { return nil }
        byteCount -= capacity
        return blocks.remove(at: index).base
    }

    /// Answers whether the block stays; otherwise it is the caller's to free.
    func give(_ base: UnsafeMutableRawPointer, _ capacity: Int) -> Bool {
        guard capacity <= Self.limit / 4, enter() else { return false }
        defer { leave() }
        // Room for sizes that are in use now.
        while byteCount + capacity > Self.limit {
            let oldest = blocks.removeFirst()
            byteCount -= oldest.capacity
            oldest.base.deallocate()
        }
        blocks.append((base, capacity))
        byteCount += capacity
        return true
    }
}
