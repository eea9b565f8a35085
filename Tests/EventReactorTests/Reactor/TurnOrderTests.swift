import Glibc
import Testing

@testable import EventReactor

/// Records when it is called, and then performs an action.
private final class Caller: NextTurnHandler, EndOfTurnHandler, AfterTurnHandler {
    private(set) var calls: [String] = []
    var again: ((String) -> Void)?

    private func note(_ call: String) {
        calls.append(call)
        again?(call)
    }

    func reactorTurnGoesOn() { note("rest") }
    func reactorTurnEnded() { note("end") }
    func reactorTurnIsOver() { note("after") }
    func noteReady() { note("ready") }
}

struct TurnOrderTests {
    @Test(
        "a turn runs its events, then the end of the turn, then work left from the last turn, then the work after the end"
    )
    func order() throws {
        let reactor = try Reactor()
        let caller = Caller()
        reactor.afterEndOfTurn(caller)
        reactor.atEndOfTurn(caller)
        reactor.inNextTurn(caller)
        var ends: [CInt] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        try #require(write(ends[1], "x", 1) == 1)
        let watcher = try reactor.watch(ends[0], for: .readable) { _, _ in caller.noteReady() }
        reactor.run(.nowait)
        watcher.cancel()
        #expect(caller.calls == ["ready", "end", "rest", "after"])
        reactor.run(.nowait)
        #expect(caller.calls.count == 4)
    }

    @Test("work requested by such a handler runs in the next turn, which does not wait")
    func again() throws {
        let reactor = try Reactor()
        let caller = Caller()
        var turns = 0
        caller.again = { [unowned reactor] call in
            if call == "rest" { reactor.inNextTurn(caller) } else { reactor.afterEndOfTurn(caller) }
            turns += 1
        }
        defer { caller.again = nil }
        reactor.inNextTurn(caller)
        reactor.afterEndOfTurn(caller)
        for turn in 1...3 {
            reactor.run(.once)
            #expect(turns == 2 * turn)
        }
        #expect(reactor.waits == 0)
    }

    @Test("work left by many handlers is spread over turns, in its order, and does not keep a descriptor waiting")
    func manyRests() throws {
        let clock = ManualClock()
        let reactor = try Reactor(clock: clock)
        var called: [Int] = []
        let handlers = (0..<20).map { number in
            let caller = Caller()
            caller.again = { _ in
                called.append(number)
                clock.advance(by: .microseconds(100))
                // One of them has more to do, and waits behind the others.
                if number == 0, called.count == 1 { reactor.inNextTurn(caller) }
            }
            return caller
        }
        defer { for caller in handlers { caller.again = nil } }
        for caller in handlers { reactor.inNextTurn(caller) }
        var ends: [CInt] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        try #require(write(ends[1], "x", 1) == 1)
        var served = 0
        let watcher = try reactor.watch(ends[0], for: .readable) { _, _ in served += 1 }
        var counts: [Int] = []
        while called.count < 21 {
            reactor.run(.once)
            counts.append(called.count)
        }
        watcher.cancel()
        // As many as begin within the time of a turn's rests.
        #expect(counts == Array(stride(from: 2, through: 20, by: 2)) + [21])
        #expect(served == counts.count)
        #expect(called == Array(0..<20) + [0])
        #expect(reactor.waits == 0)
    }
}
