import EventReactor
import Testing
import ZMQReactorTestSupport

@Suite(.hangLimit) struct StatefulReactorThreadTests {
    /// Not sendable.
    private final class Service {
        private(set) var requests = 0
        private let released: Counter

        init(on reactor: Reactor, _ released: Counter) {
            self.released = released
            reactor.every(.microseconds(10)) { [weak self] _ in self?.requests += 1 }
        }

        deinit { released.add() }
    }

    @Test("what a thread has set up is reached from any task, and released when the thread ends")
    func state() async throws {
        let released = Counter()
        let thread = try Reactor.start(named: "service", making: { Service(on: $0, released) })
        while try await thread.run({ _, service in service.requests }) < 3 {}
        let isOnThread = try await thread.run { reactor, _ in reactor.handle.isIsolatingCurrentContext() == true }
        #expect(isOnThread)
        #expect(released.value == 0)
        thread.stop()
        await thread.join()
        #expect(released.value == 1)
        await #expect { try await thread.run { _, _ in } } throws: { ($0 as? ReactorError)?.code == .reactorGone }
    }

    @Test("two threads with states of the same type have one each")
    func twoStates() async throws {
        let threads = try (0..<2).map { number in try Reactor.start(making: { _ in number }) }
        for (number, thread) in threads.enumerated() {
            let state = try await thread.run { _, state in state }
            #expect(state == number)
            thread.stop()
            await thread.join()
        }
    }

    @Test("a state that cannot be made: the error is thrown, and the thread ends")
    func failure() {
        struct Refused: Error {}
        #expect(throws: Refused.self) { try Reactor.start(making: { _ -> Int in throw Refused() }) }
    }

    @Test("many tasks join a thread, before and after its end")
    func joins() async throws {
        let thread = try Reactor.start()
        let joined = Counter()
        await withTaskGroup { group in
            for _ in 0..<100 {
                group.addTask {
                    await thread.join()
                    joined.add()
                }
            }
            group.addTask { thread.stop() }
        }
        await thread.join()
        #expect(joined.value == 100)
        #expect(thread.handle.submit { _ in } == .gone)
    }

    @Test("a state ends after the objects of the reactor, also those that were made later")
    func stateEndsLast() async throws {
        final class Order: Sendable {
            let texts = Locked<[String]>([])
            func add(_ text: String) { texts.withLock { $0.append(text) } }
        }
        final class Owner {
            let order: Order
            init(_ order: Order) { self.order = order }
            deinit { order.add("state") }
        }
        final class Late: EndOfThreadHandler {
            let order: Order
            init(_ order: Order) { self.order = order }
            func reactorThreadEnds() { order.add("late") }
        }
        let order = Order()
        let thread = try Reactor.start(making: { _ in Owner(order) })
        try await thread.run { reactor, owner in _ = reactor.shared(Late.self) { Late(owner.order) } }
        thread.stop()
        await thread.join()
        #expect(order.texts.withLock { $0 } == ["late", "state"])
    }
}
