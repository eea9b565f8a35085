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
        return UnsafeMutableRawBufferPointer(start: base, count: size)
    }

    /// How many portions are mapped, see mincore(2).
    private func mapped(_ area: UnsafeMutableRawBufferPointer) -> Int {
        var pages: [UInt8] = [0]
        return (0..<Self.portions).count { number in
            mincore(area.baseAddress! + number * ReturnedPages.portion, 1, &pages) == 0
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
