import EventReactor
import Glibc
import Testing

/// The polling times are so long, or so short, that a busy machine makes no difference.
@Suite struct IdleStrategyTests {
    private let long = Duration.seconds(30)

    @Test func theDefaultIsAdaptive() throws {
        #expect(try Reactor().idleStrategy == .adaptive)
    }

    @Test("without an earlier arrival it sleeps at once", arguments: [IdleStrategy.adaptive, .park])
    func sleepsAtOnce(_ strategy: IdleStrategy) throws {
        let reactor = try Reactor()
        reactor.idleStrategy = strategy
        reactor.after(.milliseconds(1)) { _ in }
        reactor.run(.once)
        #expect(reactor.waits == 1)
    }

    @Test func submittedWorkIsFoundWithoutWaiting() throws {
        let reactor = try Reactor()
        reactor.idleStrategy = .busyPoll(long)
        let handle = reactor.handle
        var thread: OtherThread?
        reactor.after(.milliseconds(1)) { _ in thread = OtherThread { handle.submit { $0.stop() } } }
        reactor.run()
        thread?.join()
        #expect(reactor.waits == 0)
    }

    @Test func aStopFromAnotherThreadIsHandled() throws {
        let reactor = try Reactor()
        reactor.idleStrategy = .busyPoll(long)
        let handle = reactor.handle
        var thread: OtherThread?
        reactor.after(.milliseconds(1)) { _ in thread = OtherThread { handle.stop() } }
        reactor.run()
        thread?.join()
        #expect(reactor.waits == 0)
    }

    @Test func descriptorsAreFoundWithoutWaiting() throws {
        let reactor = try Reactor()
        reactor.idleStrategy = .busyPoll(long)
        let pair = SocketPair()
        let descriptor = pair.b
        try reactor.watch(pair.a, for: .readable) { [unowned reactor] _, _ in
            pair.take()
            reactor.stop()
        }
        var thread: OtherThread?
        reactor.after(.milliseconds(1)) { _ in thread = OtherThread { write(descriptor, "x", 1) } }
        reactor.run()
        thread?.join()
        #expect(reactor.waits == 0)
    }

    @Test func timersAreOnTime() throws {
        let reactor = try Reactor()
        reactor.idleStrategy = .busyPoll(long)
        let start = SuspendingClock.now
        reactor.after(.milliseconds(3)) { [unowned reactor] _ in reactor.stop() }
        reactor.run()
        let elapsed = start.duration(to: .now)
        #expect(elapsed >= .milliseconds(3))
        #expect(elapsed < long)
        #expect(reactor.waits == 0)
    }

    @Test func whenTheTimeIsOverItWaits() throws {
        let reactor = try Reactor()
        reactor.idleStrategy = .busyPoll(.microseconds(100))
        let start = SuspendingClock.now
        reactor.after(.milliseconds(20)) { [unowned reactor] _ in reactor.stop() }
        reactor.run()
        #expect(start.duration(to: .now) >= .milliseconds(20))
        // Unless this thread got no processor in the meantime, which is not the reactor's fault.
        #expect(reactor.waits >= 1 || start.duration(to: .now) > .milliseconds(40))
    }

    @Test func aTurnThatMustNotWaitDoesNotPoll() throws {
        let reactor = try Reactor()
        reactor.idleStrategy = .busyPoll(long)
        let start = SuspendingClock.now
        reactor.run(.nowait)
        #expect(start.duration(to: .now) < long)
        #expect(reactor.waits == 0)
    }

    @Test func idleHandlersComeAndGo() throws {
        let reactor = try Reactor()
        reactor.idleStrategy = .busyPoll(long)
        var calls = 0
        reactor.onIdle { watcher in
            calls += 1
            watcher.cancel()
        }
        reactor.run(.once)
        #expect(calls == 1)
        reactor.after(.milliseconds(1)) { _ in }
        reactor.run(.once)
        #expect(reactor.waits == 0, "it still polls after the last idle handler is gone")
        reactor.idleStrategy = .park
        reactor.onIdle { watcher in
            calls += 1
            watcher.cancel()
        }
        reactor.run(.once)
        #expect(calls == 2, "idle handlers need no busy polling")
    }

    @Test func itCanBeReverted() throws {
        let reactor = try Reactor()
        reactor.idleStrategy = .busyPoll(long)
        reactor.idleStrategy = .busyPoll(.seconds(-1))
        #expect(reactor.idleStrategy == .park)
        reactor.after(.milliseconds(1)) { _ in }
        reactor.run(.once)
        #expect(reactor.waits == 1)
    }
}
