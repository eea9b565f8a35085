import Glibc
import Testing

@testable import EventReactor

@Suite(.timeLimit(.minutes(1)))
struct TurnLoadTests {
    private final class Rest: NextTurnHandler {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
        func reactorTurnGoesOn() { body() }
    }

    private func makeReactor() throws -> Reactor {
        let reactor = try Reactor()
        reactor.isWorkMeasured = false
        return reactor
    }

    @Test("large pieces load a turn, up to its share, and the next turn begins without")
    func share() throws {
        let reactor = try makeReactor()
        #expect(!reactor.turnIsLoaded)
        for _ in 1..<(TurnLoad.share / Reactor.largePiece) { reactor.didMove(Reactor.largePiece) }
        #expect(!reactor.turnIsLoaded)
        reactor.didMove(Reactor.largePiece)
        #expect(reactor.turnIsLoaded)
        reactor.run(.nowait)
        #expect(!reactor.turnIsLoaded)
    }

    @Test("small pieces do not count, however many they are")
    func smallPieces() throws {
        let reactor = try makeReactor()
        for _ in 0..<1000 { reactor.didMove(Reactor.largePiece - 1) }
        #expect(!reactor.turnIsLoaded)
    }

    @Test("the time since the first large piece counts, too")
    func time() throws {
        let reactor = try Reactor()
        reactor.didMove(Reactor.largePiece)
        let start = reactor.workTime
        while reactor.workTime - start <= WorkBudget.time {}
        #expect(reactor.turnIsLoaded)
    }

    @Test("work from an earlier turn comes before descriptors, and its time counts")
    func rests() throws {
        let reactor = try Reactor()
        var ends: [CInt] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        try #require(write(ends[1], "x", 1) == 1)
        var order: [String] = []
        let watcher = try reactor.watch(ends[0], for: .readable) { _, _ in
            order.append("descriptor")
            order.append(reactor.turnIsLoaded ? "loaded" : "not loaded")
        }
        defer { watcher.cancel() }
        let rest = Rest {
            order.append("rest")
            let start = reactor.workTime
            while reactor.workTime - start <= WorkBudget.time {}
        }
        reactor.inNextTurn(rest)
        reactor.run(.nowait)
        #expect(order == ["rest", "descriptor", "loaded"])
    }
}
