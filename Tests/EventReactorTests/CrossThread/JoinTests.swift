import EventReactor
import Testing
import ZMQReactorTestSupport

@Suite(.hangLimit) struct JoinTests {
    // The system gives the memory, and so the number, of an ended thread to the next one.
    @Test("a thread that has ended can be joined on the one that has its number now")
    func reusedNumber() async throws {
        for _ in 0..<20 {
            let ended = try Reactor.start()
            let endedWithState = try Reactor.start(making: { _ in 1 })
            for thread in [ended, endedWithState.thread] {
                thread.stop()
                await thread.join()
            }
            let threads = try (0..<2).map { _ in try Reactor.start() }
            for thread in threads {
                try await thread.handle.run { _ in
                    ended.join()
                    endedWithState.join()
                }
                thread.stop()
            }
            for thread in threads { await thread.join() }
        }
    }

    @Test("a thread that joins itself traps, with advice")
    func itself() async {
        await #expect(processExitsWith: .failure) {
            let thread = try Reactor.start()
            _ = try await thread.handle.run { _ in thread.join() }
        }
    }
}
