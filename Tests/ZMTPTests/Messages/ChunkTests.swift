import Testing
import ZMQReactorTestSupport

@testable import ZMTP

struct ChunkTests {
    @Test("lent bytes are released once, when the last slice is gone")
    func lending() {
        let bytes = Pattern.bytes(100)
        bytes.withUnsafeBytes { bytes in
            nonisolated(unsafe) var released = 0
            var slice: Chunk.Slice? = Chunk.Slice(chunk: Chunk(lent: bytes) { released += 1 }, start: 10, end: 20)
            #expect(slice?.bytes.baseAddress == bytes.baseAddress! + 10)
            #expect(slice?.count == 10)
            let copy = slice
            slice = nil
            #expect(released == 0)
            #expect(copy?.count == 10)
            withExtendedLifetime(copy) {}
        }
    }

    @Test("lending no bytes at all works")
    func lendingNothing() {
        nonisolated(unsafe) var released = 0
        do {
            let chunk = Chunk(lent: UnsafeRawBufferPointer(start: nil, count: 0)) { released += 1 }
            #expect(chunk.capacity == 0)
            #expect(Chunk.Slice(chunk: chunk, start: 0, end: 0).bytes.isEmpty)
        }
        #expect(released == 1)
    }

    @Test("a chunk keeps the pieces behind it alive")
    func pieces() {
        nonisolated(unsafe) var released = 0
        let bytes = Pattern.bytes(10)
        bytes.withUnsafeBytes { bytes in
            var head: Chunk?
            do {
                let piece = Chunk.Slice(chunk: Chunk(lent: bytes) { released += 1 }, start: 0, end: 10)
                head = Chunk(capacity: 2, followedBy: [piece])
            }
            #expect(released == 0)
            #expect(head?.pieces.count == 1)
            head = nil
            #expect(released == 1)
        }
    }
}
