import Testing

@testable import ZMTP

@Suite struct SpareBlocksTests {
    private let size = SpareBlocks.smallest

    private func block(_ size: Int) -> UnsafeMutableRawPointer { .allocate(byteCount: size, alignment: 16) }

    @Test func aBlockComesBackForTheSameSizeOnly() {
        let spare = SpareBlocks()
        #expect(spare.take(size) == nil)
        let base = block(size)
        #expect(spare.give(base, size))
        #expect(spare.take(size + 1) == nil)
        #expect(spare.take(size) == base)
        #expect(spare.take(size) == nil)
        base.deallocate()
    }

    @Test func theOldestMakeRoom() {
        let spare = SpareBlocks()
        let size = SpareBlocks.limit / 4
        let old = (0..<4).map { _ in block(size) }
        for base in old { #expect(spare.give(base, size)) }
        let new = block(size)
        #expect(spare.give(new, size))
        let left = (0..<5).map { _ in spare.take(size) }
        #expect(left == [new, old[3], old[2], old[1], nil])
        for base in left { base?.deallocate() }
    }

    @Test func whatWouldTakeMostOfTheRoomIsNotKept() {
        let spare = SpareBlocks()
        let size = SpareBlocks.limit / 4 + 1
        let base = block(size)
        #expect(!spare.give(base, size))
        base.deallocate()
    }

    @Test func chunksUseThemAgain() {
        // A size that nobody else has.
        let size = SpareBlocks.smallest + 12_345
        var chunk: Chunk? = Chunk(capacity: size)
        let base = chunk?.base
        chunk = nil
        // Another thread may have been in there at this moment.
        for _ in 0..<100 where chunk?.base != base { chunk = Chunk(capacity: size) }
        #expect(chunk?.base == base)
    }
}
