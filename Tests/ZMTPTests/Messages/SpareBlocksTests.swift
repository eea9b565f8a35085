import Glibc
import Testing

@testable import ZMTP

@Suite struct SpareBlocksTests {
    private let size = SpareBlocks.smallest

    @Test func aBlockIsReusedForSimilarSizesOnly() throws {
        let spare = SpareBlocks()
        let base = try #require(spare.allocate(size + 1))
        spare.deallocate(base, size + 1)
        #expect(spare.byteCount == size + size / 8)
        let smaller = try #require(spare.allocate(size))
        let larger = try #require(spare.allocate(size + size / 8 + 1))
        #expect(spare.byteCount == size + size / 8)
        let same = try #require(spare.allocate(size + size / 8))
        #expect(same == base)
        #expect(spare.byteCount == 0)
        for block in [smaller, larger, same] { free(block) }
    }

    @Test(arguments: [0, 1, 7, 8, 100]) func aBlockHasTheRequestedSize(excess: Int) {
        for power in 16..<40 {
            let capacity = 1 << power + excess
            let block = SpareBlocks.blockSize(capacity)
            #expect(block >= capacity)
            #expect(block <= capacity + capacity / 8)
            #expect(SpareBlocks.blockSize(block) == block)
        }
    }

    @Test func spareBlocksAreNoMoreThanThoseInUse() {
        let spare = SpareBlocks()
        let size = SpareBlocks.reserve / 4
        var inUse = (0..<16).compactMap { _ in spare.allocate(size) }
        var most = 0
        while let block = inUse.popLast() {
            spare.deallocate(block, size)
            #expect(spare.byteCount <= max(SpareBlocks.reserve, inUse.count * size))
            most = max(most, spare.byteCount)
        }
        #expect(most == 8 * size)
        #expect(spare.byteCount == SpareBlocks.reserve)
    }

    @Test func theOldestAreFreedFirst() {
        let spare = SpareBlocks()
        let size = SpareBlocks.reserve / 4
        let blocks = (0..<5).compactMap { _ in spare.allocate(size) }
        for block in blocks { spare.deallocate(block, size) }
        let again = (0..<4).compactMap { _ in spare.allocate(size) }
        #expect(again == blocks[1...].reversed())
        for block in again { free(block) }
    }

    @Test func blocksBeyondTheReserveAreNotKept() throws {
        let spare = SpareBlocks()
        spare.deallocate(try #require(spare.allocate(SpareBlocks.reserve + 1)), SpareBlocks.reserve + 1)
        #expect(spare.byteCount == 0)
    }

    @Test func chunksReuseThem() {
        // A size that is used nowhere else.
        let size = SpareBlocks.smallest * 3 + 12_345
        var chunk: Chunk? = Chunk(capacity: size)
        let base = chunk?.base
        chunk = nil
        // Another thread may have held it at this moment.
        for _ in 0..<100 where chunk?.base != base { chunk = Chunk(capacity: size) }
        #expect(chunk?.base == base)
    }
}
