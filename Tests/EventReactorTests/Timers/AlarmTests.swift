import EventReactor
import Testing

/// On the real clock.
@Suite struct AlarmTests {
    @Test func wellBelowAMillisecond() throws {
        let reactor = try Reactor()
        var best = Duration.seconds(1)
        for _ in 0..<200 {
            var fired = false
            let start = SuspendingClock.now
            reactor.after(.microseconds(200)) { _ in fired = true }
            while !fired { reactor.run(.once) }
            let elapsed = start.duration(to: .now)
            #expect(elapsed >= .microseconds(200))
            best = min(best, elapsed)
        }
        #expect(best < .microseconds(700))
    }

    @Test func anEarlierTimerWakesAWaitingReactor() throws {
        let reactor = try Reactor()
        let long = reactor.after(.seconds(60)) { _ in }
        reactor.run(.nowait)
        var fired = false
        reactor.after(.milliseconds(1)) { _ in fired = true }
        run(reactor, until: { fired })
        #expect(long.isActive)
    }

    @Test func remainingTimersFireAfterTheEarliestIsCancelled() throws {
        let reactor = try Reactor()
        var fired = false
        let earliest = reactor.after(.milliseconds(1)) { _ in Issue.record("it was cancelled") }
        reactor.after(.milliseconds(4)) { _ in fired = true }
        reactor.run(.nowait)
        earliest.cancel()
        let start = SuspendingClock.now
        while !fired { reactor.run(.once) }
        #expect(start.duration(to: .now) < .seconds(5))
    }

    @Test func firesWhileDescriptorsKeepTheReactorBusy() throws {
        let reactor = try Reactor()
        let pair = SocketPair()
        pair.poke()
        try reactor.watch(pair.a, for: .readable) { _, _ in }
        reactor.onIdle { _ in }
        var ticks = 0
        reactor.every(.milliseconds(1)) { _ in ticks += 1 }
        let deadline = SuspendingClock.now.advanced(by: .seconds(10))
        while ticks < 5, SuspendingClock.now < deadline { reactor.run(.nowait) }
        #expect(ticks >= 5)
    }

    @Test func neverEarlyAndWithoutDrift() throws {
        let reactor = try Reactor()
        var ticks = 0
        let start = reactor.now
        reactor.every(.milliseconds(1)) { [unowned reactor] timer in
            ticks += 1
            #expect(start.duration(to: reactor.now) >= .milliseconds(ticks))
            if ticks == 50 { timer.cancel() }
        }
        run(reactor, until: { ticks == 50 })
    }

    @Test func nowIsTheSuspendingClock() throws {
        let reactor = try Reactor()
        let before = SuspendingClock.now
        let now = reactor.now
        let after = SuspendingClock.now
        #expect(before <= now && now <= after)
    }
}
