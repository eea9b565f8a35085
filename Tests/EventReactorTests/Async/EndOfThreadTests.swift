import Glibc
import Testing
import ZMQReactorTestSupport

@testable import EventReactor

/// What tasks wait for on a thread that ends.
@Suite(.hangLimit) struct EndOfThreadTests {
    /// Lives on a reactor, and is called by tasks from elsewhere.
    private actor Guest {
        let handle: ReactorHandle
        nonisolated var unownedExecutor: UnownedSerialExecutor { handle.asUnownedSerialExecutor() }

        init(on handle: ReactorHandle) { self.handle = handle }

        func sleep() async throws { try await handle.assumeReactor().sleep(for: .seconds(1000)) }

        func readiness(of descriptor: CInt) async throws -> Readiness? {
            try await handle.assumeReactor().readiness(of: descriptor, for: .readable)
        }

        func countTicks() async -> Int {
            var count = 0
            for await _ in handle.assumeReactor().ticks(every: .seconds(1000)) { count += 1 }
            return count
        }
    }

    @Test("a sleep, a readiness and ticks end with the thread, in a task that the reactor has not begun")
    func tasksFromElsewhere() async throws {
        let thread = try Reactor.start()
        let guest = Guest(on: thread.handle)
        let pair = SocketPair()
        let descriptor = pair.a
        let sleep = Task { try await guest.sleep() }
        let ticks = Task { await guest.countTicks() }
        let readiness = Task { try await guest.readiness(of: descriptor) }
        while try await thread.handle.run({ $0.timers.count < 2 || $0.registry.count < 1 }) {}
        thread.stop()
        await thread.join()
        await #expect(throws: CancellationError.self) { try await sleep.value }
        #expect(await ticks.value == 0)
        #expect(try await readiness.value == nil)
        withExtendedLifetime(pair) {}
    }
}
