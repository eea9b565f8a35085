import EventReactor
import Testing

@Suite struct IdleTests {
    @Test func onlyWhenNothingElseWasReady() throws {
        let clock = ManualClock()
        let reactor = try Reactor(clock: clock)
        let pair = SocketPair()
        var idle = 0
        reactor.onIdle { _ in idle += 1 }
        turns(3, of: reactor)
        #expect(idle == 3)

        try reactor.watch(pair.a, for: .readable) { _, _ in pair.take() }
        pair.poke()
        turns(1, of: reactor)
        #expect(idle == 3)

        reactor.after(.milliseconds(1)) { _ in }
        clock.advance(by: .milliseconds(1))
        turns(1, of: reactor)
        #expect(idle == 3)

        reactor.handle.submit { _ in }
        turns(1, of: reactor)
        #expect(idle == 3)

        turns(1, of: reactor)
        #expect(idle == 4)
    }

    @Test func keepsTheReactorFromWaiting() throws {
        let reactor = try Reactor()
        var calls = 0
        reactor.onIdle { [unowned reactor] watcher in
            calls += 1
            if calls == 1000 {
                watcher.cancel()
                reactor.stop()
            }
        }
        reactor.run()
        turns(2, of: reactor)
        #expect(calls == 1000)
    }

    @Test func severalThatCancelEachOther() throws {
        let reactor = try Reactor()
        var watchers: [IdleWatcher] = []
        var calls = 0
        for index in 0..<2 {
            watchers.append(
                reactor.onIdle { _ in
                    calls += 1
                    watchers[1 - index].cancel()
                }
            )
        }
        turns(3, of: reactor)
        #expect(calls == 3)
        #expect(watchers.map(\.isActive) == [true, false])
    }

    @Test func addedInAHandler() throws {
        let reactor = try Reactor()
        var log: [String] = []
        reactor.onIdle { [unowned reactor] watcher in
            log.append("first")
            watcher.cancel()
            reactor.onIdle { _ in log.append("second") }
        }
        turns(2, of: reactor)
        #expect(log == ["first", "second"])
    }
}
