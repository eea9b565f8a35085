import EventReactor
import Synchronization
import Testing

@Suite struct SubmitTests {
    @Test func fromFourThreadsInOrderOfEach() throws {
        let reactor = try Reactor()
        let handle = reactor.handle
        let count = 10_000
        let log = Mutex<[[Int]]>([[], [], [], []])
        nonisolated(unsafe) let shared = Log(log: [[], [], [], []])
        let threads = (0..<4).map { thread in
            OtherThread {
                for number in 0..<count {
                    let result = handle.submit { _ in shared.log[thread].append(number) }
                    if result != .accepted { log.withLock { $0[thread].append(number) } }
                }
            }
        }
        run(reactor, within: .seconds(30), until: { shared.log.allSatisfy { $0.count == count } })
        threads.forEach { $0.join() }
        #expect(shared.log.allSatisfy { $0 == Array(0..<count) })
        #expect(log.withLock { $0.allSatisfy(\.isEmpty) })
        #expect(handle.wakeUps <= 4 * count)
    }

    /// Accessed only by the reactor's thread.
    final class Log {
        var log: [[Int]]
        init(log: [[Int]]) { self.log = log }
    }

    @Test func oneWakeUpForAnyAmountOfWork() throws {
        let reactor = try Reactor()
        let counter = Counter()
        for _ in 0..<1000 { reactor.handle.submit { _ in counter.add() } }
        #expect(reactor.handle.wakeUps == 1)
        turns(1, of: reactor)
        #expect(counter.value == 1000)
        for _ in 0..<1000 { reactor.handle.submit { _ in counter.add() } }
        #expect(reactor.handle.wakeUps == 2)
        turns(1, of: reactor)
        #expect(counter.value == 2000)
    }

    @Test func boundedInbox() throws {
        let reactor = try Reactor(inboxLimit: 3)
        let counter = Counter()
        let results = (0..<5).map { _ in reactor.handle.submit { _ in counter.add() } }
        #expect(results == [.accepted, .accepted, .accepted, .full, .full])
        turns(1, of: reactor)
        #expect(counter.value == 3)
        #expect(reactor.handle.submit { _ in counter.add() } == .accepted)
        turns(1, of: reactor)
        #expect(counter.value == 4)
        let closed = try Reactor(inboxLimit: 0)
        #expect(closed.handle.submit { _ in } == .full)
    }

    @Test func workThatSubmitsItselfIsNeitherFullNorStarving() throws {
        let reactor = try Reactor(inboxLimit: 1)
        let counter = Counter()
        @Sendable func again(_ reactor: Reactor) {
            counter.add()
            #expect(reactor.handle.submit(again) == .accepted)
        }
        reactor.handle.submit(again)
        let pair = SocketPair()
        pair.poke()
        var served = 0
        try reactor.watch(pair.a, for: .readable) { _, _ in served += 1 }
        for turn in 1...10 {
            turns(1, of: reactor)
            #expect(counter.value == turn)
            #expect(served == turn)
        }
    }

    @Test func aTurnTakesAtMost4096() throws {
        let reactor = try Reactor(inboxLimit: 20_000)
        let counter = Counter()
        for _ in 0..<10_000 { reactor.handle.submit { _ in counter.add() } }
        reactor.run(.once)
        #expect(counter.value == 4096)
        let results = (0..<5000).map { _ in reactor.handle.submit { _ in counter.add() } }
        #expect(results.filter { $0 == .accepted }.count == 5000)
        for done in [8192, 10_000, 14_096, 15_000] {
            reactor.run(.once)
            #expect(counter.value == done)
        }
    }

    @Test func carriedOverWorkCountsAsWaiting() throws {
        let reactor = try Reactor(inboxLimit: 5000)
        for _ in 0..<5000 { reactor.handle.submit { _ in } }
        turns(1, of: reactor)
        let results = (0..<5000).map { _ in reactor.handle.submit { _ in } }
        #expect(results.filter { $0 == .accepted }.count == 4096)
    }

    @Test func stopIsHandledWhileWorkIsCarriedOver() throws {
        let reactor = try Reactor()
        let counter = Counter()
        for _ in 0..<10_000 { reactor.handle.submit { _ in counter.add() } }
        turns(1, of: reactor)
        reactor.after(.zero) { [unowned reactor] _ in reactor.handle.stop() }
        reactor.run()
        #expect(counter.value < 10_000)
        run(reactor, until: { counter.value == 10_000 })
    }

    @Test func pendingWorkIsDroppedWithTheReactor() throws {
        final class Witness: Sendable {
            let released: Counter
            init(_ released: Counter) { self.released = released }
            deinit { released.add() }
        }
        let released = Counter()
        let ran = Counter()
        var reactor: Reactor? = try Reactor()
        let handle = reactor!.handle
        do {
            let witness = Witness(released)
            #expect(handle.submit { _ in withExtendedLifetime(witness) { ran.add() } } == .accepted)
        }
        #expect(released.value == 0)
        reactor = nil
        #expect(released.value == 1)
        #expect(ran.value == 0)
        #expect(handle.submit { _ in ran.add() } == .gone)
        handle.stop()
    }

    @Test func stopFromAnotherThreadWhileBlocked() throws {
        for _ in 0..<50 {
            let reactor = try Reactor()
            let handle = reactor.handle
            let thread = OtherThread { handle.stop() }
            reactor.run()
            thread.join()
        }
    }
}
