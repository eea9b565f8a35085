import Testing

@testable import ZMQReactor
@testable import ZMTP

struct ChunkPoolTests {
    @Test("a chunk that nobody refers to any more is used again")
    func reuse() {
        let pool = ChunkPool()
        let chunk = pool.take()
        let base = chunk.base
        pool.give(consume chunk)
        #expect(pool.take().base == base)
    }

    @Test("a chunk with messages in somebody's hands is not taken back, nor is one of another size")
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
}
