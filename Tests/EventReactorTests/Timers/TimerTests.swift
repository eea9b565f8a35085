import EventReactor
import Testing

/// In virtual time: no test here waits.
@Suite struct TimerTests {
    let clock = ManualClock()
    let reactor: Reactor

    init() throws { reactor = try Reactor(clock: clock) }

    private func pass(_ duration: Duration) {
        clock.advance(by: duration)
        reactor.run(.nowait)
    }

    @Test func oneShot() {
        var calls = 0
        let timer = reactor.after(.milliseconds(5)) { timer in
            #expect(!timer.isActive)
            calls += 1
        }
        pass(.milliseconds(5) - .nanoseconds(1))
        #expect(calls == 0)
        #expect(timer.isActive)
        pass(.nanoseconds(1))
        #expect(calls == 1)
        #expect(!timer.isActive)
        pass(.seconds(1))
        #expect(calls == 1)
    }

    @Test func handlerObject() {
        final class Handler: TimerHandler {
            var calls = 0
            func timerFired(_ timer: ReactorTimer) { calls += 1 }
        }
        let handler = Handler()
        reactor.after(.milliseconds(1), handler: handler)
        let ticks = reactor.every(.milliseconds(1), handler: handler)
        pass(.milliseconds(1))
        #expect(handler.calls == 2)
        pass(.milliseconds(1))
        #expect(handler.calls == 3)
        ticks.cancel()
        pass(.milliseconds(1))
        #expect(handler.calls == 3)
    }

    @Test func handlersAreReleased() {
        var released = 0
        func start(_ cancel: Bool) -> ReactorTimer {
            let probe = Probe { released += 1 }
            let timer = reactor.after(.milliseconds(1)) { _ in withExtendedLifetime(probe) {} }
            if cancel { timer.cancel() }
            return timer
        }
        let cancelled = start(true)
        #expect(released == 1)
        let fired = start(false)
        pass(.milliseconds(1))
        #expect(released == 2)
        withExtendedLifetime((cancelled, fired)) {}
    }

    @Test func equalDeadlinesFireInOrderOfStart() {
        var log: [Int] = []
        for number in 0..<20 { reactor.after(.milliseconds(3)) { _ in log.append(number) } }
        reactor.after(.milliseconds(2)) { _ in log.append(-1) }
        pass(.milliseconds(3))
        #expect(log == Array(-1..<20))
    }

    @Test func repeatsWithoutDrift() {
        let start = reactor.now
        var ticks: [Duration] = []
        reactor.every(.milliseconds(10)) { [unowned reactor] _ in ticks.append(start.duration(to: reactor.now)) }
        // Every turn is 1 ms late, and yet the tenth tick is due at 100 ms.
        pass(.milliseconds(11))
        for _ in 0..<9 { pass(.milliseconds(10)) }
        #expect(ticks == (1...10).map { .milliseconds($0 * 10 + 1) })
        pass(.milliseconds(8))
        #expect(ticks.count == 10)
        pass(.milliseconds(1))
        #expect(ticks.count == 11)
    }

    @Test func missedTicksAreSkippedInRhythm() {
        var calls = 0
        reactor.every(.milliseconds(10)) { _ in calls += 1 }
        pass(.milliseconds(57))
        turns(5, of: reactor)
        #expect(calls == 1)
        pass(.milliseconds(2))
        #expect(calls == 1)
        pass(.milliseconds(1))
        #expect(calls == 2, "the tick at 60 ms")
        pass(.milliseconds(10))
        #expect(calls == 3)
    }

    @Test func missedTicksAreMadeUpForOnePerTurn() {
        var calls = 0
        var others = 0
        reactor.every(.milliseconds(10), missedTicks: .burst) { _ in calls += 1 }
        reactor.after(.milliseconds(20)) { _ in others += 1 }
        clock.advance(by: .milliseconds(57))
        for turn in 1...5 {
            turns(1, of: reactor)
            #expect(calls == turn)
            #expect(others == 1, "a timer that catches up does not delay the others")
        }
        turns(5, of: reactor)
        #expect(calls == 5)
        pass(.milliseconds(3))
        #expect(calls == 6)
    }

    @Test func cancelledByAnEarlierOneOfTheSameTurn() {
        var log: [String] = []
        var second: ReactorTimer?
        reactor.after(.milliseconds(1)) { _ in
            log.append("first")
            second?.cancel()
        }
        second = reactor.after(.milliseconds(2)) { _ in log.append("second") }
        reactor.after(.milliseconds(3)) { _ in log.append("third") }
        pass(.milliseconds(10))
        #expect(log == ["first", "third"])
    }

    @Test func rescheduledByAnEarlierOneOfTheSameTurn() {
        var log: [String] = []
        var second: ReactorTimer?
        reactor.after(.milliseconds(1)) { _ in
            log.append("first")
            second?.reschedule(after: .milliseconds(5))
        }
        second = reactor.after(.milliseconds(2)) { _ in log.append("second") }
        pass(.milliseconds(10))
        #expect(log == ["first"])
        pass(.milliseconds(5))
        #expect(log == ["first", "second"])
    }

    @Test func repeatingOneCancelsItself() {
        var calls = 0
        reactor.every(.milliseconds(1)) { timer in
            calls += 1
            if calls == 3 { timer.cancel() }
        }
        for _ in 0..<10 { pass(.milliseconds(1)) }
        #expect(calls == 3)
    }

    @Test func reschedule() {
        var calls = 0
        let timer = reactor.after(.milliseconds(10)) { _ in calls += 1 }
        pass(.milliseconds(9))
        #expect(timer.reschedule(after: .milliseconds(10)))
        pass(.milliseconds(9))
        #expect(calls == 0)
        #expect(timer.reschedule(after: .milliseconds(-4)))
        turns(1, of: reactor)
        #expect(calls == 1)
        #expect(!timer.reschedule(after: .milliseconds(1)), "it has fired")
    }

    @Test func oneShotStartsItselfAgain() {
        var calls = 0
        reactor.after(.milliseconds(1)) { timer in
            calls += 1
            if calls < 3 { #expect(timer.reschedule(after: .milliseconds(calls))) }
        }
        for _ in 0..<10 { pass(.milliseconds(1)) }
        #expect(calls == 3)
    }

    @Test func cancelWinsOverReschedule() {
        var calls = 0
        let timer = reactor.after(.milliseconds(1)) { timer in
            calls += 1
            timer.cancel()
            #expect(!timer.reschedule(after: .milliseconds(1)))
        }
        pass(.milliseconds(1))
        pass(.milliseconds(1))
        timer.cancel()
        #expect(!timer.reschedule(after: .milliseconds(1)))
        pass(.milliseconds(1))
        #expect(calls == 1)
    }

    @Test func rescheduledRepeatingTimerKeepsItsIntervalFromThere() {
        var calls = 0
        let timer = reactor.every(.milliseconds(10)) { _ in calls += 1 }
        timer.reschedule(after: .milliseconds(3))
        pass(.milliseconds(3))
        #expect(calls == 1)
        pass(.milliseconds(9))
        #expect(calls == 1)
        pass(.milliseconds(1))
        #expect(calls == 2)
    }

    @Test(arguments: [Duration.zero, .seconds(-5), .nanoseconds(-1)])
    func noDelayMeansTheNextTurn(delay: Duration) {
        var log: [String] = []
        reactor.after(.milliseconds(1)) { [unowned reactor] _ in
            log.append("outer")
            reactor.after(delay) { _ in log.append("inner") }
        }
        pass(.milliseconds(1))
        #expect(log == ["outer"])
        turns(1, of: reactor)
        #expect(log == ["outer", "inner"])
    }

    @Test func noIntervalMeansOncePerTurn() {
        var calls = 0
        let timer = reactor.every(.zero) { _ in calls += 1 }
        for turn in 1...5 {
            pass(.milliseconds(1))
            #expect(calls == turn)
        }
        timer.cancel()
        pass(.milliseconds(1))
        #expect(calls == 5)
    }

    @Test func aChainOfImmediateTimersDoesNotStarveDescriptors() throws {
        let pair = SocketPair()
        pair.poke()
        var fired = 0
        var served = 0
        unowned let reactor = reactor
        func next() {
            reactor.after(.zero) { _ in
                fired += 1
                next()
            }
        }
        next()
        try reactor.watch(pair.a, for: .readable) { _, _ in served += 1 }
        turns(10, of: reactor)
        #expect(served == 10)
        #expect((9...10).contains(fired))
    }

    @Test func aTurnTakesAtMost4096() {
        var calls = 0
        for _ in 0..<10_000 { reactor.after(.milliseconds(1)) { _ in calls += 1 } }
        pass(.milliseconds(1))
        #expect(calls == 4096)
        turns(1, of: reactor)
        #expect(calls == 8192)
        turns(1, of: reactor)
        #expect(calls == 10_000)
    }

    @Test func veryLongTimesAreClampedToTheLimit() {
        var calls = 0
        let timer = reactor.after(.seconds(Int64.max)) { _ in calls += 1 }
        reactor.every(.seconds(Int64.max)) { _ in calls += 1 }
        reactor.after(.seconds(Int64.min)) { _ in calls += 10 }
        pass(.seconds(1_000_000))
        #expect(calls == 10)
        timer.cancel()
    }

    @Test func timeStandsStillWithinATurn() {
        var times: [SuspendingClock.Instant] = []
        for _ in 0..<3 {
            reactor.after(.milliseconds(1)) { [unowned reactor, clock] _ in
                times.append(reactor.now)
                clock.advance(by: .milliseconds(1))
            }
        }
        pass(.milliseconds(1))
        #expect(Set(times).count == 1)
        reactor.after(.zero) { [unowned reactor, clock] _ in
            let before = reactor.now
            clock.advance(by: .milliseconds(1))
            #expect(reactor.now == before)
            reactor.updateNow()
            #expect(before.duration(to: reactor.now) == .milliseconds(1))
        }
        turns(1, of: reactor)
    }

    @Test func timerOutlivesItsReactor() throws {
        var timer: ReactorTimer?
        do {
            let reactor = try Reactor(clock: clock)
            timer = reactor.after(.milliseconds(1)) { _ in }
        }
        #expect(timer?.isActive == false)
        #expect(timer?.reschedule(after: .zero) == false)
        timer?.cancel()
    }
}
