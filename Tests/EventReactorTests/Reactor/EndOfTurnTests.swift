import EventReactor
import Testing

@Suite struct EndOfTurnTests {
    final class Flusher: EndOfTurnHandler {
        unowned let reactor: Reactor
        var again = 0
        var calls = 0
        var log: (String) -> Void = { _ in }
        init(_ reactor: Reactor) { self.reactor = reactor }

        func reactorTurnEnded() {
            calls += 1
            log("flush")
            if again > 0 {
                again -= 1
                reactor.atEndOfTurn(self)
            }
        }
    }

    @Test func afterAllEventsOfTheTurn() throws {
        let reactor = try Reactor()
        let flusher = Flusher(reactor)
        let pairs = [SocketPair(), SocketPair()]
        var log: [String] = []
        flusher.log = { log.append($0) }
        for pair in pairs {
            pair.poke()
            try reactor.watch(pair.a, for: .readable) { [unowned reactor] _, _ in
                log.append("event")
                if flusher.calls == 0, log.count == 1 { reactor.atEndOfTurn(flusher) }
                pair.take()
            }
        }
        reactor.run(.nowait)
        #expect(log == ["event", "event", "flush"])
        turns(2, of: reactor)
        #expect(log.count == 3, "once, and not again")
    }

    @Test func requestedOutsideOfARun() throws {
        let reactor = try Reactor()
        let flusher = Flusher(reactor)
        reactor.atEndOfTurn(flusher)
        #expect(flusher.calls == 0)
        reactor.run(.nowait)
        #expect(flusher.calls == 1)
    }

    @Test func requestedAtTheEndOfATurnItRunsInTheNextWhichDoesNotBlock() throws {
        let reactor = try Reactor()
        let flusher = Flusher(reactor)
        flusher.again = 5
        reactor.atEndOfTurn(flusher)
        for calls in 1...6 {
            reactor.run(.once)
            #expect(flusher.calls == calls)
        }
    }

    @Test func runsInTheTurnThatStops() throws {
        let reactor = try Reactor()
        let flusher = Flusher(reactor)
        reactor.after(.zero) { [unowned reactor] _ in
            reactor.atEndOfTurn(flusher)
            reactor.stop()
        }
        reactor.run()
        #expect(flusher.calls == 1)
    }

    @Test func everyTurnOfManyHasItsOwn() throws {
        let reactor = try Reactor()
        let flushers = (0..<100).map { _ in Flusher(reactor) }
        for turn in 1...10 {
            reactor.handle.submit { _ in }
            for flusher in flushers { reactor.atEndOfTurn(flusher) }
            reactor.run(.nowait)
            #expect(flushers.allSatisfy { $0.calls == turn })
        }
    }

    @Test func deferredReleaseComesAtTheEndOfTheTurn() throws {
        let reactor = try Reactor()
        var log: [String] = []
        reactor.after(.zero) { [unowned reactor] _ in
            reactor.deferRelease(Probe { log.append("released") })
            log.append("timer")
        }
        turns(1, of: reactor)
        #expect(log == ["timer", "released"])
        reactor.deferRelease(Probe { log.append("at once") })
        #expect(log.last == "at once")
    }

    @Test func deferredReleaseThatDefersMore() throws {
        let reactor = try Reactor()
        var released = 0
        reactor.after(.zero) { [unowned reactor] _ in
            reactor.deferRelease(
                Probe {
                    released += 1
                    reactor.deferRelease(Probe { released += 1 })
                }
            )
        }
        turns(1, of: reactor)
        #expect(released == 2)
    }

    @Test func sharedObjectsArePerTypeAndReactor() throws {
        final class Pool {}
        final class Other {}
        var reactor: Reactor? = try Reactor()
        weak let pool = reactor?.shared(Pool.self) { Pool() }
        #expect(pool != nil)
        #expect(reactor?.shared(Pool.self) { Pool() } === pool)
        #expect(reactor?.shared(Other.self) { Other() } !== pool)
        let second = try Reactor()
        #expect(second.shared(Pool.self) { Pool() } !== pool)
        reactor = nil
        #expect(pool == nil)
    }

    @Test func reactorLocalsEndInTheOrderInWhichTheyWereMade() throws {
        let log = Locked<[String]>([])
        class Local: EndOfThreadHandler {
            var log: Locked<[String]>?
            required init() {}
            func note(_ event: String) { log?.withLock { $0.append("\(Self.self) \(event)") } }
            func reactorThreadEnds() { note("ends") }
            deinit { note("is released") }
        }
        final class First: Local, ReactorLocal {}
        final class Second: Local, ReactorLocal {}
        final class Third: Local, ReactorLocal {}
        let thread = try Reactor.start { reactor in
            First.of(reactor).log = log
            Second.of(reactor).log = log
            Third.of(reactor).log = log
            #expect(First.of(reactor) === First.of(reactor))
        }
        thread.stop()
        thread.join()
        let events = log.withLock { $0 }
        let types = ["First", "Second", "Third"]
        #expect(events == types.map { "\($0) ends" } + types.map { "\($0) is released" })
    }
}
