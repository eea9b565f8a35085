import EventReactor
import Glibc

/// Mapped memory on its way back to the system, a part in each turn: unmapping a message of 64 MiB at once takes several
/// milliseconds, in which the loop serves no other connection.
///
/// `@unchecked Sendable` holds because all but the thread, which is constant, is used on that thread only.
final class ReturnedPages: @unchecked Sendable {
    /// What is unmapped at once, for less than a quarter of a millisecond.
    static let portion = 1 << 20

    /// Of more portions than this, one in `backlog` is unmapped at once: memory must not arrive faster than it leaves.
    private static let backlog = 32

    private let thread = pthread_self()
    private weak var reactor: Reactor?
    private var areas: ContiguousArray<UnsafeMutableRawBufferPointer> = []
    /// The bytes of all areas.
    private var byteCount = 0

    private init(on reactor: Reactor) { self.reactor = reactor }

    deinit { unmapAll() }

    static func of(_ reactor: Reactor) -> ReturnedPages {
        reactor.shared(ReturnedPages.self) { ReturnedPages(on: reactor) }
    }

    /// Unmaps the memory: in the coming turns, or at once where that is another thread's.
    func unmap(_ area: UnsafeMutableRawBufferPointer) {
        guard area.count > Self.portion, pthread_equal(thread, pthread_self()) != 0, let reactor else {
            munmap(area.baseAddress, area.count)
            return
        }
        areas.append(area)
        byteCount += area.count
        if areas.count == 1 { reactor.inNextTurn(self) }
    }

    private func unmapAll() {
        for area in areas { munmap(area.baseAddress, area.count) }
        areas = []
        byteCount = 0
    }
}

extension ReturnedPages: NextTurnHandler {
    func reactorTurnGoesOn() {
        guard let area = areas.popLast(), let reactor else { return }
        let portions = max(byteCount / Self.portion / Self.backlog, 1)
        let rest = max(area.count - portions * Self.portion, 0)
        byteCount -= area.count - rest
        munmap(area.baseAddress! + rest, area.count - rest)
        if rest > 0 { areas.append(UnsafeMutableRawBufferPointer(rebasing: area[..<rest])) }
        if !areas.isEmpty { reactor.inNextTurn(self) }
    }
}

extension ReturnedPages: EndOfThreadHandler {
    // No turn follows. Another thread may get the number of this one.
    func reactorThreadEnds() {
        reactor = nil
        unmapAll()
    }
}
