import Glibc
import Synchronization
import Testing

@testable import EventReactor

@Suite struct WatchdogTests {
    /// What a watchdog has reported.
    private final class Reports: Sendable {
        let all = Mutex<[SlowHandler]>([])
        func add(_ report: SlowHandler) { all.withLock { $0.append(report) } }
        var count: Int { all.withLock { $0.count } }
    }

    @Test func aHandlerThatIsStuckIsReportedOnce() throws {
        let reports = Reports()
        let watchdog = try Watchdog(limit: .milliseconds(20)) { reports.add($0) }
        let reactor = try Reactor()
        watchdog.watch(reactor)
        let others = Counter()
        reactor.after(.zero) { _ in
            // Held until it has been reported, and for two more looks.
            while reports.count == 0 { sched_yield() }
            let start = Reactor.now
            while start.duration(to: Reactor.now) < .milliseconds(50) { sched_yield() }
            others.add()
        }
        while others.value == 0 { reactor.run(.once) }
        let report = try #require(reports.all.withLock { $0.first })
        #expect(reports.count == 1)
        #expect(report.source == "timer" && report.handlerType == nil && !report.hasReturned)
        #expect(report.duration >= .milliseconds(20))
        #expect(report.description.hasPrefix("a handler of timer has not returned for "))
    }

    @Test func thePartsOfAReport() {
        final class Worker: TimerHandler { func timerFired(_ timer: ReactorTimer) {} }
        let pulse = HandlerPulse()
        let now = Reactor.monotonicClock()
        #expect(pulse.overdue(at: now + 100, limit: 0) == nil)
        pulse.begin(HandlerSource.timer(interval: 1_000_000, Worker()).label)
        #expect(pulse.overdue(at: now, limit: 1_000_000_000_000) == nil)
        let report = pulse.overdue(at: Reactor.monotonicClock() + 5_000_000_000, limit: 5_000_000_000)
        #expect(report?.source == "timer every 0.001 seconds")
        #expect(report?.handlerType == "Worker")
        // Once for each call.
        #expect(pulse.overdue(at: .max, limit: 0) == nil)
        pulse.end()
        pulse.begin(HandlerSource.work.label)
        #expect(pulse.overdue(at: .max, limit: 0)?.source == "submitted work")
        pulse.end()
        #expect(pulse.overdue(at: .max, limit: 0) == nil)
    }

    @Test func aReactorThatWaitsIsNotReported() throws {
        let reports = Reports()
        let watchdog = try Watchdog(limit: .milliseconds(2)) { reports.add($0) }
        let reactor = try Reactor()
        watchdog.watch(reactor)
        reactor.after(.milliseconds(30)) { _ in }
        reactor.run(.once)
        #expect(reports.count == 0)
        watchdog.stop()
    }

    @Test func itKeepsNoReactor() throws {
        let watchdog = try Watchdog(limit: .seconds(1)) { _ in }
        weak var gone: Reactor?
        do {
            let reactor = try Reactor()
            watchdog.watch(reactor)
            gone = reactor
        }
        #expect(gone == nil)
    }
}

extension Reactor {
    fileprivate static var now: SuspendingClock.Instant { SuspendingClock().now }

    @Test("a reactor is no longer measured after its watchdog has stopped or is gone", arguments: [true, false])
    func end(stops: Bool) throws {
        let reactor = try Reactor()
        let other = try Watchdog(limit: .seconds(100)) { _ in }
        var watchdog: Watchdog? = try Watchdog(limit: .seconds(100)) { _ in }
        watchdog?.watch(reactor)
        other.watch(reactor)
        other.stop()
        turns(1, of: reactor)
        #expect(reactor.isMonitored)
        if stops { watchdog?.stop() } else { watchdog = nil }
        turns(1, of: reactor)
        #expect(!reactor.isMonitored)
        watchdog?.watch(reactor)
        #expect(!reactor.isMonitored, "it has stopped")
    }
}
