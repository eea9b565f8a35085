import Glibc
import Testing

@testable import EventReactor

/// In virtual time: a handler takes as long as it advances the clock.
@Suite struct SlowHandlerTests {
    let clock = ManualClock()
    let reactor: Reactor

    init() throws { reactor = try Reactor(clock: clock) }

    final class Sleeper: TimerHandler, FileDescriptorHandler {
        let clock: ManualClock
        init(_ clock: ManualClock) { self.clock = clock }
        func timerFired(_ timer: ReactorTimer) { clock.advance(by: .milliseconds(20)) }
        func descriptor(_ watcher: FileDescriptorWatcher, ready: Readiness) {
            clock.advance(by: .milliseconds(30))
            watcher.cancel()
        }
    }

    /// The reports of one turn.
    private func reports(longerThan limit: Duration = .milliseconds(10)) -> [SlowHandler] {
        var reports: [SlowHandler] = []
        let watcher = reactor.onSlowHandler(longerThan: limit) { reports.append($0) }
        reactor.run(.nowait)
        watcher.cancel()
        return reports
    }

    @Test func onlySlowOnesAreReported() {
        for milliseconds in [9, 10, 11] {
            reactor.after(.zero) { [clock] _ in clock.advance(by: .milliseconds(milliseconds)) }
        }
        #expect(reports().map(\.duration) == [.milliseconds(10), .milliseconds(11)])
        #expect(reports().isEmpty)
    }

    @Test func theReportNamesWatcherAndHandler() throws {
        reactor.after(.zero, handler: Sleeper(clock))
        let ticks = reactor.every(.milliseconds(1)) { [clock] _ in clock.advance(by: .milliseconds(20)) }
        clock.advance(by: .milliseconds(1))
        #expect(
            reports().map(\.description) == [
                "Sleeper of timer took 0.02 seconds", "a handler of timer every 0.001 seconds took 0.02 seconds",
            ]
        )
        ticks.cancel()

        var ends: [CInt] = [-1, -1]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        try reactor.watch(ends[1], for: .writable, handler: Sleeper(clock))
        #expect(
            reports() == [
                SlowHandler(
                    source: "descriptor \(ends[1])",
                    handlerType: "Sleeper",
                    duration: .milliseconds(30),
                    hasReturned: true
                )
            ]
        )
        try reactor.watch(ends[1], for: .writable) { [clock] watcher, _ in
            clock.advance(by: .milliseconds(30))
            watcher.cancel()
        }
        #expect(reports().map(\.handlerType) == [nil])
    }

    @Test func othersAreNamed() {
        let clock = clock
        nonisolated(unsafe) let pass: () -> Void = { clock.advance(by: .milliseconds(10)) }
        reactor.handle.submit { _ in pass() }
        reactor.task { _ in pass() }
        let idle = reactor.onIdle { _ in pass() }
        #expect(reports().map(\.source) == ["submitted work", "task"])
        #expect(reports().map(\.source) == ["idle handler"])
        idle.cancel()
    }

    @Test func theOwnerOfAHandlerIsNamed() {
        final class Owner: HandlerOwner {
            let reportName = "PULL socket tcp://127.0.0.1:5555"
            let reportedHandlerType: Any.Type? = Sleeper.self
        }
        final class Owned: EndOfTurnHandler, OwnedHandler {
            let clock: ManualClock
            let handlerOwner: (any HandlerOwner)? = Owner()
            init(_ clock: ManualClock) { self.clock = clock }
            func reactorTurnEnded() { clock.advance(by: .milliseconds(10)) }
        }
        reactor.atEndOfTurn(Owned(clock))
        #expect(
            reports().map(\.description) == ["Sleeper of PULL socket tcp://127.0.0.1:5555 took 0.01 seconds"]
        )
    }

    @Test func watchersWithTheirOwnLimits() {
        var (impatient, patient) = (0, 0)
        let first = reactor.onSlowHandler(longerThan: .milliseconds(1)) { _ in impatient += 1 }
        let second = reactor.onSlowHandler(longerThan: .milliseconds(100)) { _ in patient += 1 }
        func pass(_ duration: Duration) {
            reactor.after(.zero) { [clock] _ in clock.advance(by: duration) }
            reactor.run(.nowait)
        }
        pass(.milliseconds(50))
        #expect((impatient, patient) == (1, 0))
        first.cancel()
        first.cancel()
        #expect(!first.isActive && second.isActive)
        pass(.milliseconds(50))
        pass(.milliseconds(100))
        #expect((impatient, patient) == (1, 1))
    }

    @Test func whatAReportTakesIsNoHandlers() {
        reactor.measuresTurns = true
        reactor.after(.zero) { [clock] _ in clock.advance(by: .milliseconds(10)) }
        reactor.after(.zero) { [clock] _ in clock.advance(by: .milliseconds(1)) }
        let watcher = reactor.onSlowHandler(longerThan: .milliseconds(10)) { [clock] _ in
            clock.advance(by: .seconds(1))
        }
        reactor.run(.nowait)
        #expect(reactor.turnStatistics.handlers.sum == .milliseconds(11))
        #expect(reactor.turnStatistics.busyTime == .milliseconds(1011))
        watcher.cancel()
    }

    @Test func aReportMayCancelItself() {
        var calls = 0
        var watcher: SlowHandlerWatcher?
        watcher = reactor.onSlowHandler(longerThan: .zero) { _ in
            calls += 1
            watcher?.cancel()
        }
        for _ in 0..<3 {
            reactor.after(.zero) { _ in }
            reactor.run(.nowait)
        }
        #expect(calls == 1)
    }

    @Test func watchersAreReleasedWithTheThread() throws {
        let released = Counter()
        let thread = try Reactor.start { reactor in
            let probe = Probe { released.add() }
            // A cycle, which the end of the thread resolves.
            reactor.onSlowHandler(longerThan: .seconds(1)) { _ in withExtendedLifetime((probe, reactor)) {} }
        }
        thread.stop()
        thread.join()
        #expect(released.value == 1)
    }
}
