import EventReactor
import Testing

@Suite struct ReactorRunTests {
    @Test func runsUntilStopped() throws {
        let reactor = try Reactor()
        var ticks = 0
        reactor.every(.microseconds(100)) { [unowned reactor] _ in
            ticks += 1
            if ticks == 10 { reactor.stop() }
        }
        reactor.run()
        #expect(ticks == 10)
        reactor.after(.milliseconds(1)) { [unowned reactor] _ in reactor.stop() }
        reactor.run()
        #expect(ticks > 10, "it can run again")
    }

    @Test func handlersOfTheTurnAreStillCalledAfterStop() throws {
        let reactor = try Reactor()
        let pairs = [SocketPair(), SocketPair()]
        var calls = 0
        for pair in pairs {
            pair.poke()
            try reactor.watch(pair.a, for: .readable) { [unowned reactor] _, _ in
                calls += 1
                reactor.stop()
            }
        }
        reactor.run()
        #expect(calls == 2)
    }

    @Test(arguments: [RunMode.untilStopped, .once, .nowait])
    func aStopBeforehandMakesTheNextRunReturnAtOnce(mode: RunMode) throws {
        let reactor = try Reactor()
        var turns = 0
        reactor.after(.zero) { [unowned reactor] _ in
            turns += 1
            reactor.stop()
        }
        reactor.stop()
        reactor.run(mode)
        #expect(turns == 0)
        reactor.handle.stop()
        reactor.handle.stop()
        reactor.run(mode)
        #expect(turns == 0)
        run(reactor, until: { turns == 1 })
    }

    @Test func oneTurnThatWaits() throws {
        let reactor = try Reactor()
        let start = SuspendingClock.now
        reactor.after(.milliseconds(2)) { _ in }
        reactor.run(.once)
        #expect(start.duration(to: .now) >= .milliseconds(2))
    }

    @Test func oneTurnThatDoesNotWait() throws {
        let reactor = try Reactor()
        var fired = false
        reactor.after(.seconds(5)) { _ in fired = true }
        reactor.run(.nowait)
        #expect(reactor.waits == 0)
        #expect(!fired)
    }

    @Test func doesNotReturnWithoutWatchers() throws {
        let reactor = try Reactor()
        let handle = reactor.handle
        let counter = Counter()
        let thread = OtherThread {
            // The reactor keeps taking work, so it has not returned in between.
            for _ in 0..<20 {
                let before = counter.value
                handle.submit { _ in counter.add() }
                while counter.value == before {}
            }
            handle.stop()
        }
        reactor.run()
        thread.join()
        #expect(counter.value == 20)
    }

    @Test func severalReactorsDoNotDisturbEachOther() throws {
        let reactors = try (0..<10).map { _ in try Reactor() }
        let pairs = reactors.map { _ in SocketPair() }
        var log: [Int] = []
        for (index, reactor) in reactors.enumerated() {
            pairs[index].poke()
            try reactor.watch(pairs[index].a, for: .readable) { _, _ in log.append(index) }
        }
        for index in [3, 1, 4, 1, 5, 9] { reactors[index].run(.nowait) }
        #expect(log == [3, 1, 4, 1, 5, 9])
    }

    @Test func aReactorWithinAHandlerOfAnother() throws {
        let outer = try Reactor()
        let inner = try Reactor()
        var log: [String] = []
        inner.after(.zero) { _ in log.append("inner") }
        outer.after(.zero) { _ in
            inner.run(.once)
            log.append("outer")
        }
        turns(1, of: outer)
        #expect(log == ["inner", "outer"])
    }
}
