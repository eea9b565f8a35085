import EventReactor
import Testing

/// Times at the limits of a `Duration`: nothing traps, past times are due at once, and distant ones never come.
@Suite struct TimeExtremesTests {
    private static let far: [Duration] = [.seconds(Int64.max) * 18, .seconds(Int64.max), .nanoseconds(Int64.max)]
    private static let near: [Duration] = [
        .nanoseconds(1), .zero, .nanoseconds(-1), .seconds(Int64.min), .seconds(Int64.min) * 18,
    ]

    @Test func timers() throws {
        let reactor = try Reactor()
        var calls = (far: 0, near: 0)
        for time in Self.far {
            reactor.after(time) { _ in calls.far += 1 }
            reactor.every(time) { _ in calls.far += 1 }
            reactor.every(time, missedTicks: .burst) { _ in calls.far += 1 }
            reactor.after(.zero) { _ in calls.near += 1 }.reschedule(after: time)
        }
        for time in Self.near {
            reactor.after(time) { _ in calls.near += 1 }
            reactor.every(time) { timer in
                calls.near += 1
                // From near to far and back, in its own handler.
                timer.reschedule(after: Self.far[0])
                timer.reschedule(after: time)
                if calls.near > 1000 { timer.cancel() }
            }
        }
        run(reactor, until: { calls.near > 1000 })
        #expect(calls.far == 0)
        reactor.updateNow()
    }

    @Test func virtualTime() throws {
        let clock = ManualClock(nanoseconds: Int64.max - 10)
        let reactor = try Reactor(clock: clock)
        var calls = 0
        for time in Self.far + Self.near { reactor.every(time) { _ in calls += 1 } }
        for time in Self.far {
            turns(2, of: reactor)
            clock.advance(by: time)
        }
        turns(2, of: reactor)
        #expect(calls > 0)
    }

    @Test func wallClock() throws {
        let reactor = try Reactor()
        var calls = 0
        for time in Self.far + Self.near {
            for moment in [WallClockTime.now, WallClockTime(seconds: .max), WallClockTime(seconds: .min)] {
                let other = moment.advanced(by: time)
                _ = (moment.duration(to: other), other.duration(to: moment), other.description)
                reactor.at(other) { _ in calls += 1 }
            }
            for offset in Self.far + Self.near { reactor.onWallClock(every: time, offset: offset) { _ in calls += 1 } }
        }
        run(reactor, until: { calls > 20 })
        #expect(WallClockTime.now.advanced(by: Self.far[0]).seconds == .max)
        #expect(WallClockTime(seconds: -1).advanced(by: Self.near[4]).seconds == .min)
    }

    @Test func tasks() throws {
        let reactor = try Reactor()
        var ends = 0
        var sleepers: [Task<Void, any Error>] = []
        for time in Self.far + Self.near {
            sleepers.append(
                reactor.task { reactor in
                    try? await reactor.sleep(for: time)
                    ends += 1
                }
            )
        }
        var ticks = 0
        for time in Self.far {
            sleepers.append(
                reactor.task { reactor in
                    for await _ in reactor.ticks(every: time) { ticks += 1 }
                    ends += 1
                }
            )
        }
        run(reactor, until: { ends == Self.near.count })
        for sleeper in sleepers { sleeper.cancel() }
        run(reactor, until: { ends == sleepers.count })
        #expect(ticks == 0)
    }

    @Test func busyPoll() throws {
        let reactor = try Reactor()
        for time in Self.far + Self.near {
            reactor.idleStrategy = .busyPoll(time)
            reactor.after(.milliseconds(1)) { [unowned reactor] _ in reactor.stop() }
            reactor.run()
        }
        #expect(reactor.idleStrategy == .park)
    }
}
