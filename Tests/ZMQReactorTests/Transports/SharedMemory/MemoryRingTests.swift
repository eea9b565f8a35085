import CSockets
import EventReactor
import Glibc
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// The two ends of a ring, in memory of this process.
struct MemoryRingTests {
    /// Memory of a ring, between pages that cannot be accessed: the process ends when anything beyond it is.
    final class Memory: @unchecked Sendable {
        let words: UnsafeMutableRawPointer
        let bytes: UnsafeMutableRawPointer
        let capacity: Int
        private static let page = 4096
        private let base: UnsafeMutableRawPointer
        private let size: Int

        init(_ capacity: Int) {
            self.capacity = capacity
            size = capacity + 4 * Self.page
            base = mmap(nil, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)!
            words = base + 2 * Self.page - RingMemory.wordsSize
            bytes = base + 3 * Self.page
            #expect(mprotect(base + Self.page, Self.page, PROT_READ | PROT_WRITE) == 0)
            #expect(mprotect(bytes, capacity, PROT_READ | PROT_WRITE) == 0)
        }

        deinit { munmap(base, size) }

        var reader: RingReader { RingReader(words: words, bytes: bytes, capacity: capacity) }
        var writer: RingWriter { RingWriter(words: words, bytes: bytes, capacity: capacity) }

        /// What the other side may do at any time.
        func set(_ word: Int, to value: UInt64) { words.storeBytes(of: value, toByteOffset: word, as: UInt64.self) }
    }

    private func write(_ bytes: [UInt8], _ writer: inout RingWriter) -> Int? {
        bytes.withUnsafeBytes { writer.write($0) }
    }

    private func read(_ count: Int, _ reader: inout RingReader) -> [UInt8]? {
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { room, filled in
            let found = reader.read(into: UnsafeMutableRawBufferPointer(room))
            failed = found == nil
            filled = found ?? 0
        }
        return failed ? nil : bytes
    }

    @Test("what is written is read, whatever the sizes, across the end of the ring", arguments: [4096, 1 << 17])
    func stream(capacity: Int) {
        let memory = Memory(capacity)
        var (reader, writer) = (memory.reader, memory.writer)
        var random = SeededGenerator(seed: 7)
        var (sent, received): (UInt8, UInt8) = (0, 0)
        var (written, taken) = (0, 0)
        for _ in 0..<3000 {
            let wish = Int.random(in: 0...capacity / 2, using: &random)
            let bytes = (0..<wish).map { _ in
                sent &+= 1
                return sent
            }
            let count = write(bytes, &writer)!
            #expect(count == min(wish, capacity - (written - taken)))
            sent &-= UInt8(truncatingIfNeeded: wish - count)
            written += count
            #expect(reader.hasBytes == (written > taken))
            let found = read(Int.random(in: 0...capacity / 2, using: &random), &reader)!
            taken += found.count
            #expect(
                found.allSatisfy {
                    received &+= 1
                    return $0 == received
                }
            )
            #expect(writer.hasRoom == (capacity - (written - taken) >= capacity / 4))
        }
        #expect(written > 10 * capacity)
    }

    @Test("an empty ring has nothing, a full one no room")
    func limits() {
        let memory = Memory(4096)
        var (reader, writer) = (memory.reader, memory.writer)
        #expect(read(10, &reader) == [] && !reader.hasBytes && writer.hasRoom)
        #expect(write([UInt8](repeating: 1, count: 5000), &writer) == 4096)
        #expect(write([1], &writer) == 0 && !writer.hasRoom)
        #expect(read(5000, &reader)?.count == 4096)
        #expect(write([], &writer) == 0 && read(0, &reader) == [])
    }

    /// Numbers that a lying side may write.
    private static let lies: [UInt64] =
        [
            0, 1, 99, 100, 101, 4095, 4096, 4097, 4196, 4197, 8192, 1 << 31, 1 << 32, 1 << 63, .max, .max - 99,
            .max - 4096,
        ]

    @Test("the writer's number leads to bytes within the ring, or to the end", arguments: lies)
    func lyingWriter(number: UInt64) {
        let memory = Memory(4096)
        var (reader, writer) = (memory.reader, memory.writer)
        _ = write([UInt8](repeating: 7, count: 100), &writer)
        #expect(read(100, &reader)?.count == 100)
        memory.set(0, to: number)
        let found = read(10_000, &reader)
        let claimed = number &- 100
        #expect(claimed <= 4096 ? found?.count == Int(claimed) : found == nil)
        // And again: nothing that was found once is believed later.
        memory.set(0, to: .max / 2)
        #expect(read(10, &reader) == nil)
        #expect(!reader.takeSleepOfWriter())
    }

    @Test("the reader's number leads to room within the ring, or to the end", arguments: lies)
    func lyingReader(number: UInt64) {
        let memory = Memory(4096)
        var writer = memory.writer
        _ = write([UInt8](repeating: 7, count: 100), &writer)
        memory.set(128, to: number)
        let used = 100 &- number
        let count = write([UInt8](repeating: 8, count: 5000), &writer)
        #expect(used <= 4096 ? count.map { $0 <= 4096 } == true : count == nil)
        memory.set(128, to: .max / 2)
        #expect(writer.hasRoom, "so that it is found out")
        #expect(write([UInt8](repeating: 8, count: 5000), &writer) == nil)
    }

    @Test("SHM-4: numbers that change while they are read lead to nothing beyond the ring", arguments: [4096, 1 << 16])
    func changingNumbers(capacity: Int) throws {
        let memory = Memory(capacity)
        let isOver = Locked(false)
        startThread {
            var random = SeededGenerator(seed: UInt64(capacity))
            while !isOver.withLock({ $0 }) {
                for _ in 0..<1000 {
                    // Mostly what is possible: a side that is found out is at its end.
                    let number = random.next() >> UInt64.random(in: 44...63, using: &random)
                    csockets_store_index(memory.words + [0, 128].randomElement(using: &random)!, number)
                }
            }
        }
        defer { isOver.withLock { $0 = true } }
        var (taken, liesFound) = (0, 0)
        try waitUntil("both to be tried") {
            for _ in 0..<1000 {
                var (reader, writer) = (memory.reader, memory.writer)
                for _ in 0..<20 {
                    guard let bytes = read(3 * capacity, &reader), let count = write(bytes, &writer) else {
                        liesFound += 1
                        break
                    }
                    #expect(bytes.count <= 3 * capacity && count <= bytes.count)
                    taken += bytes.count
                    _ = (reader.hasBytes, writer.hasRoom, reader.takeSleepOfWriter(), writer.takeSleepOfReader())
                }
            }
            return taken > 100 * capacity && liesFound > 100
        }
    }

    // MARK: Sleeping

    /// All orders of the steps of two sides, each of which keeps its own order.
    private func orders(_ one: Int, _ other: Int) -> [[Bool]] {
        if one == 0 { return [[Bool](repeating: false, count: other)] }
        if other == 0 { return [[Bool](repeating: true, count: one)] }
        return orders(one - 1, other).map { [true] + $0 } + orders(one, other - 1).map { [false] + $0 }
    }

    @Test("SHM-5: a reader that falls asleep sees the bytes, or is woken, in every order")
    func sleepOfReader() {
        for order in orders(2, 2) {
            let memory = Memory(4096)
            let reader = memory.reader
            var writer = memory.writer
            var (sleeps, wakes) = (false, false)
            var readers = [{ reader.beginSleep() }, { sleeps = !reader.hasBytes }]
            var writers = [{ _ = self.write([1], &writer) }, { wakes = writer.takeSleepOfReader() }]
            for isReader in order { if isReader { readers.removeFirst()() } else { writers.removeFirst()() } }
            #expect(!sleeps || wakes, "\(order)")
            #expect(!writer.takeSleepOfReader() || !wakes, "it is woken once")
        }
    }

    @Test("SHM-5: a writer that falls asleep sees the room, or is woken, in every order and for each amount")
    func sleepOfWriter() {
        for amount in [1, 1024, 2047, 2048, 4096] {
            for order in orders(2, 2) {
                let memory = Memory(4096)
                var (reader, writer) = (memory.reader, memory.writer)
                _ = write([UInt8](repeating: 0, count: 4096), &writer)
                var (sleeps, wakes) = (false, false)
                var writers = [{ writer.beginSleep() }, { sleeps = !writer.hasRoom }]
                var readers = [{ _ = self.read(amount, &reader) }, { wakes = reader.takeSleepOfWriter() }]
                for isReader in order { if isReader { readers.removeFirst()() } else { writers.removeFirst()() } }
                if amount >= 2048 { #expect(!sleeps || wakes, "\(amount): \(order)") } else { #expect(!wakes) }
                // What is not worth waking for is when more has been read.
                _ = read(4096, &reader)
                #expect(!sleeps || wakes || reader.takeSleepOfWriter(), "\(amount): \(order)")
            }
        }
    }

    @Test("nothing is woken that does not sleep any more")
    func endOfSleep() {
        let memory = Memory(4096)
        let (reader, writer) = (memory.reader, memory.writer)
        reader.beginSleep()
        reader.endSleep()
        writer.beginSleep()
        writer.endSleep()
        #expect(!writer.takeSleepOfReader() && !reader.takeSleepOfWriter())
    }
}
