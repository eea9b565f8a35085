import EventReactor
import Glibc
import Synchronization
import Testing
import ZMQReactorTestSupport

/// Tasks that live on a reactor, which the test runs itself.
@Suite(.hangLimit) struct ReactorTaskTests {
    /// State of the reactor's thread.
    private final class Notes {
        var texts: [String] = []
        var foreign = 0
        private let thread = pthread_self()
        func add(_ text: String) { texts.append(text) }
        func look() { if pthread_equal(thread, pthread_self()) == 0 { foreign += 1 } }
    }

    @Test func aThousandWaitsNeverLeaveTheThread() throws {
        let reactor = try Reactor()
        let notes = Notes()
        reactor.task { reactor in
            for _ in 0..<1000 {
                try await reactor.sleep(for: .zero)
                notes.look()
                await Task.yield()
                notes.look()
            }
            notes.add("end")
        }
        run(reactor, until: { !notes.texts.isEmpty })
        #expect(notes.foreign == 0)
        #expect(reactor.handle.wakeUps == 0, "a job from another thread would have woken the loop")
    }

    @Test func nothingOfATaskRunsWithinAHandler() throws {
        let reactor = try Reactor()
        let notes = Notes()
        reactor.task { _ in notes.add("begun") }
        #expect(notes.texts.isEmpty)
        reactor.after(.zero) { [unowned reactor] _ in
            reactor.task { _ in notes.add("task") }
            notes.add("handler")
        }
        run(reactor, until: { notes.texts.count == 3 })
        #expect(notes.texts.last == "task")
    }

    @Test func aTaskThatYieldsForEverStarvesNoOther() throws {
        let reactor = try Reactor()
        let notes = Notes()
        let task = reactor.task { _ in
            while !Task.isCancelled { await Task.yield() }
            notes.add("end")
        }
        var fired = 0
        reactor.every(.milliseconds(1)) { _ in fired += 1 }
        run(reactor, until: { fired == 5 })
        task.cancel()
        run(reactor, until: { notes.texts == ["end"] })
    }

    private actor Ledger {
        let handle: ReactorHandle
        private(set) var sum = 0
        private(set) var isAtHome = true
        init(on handle: ReactorHandle) { self.handle = handle }
        nonisolated var unownedExecutor: UnownedSerialExecutor { handle.asUnownedSerialExecutor() }
        func add(_ number: Int) async {
            await Task.yield()
            sum += number
            if handle.isIsolatingCurrentContext() != true { isAtHome = false }
        }
        nonisolated func sumByAssumption() -> Int { assumeIsolated { $0.sum } }
    }

    @Test func anActorLivesOnTheLoop() throws {
        let reactor = try Reactor()
        let ledger = Ledger(on: reactor.handle)
        let notes = Notes()
        reactor.task { _ in
            for number in 1...100 {
                await ledger.add(number)
                notes.look()
            }
            notes.add("\(await ledger.sum) \(await ledger.isAtHome)")
        }
        run(reactor, until: { !notes.texts.isEmpty })
        #expect(notes.texts == ["5050 true"])
        #expect(notes.foreign == 0)
        #expect(reactor.handle.wakeUps == 0)
        #expect(ledger.sumByAssumption() == 5050)
    }

    @Test func anActorOnTheLoopIsCalledFromElsewhere() async throws {
        let thread = try Reactor.start()
        let ledger = Ledger(on: thread.handle)
        await withTaskGroup { group in
            for number in 1...100 { group.addTask { await ledger.add(number) } }
        }
        #expect(await ledger.sum == 5050)
        #expect(await ledger.isAtHome)
        thread.stop()
    }

    @Test func childTasksStay() throws {
        let reactor = try Reactor()
        let handle = reactor.handle
        let notes = Notes()
        reactor.task { _ in
            let home = await withTaskGroup { group in
                for _ in 0..<10 {
                    group.addTask {
                        await Task.yield()
                        return handle.isIsolatingCurrentContext() == true
                    }
                }
                return await group.reduce(true) { $0 && $1 }
            }
            notes.add("\(home)")
        }
        run(reactor, until: { !notes.texts.isEmpty })
        #expect(notes.texts == ["true"])
        #expect(handle.wakeUps == 0)
    }

    @Test func resultsAndErrorsGoToTheAwaitingTask() async throws {
        let tasks = Mutex<[Task<Int, any Error>]>([])
        let thread = try Reactor.start { reactor in
            let good = reactor.task { _ in 42 }
            let bad = reactor.task { _ -> Int in throw CancellationError() }
            tasks.withLock { $0 = [good, bad] }
        }
        let both = tasks.withLock { $0 }
        #expect(try await both[0].value == 42)
        await #expect(throws: CancellationError.self) { try await both[1].value }
        thread.stop()
    }

    @Test func theEndOfAThreadCancelsItsTasks() async throws {
        let tasks = Mutex<[Task<Bool, any Error>]>([])
        let thread = try Reactor.start { reactor in
            let handle = reactor.handle
            let task = reactor.task { reactor in
                do { try await reactor.sleep(for: .seconds(1000)) } catch {
                    return handle.isIsolatingCurrentContext() == true
                }
                return false
            }
            tasks.withLock { $0 = [task] }
        }
        thread.stop()
        let task = tasks.withLock { $0[0] }
        #expect(try await task.value)
    }

    @Test func aTaskWhoseReactorIsGoneStillEnds() async throws {
        var reactor: Reactor? = try Reactor()
        let handle = reactor!.handle
        let early = Task(executorPreference: handle) { 1 }
        reactor = nil
        let late = Task(executorPreference: handle) {
            await Task.yield()
            return 2
        }
        #expect(await early.value == 1)
        #expect(await late.value == 2)
        let ledger = Ledger(on: handle)
        await withTaskGroup { group in
            for number in 1...100 { group.addTask { await ledger.add(number) } }
        }
        #expect(await ledger.sum == 5050)
        #expect(await !ledger.isAtHome)
    }

    @Test func isolationIsCheckedOnTheThread() async {
        await #expect(processExitsWith: .failure) {
            let thread = try Reactor.start()
            thread.handle.preconditionIsolated()
        }
    }

    @Test("child tasks inherit the preference for the reactor, and an unstructured task does not")
    func inheritance() async throws {
        let tasks = Mutex<[Task<String, any Error>]>([])
        let thread = try Reactor.start { reactor in
            let handle = reactor.handle
            @Sendable func isHere() async -> Bool { handle.isIsolatingCurrentContext() == true }
            let task = reactor.task { _ in
                async let child = isHere()
                let member = await withTaskGroup(of: Bool.self) { group in
                    group.addTask { await isHere() }
                    return await group.next()!
                }
                // It waits for a thread of the pool, however long the other tests need these.
                let unstructured = await Task { handle.isIsolatingCurrentContext() == true }.value
                return "\(await child) \(member) \(unstructured)"
            }
            tasks.withLock { $0 = [task] }
        }
        let task = tasks.withLock { $0[0] }
        #expect(try await task.value == "true true false")
        thread.stop()
    }
}
