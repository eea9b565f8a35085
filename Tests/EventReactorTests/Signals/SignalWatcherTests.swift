import EventReactor
import Glibc
import Synchronization
import Testing

/// How often the handler of `interruptedCallsAreInvisible` has run.
private let interruptions = Atomic(0)

/// Serialized, because signals belong to the process.
@Suite(.serialized) struct SignalWatcherTests {
    @Test func isReported() throws {
        let reactor = try Reactor()
        var calls = 0
        let watcher = try reactor.on(signal: .user1) { watcher in
            #expect(watcher.signal == .user1)
            calls += 1
        }
        #expect(watcher.isActive)
        kill(getpid(), SIGUSR1)
        run(reactor, until: { calls == 1 })
        kill(getpid(), SIGUSR1)
        run(reactor, until: { calls == 2 })
        watcher.cancel()
        #expect(!watcher.isActive)
        watcher.cancel()
    }

    @Test func wakesAWaitingReactorFromAnotherThread() throws {
        let reactor = try Reactor()
        try reactor.on(signal: .user2) { [unowned reactor] _ in reactor.stop() }
        let thread = OtherThread { kill(getpid(), SIGUSR2) }
        reactor.run()
        thread.join()
    }

    @Test func severalWatchersOfOneSignal() throws {
        let reactor = try Reactor()
        var log: [Int] = []
        let watchers = try (0..<3).map { number in
            try reactor.on(signal: .user1) { _ in log.append(number) }
        }
        watchers[1].cancel()
        kill(getpid(), SIGUSR1)
        run(reactor, until: { log.count == 2 })
        #expect(log.sorted() == [0, 2])
    }

    @Test func cancelledInAHandlerOfTheSameTurn() throws {
        let reactor = try Reactor()
        var watchers: [SignalWatcher] = []
        var calls = 0
        for index in 0..<2 {
            watchers.append(
                try reactor.on(signal: .user1) { _ in
                    calls += 1
                    watchers[1 - index].cancel()
                }
            )
        }
        kill(getpid(), SIGUSR1)
        run(reactor, until: { calls > 0 })
        turns(2, of: reactor)
        #expect(calls == 1)
    }

    @Test func oneReactorPerSignal() throws {
        let first = try Reactor()
        let second = try Reactor()
        let watcher = try first.on(signal: .interrupt) { _ in }
        let error = #expect(throws: ReactorError.self) { try second.on(signal: .interrupt) { _ in } }
        #expect(error?.code == .signalInUse)
        #expect(error?.description.hasPrefix("SIGINT is already watched by another reactor") == true)
        let both = #expect(throws: ReactorError.self) { try second.onTermination { _ in } }
        #expect(both?.code == .signalInUse)
        watcher.cancel()
        var calls = 0
        try second.on(signal: .interrupt) { _ in calls += 1 }
        kill(getpid(), SIGINT)
        run(second, until: { calls == 1 })
    }

    @Test func theOldDispositionIsRestored() throws {
        func disposition() -> Int {
            var current = sigaction()
            sigaction(SIGUSR1, nil, &current)
            return unsafeBitCast(current.__sigaction_handler.sa_handler, to: Int.self)
        }
        signal(SIGUSR1, SIG_IGN)
        defer { signal(SIGUSR1, SIG_DFL) }
        let ignored = disposition()
        do {
            let reactor = try Reactor()
            let watchers = [try reactor.on(signal: .user1) { _ in }, try reactor.on(signal: .user1) { _ in }]
            #expect(disposition() != ignored)
            watchers[0].cancel()
            #expect(disposition() != ignored)
            watchers[1].cancel()
            #expect(disposition() == ignored)
            try reactor.on(signal: .user1) { _ in }
            #expect(disposition() != ignored)
        }
        #expect(disposition() == ignored, "a released reactor restores the disposition of its signals")
    }

    @Test func termination() throws {
        let reactor = try Reactor()
        var seen: [Signal] = []
        let watchers = try reactor.onTermination { seen.append($0) }
        kill(getpid(), SIGINT)
        run(reactor, until: { seen.count == 1 })
        kill(getpid(), SIGTERM)
        run(reactor, until: { seen.count == 2 })
        #expect(seen == [.interrupt, .terminate])
        watchers.forEach { $0.cancel() }
        try reactor.stopOnTermination()
        kill(getpid(), SIGTERM)
        reactor.run()
    }

    @Test(arguments: [0, -1, 9, 19, 32, 1000] as [CInt])
    func whatCannotBeWatched(number: CInt) throws {
        let reactor = try Reactor()
        let error = #expect(throws: ReactorError.self) { try reactor.on(signal: Signal(rawValue: number)) { _ in } }
        #expect(error?.code == .invalidArgument)
    }

    @Test("SIG-03, POL-13: interrupted calls are invisible, and the signal arrives while the loop waits")
    func interruptedCallsAreInvisible() throws {
        // A handler that does not restart the calls that it interrupts.
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in interruptions.add(1, ordering: .relaxed) }
        var former = sigaction()
        sigaction(SIGWINCH, &action, &former)
        // The threads of the test library let no signal through.
        var (signals, formerSignals) = (sigset_t(), sigset_t())
        sigaddset(&signals, SIGWINCH)
        pthread_sigmask(SIG_UNBLOCK, &signals, &formerSignals)
        defer {
            pthread_sigmask(SIG_SETMASK, &formerSignals, nil)
            sigaction(SIGWINCH, &former, nil)
        }
        let reactor = try Reactor()
        reactor.idleStrategy = .park
        let pair = SocketPair()
        let sent = [UInt8](0..<200)
        var received: [UInt8] = []
        try reactor.watch(pair.a, for: .readable) { _, ready in
            #expect(ready == .readable)
            var byte: UInt8 = 0
            #expect(read(pair.a, &byte, 1) == 1)
            received.append(byte)
        }
        var calls = 0
        try reactor.on(signal: .user1) { _ in calls += 1 }
        let start = SuspendingClock.now
        var timerTime: Duration?
        reactor.after(.milliseconds(20)) { _ in timerTime = start.duration(to: .now) }
        let (target, end) = (pthread_self(), pair.b)
        let before = interruptions.load(ordering: .relaxed)
        let thread = OtherThread {
            for byte in sent {
                kill(getpid(), SIGUSR1)
                for _ in 0..<5 { pthread_kill(target, SIGWINCH) }
                var byte = byte
                _ = write(end, &byte, 1)
            }
        }
        run(reactor, until: { timerTime != nil && calls > 0 && received.count == sent.count })
        thread.join()
        #expect(received == sent)
        #expect(timerTime! >= .milliseconds(20))
        #expect(reactor.waits > 0)
        #expect(interruptions.load(ordering: .relaxed) > before)
    }

    @Test func names() {
        #expect(Signal.interrupt.description == "SIGINT")
        #expect(Signal.terminate.description == "SIGTERM")
        #expect(Signal(rawValue: 1000).description == "signal 1000")
    }
}
