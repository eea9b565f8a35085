import EventReactor
import Testing
import ZMQReactorTestSupport

@Suite(.hangLimit) struct RunTests {
    @Test("tasks of any executor get what their work returns")
    func results() async throws {
        let thread = try Reactor.start()
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<1000 { group.addTask { try await thread.handle.run { _ in number } } }
            return try await group.reduce(0, +)
        }
        #expect(sum == 499_500)
        let isOnThread = try await thread.handle.run { $0.handle.isIsolatingCurrentContext() == true }
        #expect(isOnThread)
        thread.stop()
        await thread.join()
    }

    @Test("what the work throws is thrown")
    func errors() async throws {
        struct Refused: Error {}
        let thread = try Reactor.start()
        await #expect(throws: Refused.self) { try await thread.handle.run { _ in throw Refused() } }
        thread.stop()
        await thread.join()
    }

    @Test("work runs after what was submitted before it")
    func order() async throws {
        let thread = try Reactor.start()
        let counter = Counter()
        for _ in 0..<100 { thread.handle.submit { _ in counter.add() } }
        let count = try await thread.handle.run { _ in counter.value }
        #expect(count == 100)
        thread.stop()
        await thread.join()
    }

    @Test("a reactor that is gone, drops the work, or has a full inbox: an error says which")
    func refused() async throws {
        let gone = try Reactor().handle
        await #expect { try await gone.run { _ in } } throws: { ($0 as? ReactorError)?.code == .reactorGone }

        let full = try Reactor(inboxLimit: 0)
        let handle = full.handle
        await #expect { try await handle.run { _ in } } throws: { ($0 as? ReactorError)?.code == .inboxFull }

        var dropping: Reactor? = try Reactor()
        let dropped = Task { [handle = dropping!.handle] in try await handle.run { _ -> Void in Issue.record("it ran") }
        }
        while dropping?.handle.wakeUps == 0 { await Task.yield() }
        dropping = nil
        await #expect { try await dropped.value } throws: { ($0 as? ReactorError)?.code == .reactorGone }
    }

    @Test("a cancelled task does not wait, and its work does not begin")
    func cancelled() async throws {
        let thread = try Reactor.start()
        let (hasBegun, mayGoOn) = (Counter(), Counter())
        thread.handle.submit { _ in
            hasBegun.add()
            while mayGoOn.value == 0 {}
        }
        // Until the inbox has been emptied, a second piece of work wakes nothing.
        while hasBegun.value == 0 { await Task.yield() }
        let waiting = Task { [handle = thread.handle] in
            try await handle.run { _ -> Void in Issue.record("it ran") }
        }
        while thread.handle.wakeUps < 2 { await Task.yield() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        let late = Task { [handle = thread.handle] in
            while !Task.isCancelled { await Task.yield() }
            try await handle.run { _ -> Void in Issue.record("it ran") }
        }
        late.cancel()
        await #expect(throws: CancellationError.self) { try await late.value }
        mayGoOn.add()
        try await thread.handle.run { _ in }
        thread.stop()
        await thread.join()
    }

    @Test("work that has begun ends, and its result arrives, after a cancellation")
    func cancelledTooLate() async throws {
        let thread = try Reactor.start()
        let hasBegun = Counter()
        let mayEnd = Counter()
        let task = Task { [handle = thread.handle] in
            try await handle.run { _ in
                hasBegun.add()
                while mayEnd.value == 0 {}
                return 7
            }
        }
        while hasBegun.value == 0 { await Task.yield() }
        task.cancel()
        mayEnd.add()
        let value = try await task.value
        #expect(value == 7)
        thread.stop()
        await thread.join()
    }
}
