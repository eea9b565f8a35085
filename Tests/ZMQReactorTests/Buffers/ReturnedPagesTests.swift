import EventReactor
import Glibc
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

@Suite(.hangLimit)
struct ReturnedPagesTests {
    private static let portions = 5

    private func area() throws -> UnsafeMutableRawBufferPointer {
        let size = Self.portions * ReturnedPages.portion
        let base = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        try #require(base != MAP_FAILED)
        let area = UnsafeMutableRawBufferPointer(start: base, count: size)
        for number in 0..<Self.portions {
            area.storeBytes(of: Self.mark, toByteOffset: number * ReturnedPages.portion, as: UInt64.self)
        }
        return area
    }

    /// What each portion begins with: another test may map the same addresses as soon as they are free.
    private static let mark: UInt64 = 0x7A6D_712D_7061_6765

    /// How many portions are still mapped. write(2) fails for memory that is not.
    private func mapped(_ area: UnsafeMutableRawBufferPointer) -> Int {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { return -1 }
        defer { for end in ends { close(end) } }
        let size = MemoryLayout<UInt64>.size
        return (0..<Self.portions).count { number in
            var found: UInt64 = 0
            return write(ends[1], area.baseAddress! + number * ReturnedPages.portion, size) == size
                && read(ends[0], &found, size) == size && found == Self.mark
        }
    }

    @Test("large memory is unmapped over turns, none of which waits")
    func overTurns() throws {
        let reactor = try Reactor()
        let area = try area()
        ReturnedPages.of(reactor).unmap(area)
        var counts: [Int] = []
        for _ in 0..<Self.portions {
            counts.append(mapped(area))
            reactor.run(.once)
        }
        #expect(counts == [5, 4, 3, 2, 1])
        #expect(mapped(area) == 0)
        #expect(reactor.waits == 0)
    }

    @Test("what is left is unmapped with the reactor")
    func end() throws {
        let area = try area()
        do {
            let reactor = try Reactor()
            ReturnedPages.of(reactor).unmap(area)
            reactor.run(.once)
            #expect(mapped(area) == Self.portions - 1)
        }
        #expect(mapped(area) == 0)
    }

    @Test("another thread unmaps at once")
    func otherThread() throws {
        let returned = Locked<ReturnedPages?>(nil)
        let thread = try Reactor.start { reactor in returned.withLock { $0 = .of(reactor) } }
        defer { thread.join() }
        defer { thread.stop() }
        let area = try area()
        try #require(returned.withLock { $0 }).unmap(area)
        #expect(mapped(area) == 0)
    }
}
