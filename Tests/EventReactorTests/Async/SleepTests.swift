import EventReactor
import Testing
import ZMQReactorTestSupport

@Suite(.hangLimit) struct SleepTests {
    /// Runs the body as a task on a reactor until it ends.
    private func live(_ reactor: Reactor, _ body: @escaping (Reactor) async throws -> Void) throws {
        var result: Result<Void, any Error>?
        reactor.task { reactor in
            do { result = .success(try await body(reactor)) } catch { result = .failure(error) }
        }
        run(reactor, until: { result != nil })
        try result?.get()
    }

    @Test func sleepingTakesAtLeastItsTime() throws {
        try live(Reactor()) { reactor in
            for delay in [Duration.milliseconds(5), .microseconds(50), .zero, .seconds(-1)] {
                // The delay counts from the time of the turn.
                let start = reactor.now
                try await reactor.sleep(for: delay)
                #expect(SuspendingClock.now - start >= delay - .microseconds(1) || delay <= .zero)
            }
            let moment = reactor.now.advanced(by: .milliseconds(3))
            try await reactor.sleep(until: moment)
            #expect(SuspendingClock.now >= moment)
        }
    }

    @Test func cancellationEndsASleepAtOnce() throws {
        let reactor = try Reactor()
        var ended = 0
        let sleeper = reactor.task { reactor in
            defer { ended += 1 }
            try await reactor.sleep(for: .seconds(1000))
        }
        let early = reactor.task { reactor in
            defer { ended += 1 }
            try await reactor.sleep(for: .seconds(1000))
        }
        early.cancel()
        turns(1, of: reactor)
        #expect(ended == 1)
        sleeper.cancel()
        turns(1, of: reactor)
        #expect(ended == 2)
    }

    @Test func cancellationFromAnotherThread() throws {
        let reactor = try Reactor(inboxLimit: 0)
        var ended = false
        let sleeper = reactor.task { reactor in
            defer { ended = true }
            try await reactor.sleep(for: .seconds(1000))
        }
        turns(1, of: reactor)
        let thread = OtherThread { sleeper.cancel() }
        run(reactor, until: { ended })
        thread.join()
    }

    @Test func ticksComeInTheirRhythm() throws {
        let clock = ManualClock()
        let reactor = try Reactor(clock: clock)
        var numbers: [Int] = []
        let ticks = reactor.ticks(every: .seconds(1))
        let task = reactor.task { _ in for await number in ticks { numbers.append(number) } }
        turns(2, of: reactor)
        #expect(numbers == [])
        for _ in 0..<3 {
            clock.advance(by: .seconds(1))
            turns(2, of: reactor)
        }
        #expect(numbers == [1, 2, 3])
        // A late loop gets the latest tick and is in step again.
        clock.advance(by: .milliseconds(3500))
        turns(3, of: reactor)
        #expect(numbers.last == 6 || numbers == [1, 2, 3, 4, 6])
        clock.advance(by: .milliseconds(500))
        turns(2, of: reactor)
        #expect(numbers.last == 7)
        task.cancel()
        turns(2, of: reactor)
        #expect(numbers.last == 7)
    }

    @Test func readinessOfADescriptor() throws {
        let pair = SocketPair()
        let reactor = try Reactor()
        reactor.after(.milliseconds(2)) { _ in pair.poke() }
        try live(reactor) { reactor in
            let ready = try await reactor.readiness(of: pair.a, for: .readable)
            #expect(ready == .readable)
            #expect(pair.take())
            do {
                _ = try await reactor.readiness(of: -1, for: .readable)
                Issue.record("there is no descriptor -1")
            } catch let error as ReactorError {
                #expect(error.code == .badDescriptor)
            }
        }
        var results: [Readiness?] = []
        let task = reactor.task { reactor in
            results.append(try await reactor.readiness(of: pair.a, for: .readable))
        }
        turns(2, of: reactor)
        task.cancel()
        turns(1, of: reactor)
        #expect(results == [nil])
    }
}
