import Glibc
import Testing

@testable import EventReactor

/// In virtual time: a handler takes as long as it advances the clock.
@Suite struct TurnStatisticsTests {
    let clock = ManualClock()
    let reactor: Reactor

    init() throws { reactor = try Reactor(clock: clock) }

    @Test func nothingIsCountedUnlessAskedFor() {
        reactor.after(.zero) { [clock] _ in clock.advance(by: .seconds(1)) }
        reactor.run(.nowait)
        #expect(reactor.turnStatistics == TurnStatistics())
        #expect(!reactor.measuresTurns)
    }

    @Test func turnsAndHandlers() {
        reactor.measuresTurns = true
        reactor.run(.nowait)
        #expect(reactor.turnStatistics.turns == 1)
        #expect(reactor.turnStatistics.busyTime == .zero)
        #expect(reactor.turnStatistics.handlers.count == 0)

        // Two timers in one turn, and work in the same turn.
        reactor.after(.zero) { [clock] _ in clock.advance(by: .milliseconds(2)) }
        reactor.after(.zero) { [clock] _ in clock.advance(by: .microseconds(50)) }
        reactor.handle.submit { _ in }
        reactor.run(.nowait)
        let statistics = reactor.turnStatistics
        #expect(statistics.turns == 2)
        #expect(statistics.busyTime == .microseconds(2050))
        #expect(statistics.longestTurn == .microseconds(2050))
        #expect((0..<DurationHistogram.bucketCount).map { statistics.handlers[$0] } == [1, 1, 0, 1, 0, 0, 0])
        #expect(statistics.handlers.sum == .microseconds(2050))

        reactor.measuresTurns = false
        reactor.after(.zero) { [clock] _ in clock.advance(by: .seconds(1)) }
        reactor.run(.nowait)
        #expect(reactor.turnStatistics == statistics)
    }

    @Test func theLongestTurnIsNotTheLast() {
        reactor.measuresTurns = true
        for milliseconds in [1, 7, 3] {
            reactor.after(.zero) { [clock] _ in clock.advance(by: .milliseconds(milliseconds)) }
            reactor.run(.nowait)
        }
        #expect(reactor.turnStatistics.longestTurn == .milliseconds(7))
        #expect(reactor.turnStatistics.busyTime == .milliseconds(11))
    }

    @Test func theTimeBetweenTurnsCountsForNone() {
        reactor.measuresTurns = true
        for _ in 0..<3 {
            reactor.after(.zero) { [clock] _ in clock.advance(by: .milliseconds(1)) }
            reactor.run(.nowait)
            clock.advance(by: .seconds(60))
        }
        #expect(reactor.turnStatistics.busyTime == .milliseconds(3))
        #expect(reactor.turnStatistics.handlers.count == 3)
    }

    @Test func measuringMayBeginAndEndInAHandler() {
        reactor.after(.zero) { [clock, unowned reactor] _ in
            reactor.measuresTurns = true
            clock.advance(by: .seconds(1))
        }
        reactor.after(.zero) { [clock] _ in clock.advance(by: .milliseconds(1)) }
        reactor.run(.nowait)
        #expect(reactor.turnStatistics.busyTime == .milliseconds(1))
        reactor.after(.zero) { [clock, unowned reactor] _ in
            clock.advance(by: .milliseconds(1))
            reactor.measuresTurns = false
        }
        reactor.run(.nowait)
        #expect(!reactor.measuresTurns)
        #expect(reactor.turnStatistics.turns == 1)
        // The turn in which it ended is over when it begins again.
        clock.advance(by: .seconds(60))
        reactor.measuresTurns = true
        reactor.after(.zero) { [clock] _ in clock.advance(by: .milliseconds(1)) }
        reactor.run(.nowait)
        #expect(reactor.turnStatistics.busyTime == .milliseconds(2))
    }

    /// The calls that were counted until the handler had been called.
    private func calls(until isDone: () -> Bool) -> Int {
        let before = reactor.turnStatistics.handlers.count
        for _ in 0..<10_000_000 where !isDone() { reactor.run(.nowait) }
        return reactor.turnStatistics.handlers.count - before
    }

    @Test("calls of each kind are counted") func eachKind() throws {
        reactor.measuresTurns = true
        // The first turn may serve the main queue.
        reactor.run(.nowait)
        var ends: [CInt] = [-1, -1]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let watcher = try reactor.watch(ends[1], for: .writable) { watcher, _ in watcher.cancel() }
        #expect(calls(until: { !watcher.isActive }) == 1)
        let signal = try reactor.on(signal: Signal(rawValue: SIGURG)) { $0.cancel() }
        kill(getpid(), SIGURG)
        #expect(calls(until: { !signal.isActive }) == 1)
        let wallClock = reactor.at(.now) { _ in }
        #expect(calls(until: { !wallClock.isActive }) == 1)
        let idle = reactor.onIdle { $0.cancel() }
        #expect(calls(until: { !idle.isActive }) == 1)
        var hasEnded = false
        // Steps of the task: there may be several.
        reactor.task(isolation: nil) { _ in hasEnded = true }
        #expect(calls(until: { hasEnded }) >= 1)
    }

    @Test("what the framework leaves for a moment of the turn is counted") func deferred() {
        final class Deferred: EndOfTurnHandler, AfterTurnHandler, NextTurnHandler, WakeupHandler {
            func reactorTurnEnded() {}
            func reactorTurnIsOver() {}
            func reactorTurnGoesOn() {}
            func wakeupSignalled() {}
        }
        reactor.measuresTurns = true
        reactor.afterEndOfTurn(Deferred())
        reactor.inNextTurn(Deferred())
        reactor.run(.nowait)
        #expect(reactor.turnStatistics.handlers.count == 2)
        let wakeup = Wakeup()
        reactor.register(Deferred(), for: wakeup)
        #expect(reactor.handle.signal(wakeup))
        reactor.run(.nowait)
        #expect(reactor.turnStatistics.handlers.count == 3)
    }

    private final class Writing: EndOfTurnHandler {
        let clock: ManualClock
        init(_ clock: ManualClock) { self.clock = clock }
        func reactorTurnEnded() { clock.advance(by: .milliseconds(1)) }
    }

    /// One of its handlers, which takes 5 µs, has two sockets write for 1 ms each.
    private func runTurnWithTwoWrites() {
        reactor.after(.zero) { [clock, unowned reactor] _ in
            clock.advance(by: .microseconds(5))
            for _ in 0..<2 { reactor.atEndOfTurn(Writing(clock)) }
        }
        reactor.run(.nowait)
    }

    @Test("what is written at the end of a turn counts for the last handler, or is a call where there is none")
    func endOfTurn() {
        reactor.measuresTurns = true
        runTurnWithTwoWrites()
        #expect(reactor.turnStatistics.handlers.count == 1)
        #expect(reactor.turnStatistics.handlers.sum == .microseconds(2005))
        #expect(reactor.turnStatistics.busyTime == .microseconds(2005))
        for _ in 0..<2 { reactor.atEndOfTurn(Writing(clock)) }
        reactor.run(.nowait)
        #expect(reactor.turnStatistics.handlers.count == 2)
        #expect(reactor.turnStatistics.busyTime == .microseconds(4005))
    }

    @Test("while slow handlers are watched, what is written at the end of a turn is a call of its own")
    func watchedEndOfTurn() {
        reactor.measuresTurns = true
        let watcher = reactor.onSlowHandler(longerThan: .milliseconds(1)) { _ in }
        defer { watcher.cancel() }
        runTurnWithTwoWrites()
        #expect(reactor.turnStatistics.handlers.count == 3)
        #expect(reactor.turnStatistics.handlers.sum == .microseconds(2005))
        reactor.atEndOfTurn(Writing(clock))
        reactor.run(.nowait)
        #expect(reactor.turnStatistics.handlers.count == 4)
    }
}
