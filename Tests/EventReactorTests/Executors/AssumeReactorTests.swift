import EventReactor
import Testing
import ZMQReactorTestSupport

@Suite(.hangLimit) struct AssumeReactorTests {
    private actor Beats {
        private let handle: ReactorHandle
        private(set) var count = 0

        init(on handle: ReactorHandle) { self.handle = handle }

        nonisolated var unownedExecutor: UnownedSerialExecutor { handle.asUnownedSerialExecutor() }

        /// A plain closure uses the state of the actor.
        func start() { handle.assumeReactor().every(.microseconds(10)) { _ in self.count += 1 } }

        func stop() { handle.assumeReactor().stop() }
    }

    @Test("an actor on a reactor makes watchers there, whose closures use its state")
    func watchers() async throws {
        let thread = try Reactor.start()
        let beats = Beats(on: thread.handle)
        await beats.start()
        while await beats.count < 3 { await Task.yield() }
        await beats.stop()
        await thread.join()
    }

    @Test("it is the reactor of the handle")
    func identity() throws {
        let (reactor, other) = (try Reactor(), try Reactor())
        #expect(reactor.handle.assumeReactor() === reactor)
        #expect(other.handle.assumeReactor() === other)
    }

    @Test("on another thread, and without a reactor, it traps")
    func traps() async {
        await #expect(processExitsWith: .failure) {
            let thread = try Reactor.start()
            _ = thread.handle.assumeReactor()
        }
        await #expect(processExitsWith: .failure) {
            let handle = try Reactor().handle
            _ = handle.assumeReactor()
        }
    }
}
