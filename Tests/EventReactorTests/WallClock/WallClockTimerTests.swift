import EventReactor
import Testing

@Suite struct WallClockTimerTests {
    @Test func once() throws {
        let reactor = try Reactor()
        let time = WallClockTime.now.advanced(by: .milliseconds(5))
        var fired: WallClockTime?
        let timer = reactor.at(time) { timer in
            #expect(!timer.isActive)
            fired = .now
        }
        #expect(timer.isActive)
        run(reactor, until: { fired != nil })
        // libev counts in doubles, which are 0.2 µs apart here.
        #expect(fired! >= time.advanced(by: .microseconds(-1)))
        #expect(!timer.isActive)
        turns(2, of: reactor)
    }

    @Test func elapsedTime() throws {
        let reactor = try Reactor()
        var calls = 0
        reactor.at(WallClockTime(seconds: 0)) { _ in calls += 1 }
        turns(3, of: reactor)
        #expect(calls == 1)
    }

    @Test func atRoundTimes() throws {
        let reactor = try Reactor()
        var times: [WallClockTime] = []
        reactor.onWallClock(every: .milliseconds(20), offset: .milliseconds(27)) { timer in
            times.append(.now)
            if times.count == 4 { timer.cancel() }
        }
        run(reactor, until: { times.count == 4 })
        turns(2, of: reactor)
        #expect(times.count == 4)
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
        let phases = times.map { (Int64($0.nanoseconds) + 1000) % 20_000_000 }
        #expect(phases.contains { $0 >= 7_000_000 && $0 < 17_000_000 }, "7 ms after a round time: \(phases)")
    }

    @Test func cancelledBeforehand() throws {
        let reactor = try Reactor()
        let timers = [
            reactor.at(.now) { _ in Issue.record("it was cancelled") },
            reactor.onWallClock(every: .milliseconds(1)) { _ in Issue.record("it was cancelled") },
        ]
        timers.forEach { $0.cancel() }
        timers.forEach { $0.cancel() }
        turns(3, of: reactor)
    }

    @Test func cancelledInTheSameTurn() throws {
        let reactor = try Reactor()
        var timers: [WallClockTimer] = []
        var calls = 0
        for index in 0..<2 {
            timers.append(
                reactor.at(WallClockTime(seconds: 0)) { _ in
                    calls += 1
                    timers[1 - index].cancel()
                }
            )
        }
        turns(3, of: reactor)
        #expect(calls == 1)
    }
}
