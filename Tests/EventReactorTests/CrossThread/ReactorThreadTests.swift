import EventReactor
import Glibc
import Testing

@Suite struct ReactorThreadTests {
    @Test func runsOnAThreadOfItsOwn() throws {
        let here = pthread_self()
        let counter = Counter()
        let thread = try Reactor.start(named: "a-name-longer-than-the-system-shows") { reactor in
            if pthread_equal(here, pthread_self()) == 0 { counter.add() }
            if Self.threadName() == "a-name-longer-t\n" { counter.add() }
            reactor.every(.microseconds(100)) { _ in counter.add() }
        }
        #expect(counter.value >= 2)
        while counter.value < 10 { sched_yield() }
        thread.stop()
        thread.join()
        thread.join()
        let after = counter.value
        #expect(thread.handle.submit { _ in counter.add() } == .gone)
        #expect(counter.value == after)
    }

    private static func threadName() -> String {
        let file = open("/proc/thread-self/comm", O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(file, &bytes, 64)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    @Test func everythingActiveEndsWithTheThread() throws {
        final class Keeper {
            let reactor: Reactor
            let released: Counter
            init(_ reactor: Reactor, _ released: Counter) { (self.reactor, self.released) = (reactor, released) }
            deinit { released.add() }
        }
        let released = Counter()
        let thread = try Reactor.start { reactor in
            let keeper = Keeper(reactor, released)
            reactor.after(.seconds(1000)) { _ in _ = keeper }
            reactor.onIdle { _ in _ = keeper }
            try reactor.on(signal: .hangup) { _ in _ = keeper }
        }
        thread.stop()
        thread.join()
        #expect(released.value == 1)
    }

    @Test func pendingTurnHandlersEndWithTheThread() throws {
        final class Waiter: EndOfTurnHandler, AfterTurnHandler, NextTurnHandler {
            let reactor: Reactor
            let released: Counter
            init(_ reactor: Reactor, _ released: Counter) { (self.reactor, self.released) = (reactor, released) }
            deinit { released.add() }

            // Each requests another turn, including the last one.
            func reactorTurnEnded() { reactor.atEndOfTurn(self) }
            func reactorTurnIsOver() { reactor.afterEndOfTurn(self) }
            func reactorTurnGoesOn() { reactor.inNextTurn(self) }
        }
        final class Queued: NextTurnHandler {
            let queue: (Queued) -> Void
            let released: Counter
            init(_ released: Counter, _ queue: @escaping (Queued) -> Void) {
                (self.queue, self.released) = (queue, released)
            }
            deinit { released.add() }
            func reactorTurnGoesOn() { queue(self) }
        }
        let released = Counter()
        let thread = try Reactor.start { reactor in
            reactor.atEndOfTurn(Waiter(reactor, released))
            reactor.afterEndOfTurn(Waiter(reactor, released))
            reactor.inNextTurn(Waiter(reactor, released))
            reactor.whenChurnHasTime(Queued(released) { reactor.whenChurnHasTime($0) })
            reactor.laterInTurn(
                Queued(released) {
                    reactor.didMove(1 << 30)
                    reactor.laterInTurn($0)
                }
            )
        }
        thread.stop()
        thread.join()
        #expect(released.value == 5)
    }

    @Test func setUpErrorsReachTheCaller() throws {
        struct Failure: Error, Equatable {}
        #expect(throws: Failure()) {
            try Reactor.start { reactor in
                reactor.after(.zero) { _ in }
                throw Failure()
            }
        }
    }

    @Test func acceptedWorkRunsWhateverHappens() throws {
        for _ in 0..<20 {
            let counter = Counter()
            let thread = try Reactor.start()
            let handle = thread.handle
            let submitters = (0..<2).map { _ in
                OtherThread {
                    while true {
                        switch handle.submit({ _ in counter.add(-1) }) {
                        case .accepted: counter.add()
                        case .full: break
                        case .gone: return
                        }
                    }
                }
            }
            thread.stop()
            thread.join()
            submitters.forEach { $0.join() }
            #expect(counter.value == 0, "accepted and not run")
        }
    }

    @Test func handlersAreReleasedBeforeJoinReturns() throws {
        for _ in 0..<20 {
            let released = Counter()
            let thread = try Reactor.start { reactor in
                let probe = Probe { released.add() }
                reactor.after(.seconds(60)) { _ in withExtendedLifetime(probe) {} }
            }
            thread.stop()
            thread.join()
            #expect(released.value == 1)
        }
    }

    @Test func stoppedByAHandler() throws {
        let thread = try Reactor.start { reactor in
            reactor.after(.milliseconds(1)) { [unowned reactor] _ in reactor.stop() }
        }
        thread.join()
        thread.stop()
    }

    @Test func pingPongBetweenTwo() throws {
        let counter = Counter()
        let a = try Reactor.start()
        let b = try Reactor.start()
        let (x, y) = (a.handle, b.handle)
        @Sendable func ping(_: Reactor) {
            counter.add()
            if counter.value < 1000 { y.submit(pong) }
        }
        @Sendable func pong(_: Reactor) { x.submit(ping) }
        x.submit(ping)
        while counter.value < 1000 { sched_yield() }
        for thread in [a, b] {
            thread.stop()
            thread.join()
        }
    }
}
