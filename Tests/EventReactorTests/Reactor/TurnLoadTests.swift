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

    private final class End: EndOfTurnHandler {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
        func reactorTurnEnded() { body() }
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

    /// How often it is called, which takes longer than a turn has time.
    private func rests(_ count: Int, of reactor: Reactor, _ called: @escaping () -> Void) -> [Rest] {
        let rests = (0..<count).map { _ in
            Rest {
                called()
                let start = reactor.workTime
                while reactor.workTime - start <= WorkBudget.time {}
            }
        }
        for rest in rests { reactor.inNextTurn(rest) }
        return rests
    }

    @Test("a turn that cannot finish the work from earlier ones leaves no room for large pieces in the next")
    func lateRests() throws {
        let reactor = try Reactor()
        var ends: [CInt] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        try #require(write(ends[1], "x", 1) == 1)
        var wereLoaded: [Bool] = []
        let watcher = try reactor.watch(ends[0], for: .readable) { _, _ in wereLoaded.append(reactor.turnIsLoaded) }
        defer { watcher.cancel() }
        var calls = 0
        let rests = rests(2, of: reactor) { calls += 1 }
        for _ in 0..<3 { reactor.run(.nowait) }
        #expect(calls == rests.count)
        #expect(wereLoaded == [false, true, false])
    }

    @Test("what begins or ends has a time of the turn; then it waits, in its order, and what comes later behind it")
    func churn() throws {
        let reactor = try Reactor()
        var calls: [Int] = []
        let rests = (0..<3).map { number in
            Rest {
                calls.append(number)
                var grants = 0
                while reactor.grantChurn() { grants += 1 }
                #expect(grants >= TurnLoad.churn.least)
                #expect(reactor.workTime - reactor.load.churnStart > TurnLoad.churn.time)
            }
        }
        // The time of the first turn is over.
        while reactor.grantChurn() {}
        for rest in rests { reactor.whenChurnHasTime(rest) }
        reactor.run(.nowait)
        #expect(calls == [0])
        // The descriptors of the next turn come before those that wait, and must not overtake them.
        var hadTime: [Bool] = []
        var ends: [CInt] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        try #require(write(ends[1], "x", 1) == 1)
        let watcher = try reactor.watch(ends[0], for: .readable) { _, _ in hadTime.append(reactor.grantChurn()) }
        defer { watcher.cancel() }
        for _ in 0..<3 { reactor.run(.nowait) }
        #expect(calls == [0, 1, 2])
        #expect(hadTime == [false, false, true])
    }

    @Test("several begin or end in a turn, however long one of them takes")
    func leastChurn() throws {
        let reactor = try Reactor()
        for _ in 0..<TurnLoad.churn.least {
            #expect(reactor.grantChurn())
            let start = reactor.workTime
            while reactor.workTime - start <= TurnLoad.churn.time {}
        }
        #expect(!reactor.grantChurn())
    }

    @Test("what a turn has served is written before it goes on with work from earlier ones")
    func writesFirst() throws {
        let reactor = try Reactor()
        var order: [String] = []
        let end = End { order.append("end") }
        let rest = rests(1, of: reactor) { order.append("rest") }
        reactor.atEndOfTurn(end)
        reactor.run(.nowait)
        #expect(order == ["end", "rest"])
        withExtendedLifetime(rest) {}
    }
}
