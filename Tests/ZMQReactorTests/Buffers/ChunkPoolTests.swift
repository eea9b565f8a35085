import Testing

@testable import ZMQReactor
@testable import ZMTP

struct ChunkPoolTests {
    @Test("a chunk without references is reused")
    func reuse() {
        let pool = ChunkPool()
        let chunk = pool.take()
        let base = chunk.base
        pool.give(consume chunk)
        #expect(pool.take().base == base)
    }

    @Test("a chunk with kept messages is not reused, nor is one of another size")
    func refusal() {
        let pool = ChunkPool()
        let chunk = pool.take()
        let holder = chunk
        pool.give(consume chunk)
        #expect(pool.take() !== holder)
        let other = Chunk(capacity: 100)
        let base = other.base
        pool.give(consume other)
        #expect(pool.take().base != base)
    }

    @Test("a lent chunk, or one with pieces behind it, is not reused, whatever its size")
    func notPlain() {
        let pool = ChunkPool()
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: Chunk.Size.shared, alignment: 16)
        defer { bytes.deallocate() }
        pool.give(Chunk(lent: UnsafeRawBufferPointer(bytes)) {})
        #expect(pool.take().base != bytes.baseAddress)
        let body = Chunk.Slice(chunk: Chunk(capacity: 1), start: 0, end: 1)
        pool.give(Chunk(capacity: Chunk.Size.small, followedBy: [body]))
        #expect(pool.takeSmall().pieces.isEmpty)
    }
}
