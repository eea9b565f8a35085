import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor
@testable import ZMTP

@Suite(.hangLimit)
struct InputBufferTests {
    private let pool = ChunkPool()

    /// Reads `bytes` as far as there is room; returns how many.
    private func read(_ bytes: some Collection<UInt8>, into buffer: inout InputBuffer) -> Int {
        let room = buffer.prepareToRead()!
        let part = bytes.prefix(room.count)
        room.copyBytes(from: part)
        buffer.didRead(part.count)
        return part.count
    }

    private func content(_ buffer: borrowing InputBuffer) -> [UInt8] {
        let window = buffer.window
        return Array(UnsafeRawBufferPointer(start: window.base + window.start, count: window.count))
    }

    @Test("a buffer whose bytes were all consumed owns nothing")
    func idle() {
        var buffer = InputBuffer(pool: pool)
        check(buffer.isEmpty && buffer.chunk == nil)
        _ = read([1, 2, 3], into: &buffer)
        check(buffer.chunk?.capacity == Chunk.Size.shared)
        buffer.window.start = buffer.window.end
        check(buffer.settle(wanted: 2))
        check(buffer.chunk == nil && buffer.isEmpty)
        check(buffer.settle(wanted: 2))
        check(buffer.chunk == nil)
    }

    @Test("a small rest is kept in a small buffer", arguments: [1, 64, 2040, 2047])
    func smallRest(size: Int) {
        var buffer = InputBuffer(pool: pool)
        let bytes = Pattern.bytes(5000)
        _ = read(bytes, into: &buffer)
        buffer.window.start = 5000 - size
        check(buffer.settle(wanted: 1 << 30))
        check(buffer.chunk?.capacity == Chunk.Size.small)
        #expect(content(buffer) == Array(bytes.suffix(size)))
        _ = read([7], into: &buffer)
        #expect(content(buffer) == bytes.suffix(size) + [7])
        check(buffer.settle(wanted: 1 << 30))
        let more = Pattern.bytes(3000)
        _ = read(more, into: &buffer)
        check(buffer.chunk?.capacity == Chunk.Size.shared)
        #expect(content(buffer) == Array(bytes.suffix(size)) + [7] + more)
    }

    @Test(
        "what a handshake has brought is wiped where it is moved from, and when it is discarded",
        arguments: [true, false]
    )
    func wiped(mayHoldSecrets: Bool) {
        var buffer = InputBuffer(pool: pool)
        buffer.mayHoldSecrets = mayHoldSecrets
        /// Whether the bytes from `start` on are in the chunk that has been given back last.
        func isLeft(_ secret: [UInt8], at start: Int) -> Bool {
            let chunk = pool.takeIfPossible()!
            defer { pool.give(chunk) }
            return UnsafeRawBufferPointer(start: chunk.base + start, count: secret.count).elementsEqual(secret)
        }
        let (first, second) = (Pattern.bytes(20), Pattern.bytes(30))
        _ = read(first, into: &buffer)
        check(buffer.settle(wanted: 50))
        #expect(isLeft(first, at: 0) != mayHoldSecrets)
        _ = read(second, into: &buffer)
        #expect(isLeft(second, at: first.count) != mayHoldSecrets)
        #expect(content(buffer) == first + second)
        let small = buffer.window.base
        buffer.removeAll()
        #expect(UnsafeRawBufferPointer(start: small, count: 50).elementsEqual(first + second) != mayHoldSecrets)
    }

    @Test("what is wiped is not what has been moved over it")
    func wipedOverlap() {
        var buffer = InputBuffer(pool: pool)
        buffer.mayHoldSecrets = true
        let bytes = Pattern.bytes(Chunk.Size.shared)
        check(read(bytes, into: &buffer) == bytes.count)
        buffer.window.start = 10
        check(buffer.settle(wanted: bytes.count))
        #expect(content(buffer) == bytes.suffix(bytes.count - 10))
        let old = UnsafeRawBufferPointer(start: buffer.window.base + bytes.count - 10, count: 10)
        #expect(old.allSatisfy { $0 == 0 })
    }

    @Test("one read takes at most 128 KiB, however large the buffer is")
    func largestRead() {
        var buffer = InputBuffer(pool: pool)
        var largest = 0
        for _ in 0..<2000 {
            let count = buffer.prepareToRead()!.count
            largest = max(largest, count)
            buffer.didRead(count)
            check(buffer.settle(wanted: 64 << 20))
        }
        check(buffer.byteCount > 32 << 20)
        #expect(largest == 128 << 10)
    }

    @Test("a buffer grows with arrived bytes, not with announced ones")
    func growth() {
        var buffer = InputBuffer(pool: pool)
        let announced = 1 << 40
        let bytes = Pattern.bytes(3 << 20)
        var arrived = 0
        while arrived < bytes.count {
            arrived += read(bytes[arrived...].prefix(10_000), into: &buffer)
            check(buffer.settle(wanted: announced))
            check(buffer.chunk!.capacity <= max(8 * arrived, Chunk.Size.shared))
            check(buffer.chunk!.capacity > arrived, "there is room for more")
        }
        #expect(content(buffer) == bytes)
    }

    @Test(
        "a frame as large as announced finally fits, at every size",
        arguments: [3000, 65_535, 65_536, 65_545, 300_000, 1 << 20, 8 << 20]
    )
    func wholeFrame(size: Int) {
        var buffer = InputBuffer(pool: pool)
        let bytes = Pattern.bytes(size)
        var arrived = 0
        var reads = 0
        while arrived < size {
            let count = read(bytes[arrived...], into: &buffer)
            #expect(count > 0)
            arrived += count
            reads += 1
            if arrived < size { check(buffer.settle(wanted: size)) }
        }
        #expect(content(buffer) == bytes)
        #expect(reads <= 12 + size >> 17, "each read beyond the first few is as large as one may be")
    }

    @Test("after two large frames the next one is read into its final place, until a small one arrives")
    func habit() {
        var buffer = InputBuffer(pool: pool)
        let size = 1 << 20
        let capacities = [size, size, size, 100, size].map { size in
            var left = size
            var first = 0
            while left > 0 {
                left -= read(Pattern.bytes(left), into: &buffer)
                if first == 0 { first = buffer.chunk!.capacity }
                if left == 0 { buffer.window.start = buffer.window.end }
                check(buffer.settle(wanted: size))
            }
            return first
        }
        #expect(capacities == [Chunk.Size.shared, Chunk.Size.shared, size, size, Chunk.Size.shared])
        check(buffer.chunk == nil, "nothing is kept meanwhile")
    }

    @Test("bytes of a message are not overwritten")
    func sharedBytes() {
        var buffer = InputBuffer(pool: pool)
        let bytes = Pattern.bytes(Chunk.Size.shared)
        _ = read(bytes, into: &buffer)
        let held = Chunk.Slice(chunk: buffer.chunk!, start: 0, end: 60_000)
        buffer.window.start = 60_000
        check(buffer.settle(wanted: 8000))
        _ = read([UInt8](repeating: 0, count: 50_000), into: &buffer)
        #expect(Array(held.bytes) == Array(bytes[..<60_000]))
        #expect(Array(content(buffer).prefix(5536)) == Array(bytes[60_000...]))
    }

    @Test("a small rest is not moved until more arrives than fits behind it")
    func partsOfASmallFrame() {
        var buffer = InputBuffer(pool: pool)
        let bytes = Pattern.bytes(1000)
        var places: Set<UnsafeMutableRawPointer> = []
        for byte in bytes.dropLast() {
            _ = read([byte], into: &buffer)
            check(buffer.settle(wanted: 1000))
            places.insert(buffer.window.base)
        }
        #expect(places.count == 1)
        #expect(content(buffer) == bytes.dropLast())
        _ = buffer.prepareToRead()
        buffer.didNotRead()
        check(places.contains(buffer.window.base))
        _ = read(bytes.suffix(1), into: &buffer)
        #expect(content(buffer) == bytes)
        check(places.contains(buffer.window.base))
        _ = read(bytes + bytes, into: &buffer)
        #expect(content(buffer) == bytes + bytes + bytes)
        check(buffer.chunk?.capacity == Chunk.Size.shared)
    }

    @Test("a large buffer grows without moving its bytes, unless messages share them")
    func growingInPlace() {
        var buffer = InputBuffer(pool: pool)
        let bytes = Pattern.bytes(1 << 20)
        var all: [UInt8] = []
        for _ in 0..<12 {
            var arrived = 0
            while arrived < bytes.count {
                arrived += read(bytes[arrived...], into: &buffer)
                check(buffer.settle(wanted: all.count + arrived + 2))
            }
            all += bytes
        }
        #expect(content(buffer) == all)
        #if DEBUG
            check(buffer.moved < 3 << 20)
        #endif
        // A delivered message keeps its bytes.
        let held = Chunk.Slice(chunk: buffer.chunk!, start: 0, end: 5 << 20)
        buffer.window.start = 5 << 20
        check(buffer.settle(wanted: 1 << 30))
        var left = 8 << 20
        while left > 0 {
            left -= read([UInt8](repeating: 0, count: left), into: &buffer)
            check(buffer.settle(wanted: 1 << 30))
        }
        #expect(Array(held.bytes) == Array(all[..<(5 << 20)]))
        #expect(Array(content(buffer).prefix(7 << 20)) == Array(all[(5 << 20)...]))
    }

    @Test("everything can be released")
    func removeAll() {
        var buffer = InputBuffer(pool: pool)
        _ = read(Pattern.bytes(10_000), into: &buffer)
        buffer.removeAll()
        check(buffer.chunk == nil && buffer.isEmpty)
    }
}
