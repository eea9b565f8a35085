import Synchronization
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

@Suite(.hangLimit)
struct ContextTests {
    /// Reports of terminations, from any thread.
    private final class Reports: Sendable {
        private let unsent = Mutex<[Int]>([])
        var all: [Int] { unsent.withLock { $0 } }
        func add(_ report: Context.TerminationReport) { unsent.withLock { $0.append(report.unsentMessages) } }
    }

    @Test("ERR-08: after termination sockets can neither be made nor used")
    func terminated() throws {
        try withScene { scene in
            let push = try scene.push()
            let sub = try scene.sub()
            let reports = Reports()
            scene.context.terminate { reports.add($0) }
            #expect(scene.context.isTerminated)
            let error = #expect(throws: ZMQError.self) { try scene.pull() }
            #expect(error?.code == .terminated)
            try scene.run(until: { reports.all == [0] })
            for body in [
                { _ = try push.send("x") }, { try sub.subscribe(to: "") }, { _ = try sub.tryReceive() },
                { _ = try push.bind(anyPort) },
            ] as [() throws -> Void] {
                let error = #expect(throws: ZMQError.self) { try body() }
                #expect(error?.code == .terminated)
            }
            #expect(push.isClosed && sub.isClosed)
            push.close()
        }
    }

    @Test("terminating completes when the last socket is closed, and may be requested twice")
    func twice() throws {
        try withTimedScene { scene in
            let push = try scene.push { $0.linger = .atMost(.milliseconds(100)) }
            try push.connect(scene.freshEndpoint())
            for _ in 0..<4 { _ = try push.send("x") }
            let reports = Reports()
            scene.context.terminate { reports.add($0) }
            scene.context.terminate { reports.add($0) }
            #expect(reports.all.isEmpty)
            try scene.run(until: { reports.all.count == 2 })
            #expect(reports.all == [4, 4])
            scene.context.terminate { reports.add($0) }
            #expect(reports.all.count == 3, "nothing is left to wait for")
        }
    }

    @Test("CTX-07: sockets of one context come and go on many threads at once")
    func manyThreads() throws {
        let context = Context.ofTests()
        let done = Atomic(0)
        let received = Atomic(0)
        let threads = try (0..<4).map { _ in try Reactor.start() }
        for thread in threads {
            thread.handle.submit { reactor in
                do {
                    for _ in 0..<20 {
                        let pull = try PullSocket(on: reactor, in: context) { _, _ in
                            received.add(1, ordering: .relaxed)
                        }
                        let push = try PushSocket(on: reactor, in: context)
                        try push.connect(pull.bind(Unique.inprocEndpoint()))
                        _ = try push.send("x")
                        let sub = try SubSocket(on: reactor, in: context)
                        try sub.bind(anyPort)
                        sub.close { _ in done.add(1, ordering: .relaxed) }
                    }
                } catch {
                    Issue.record(error)
                }
            }
        }
        try waitUntil("all threads") {
            done.load(ordering: .relaxed) == 80 && received.load(ordering: .relaxed) == 80
        }
        let reports = Reports()
        context.terminate { reports.add($0) }
        try waitUntil("the end") { reports.all == [0] }
        for thread in threads {
            thread.stop()
            thread.join()
        }
    }

    @Test(
        "THR-05: a detached thread with its own context behaves like another process",
        arguments: Road.wire
    )
    func detachedThread(road: Road) throws {
        try withScene { scene in
            let pull = try scene.pull()
            let endpoint = try pull.bind(road.endpoint)
            let thread = try Reactor.start { reactor in
                let push = try PushSocket(on: reactor, in: Context.ofTests())
                try push.connect(endpoint)
                _ = try push.send("from a thread of its own")
                push.close()
            }
            #expect(try scene.receive(pull) == "from a thread of its own")
            thread.stop()
            thread.join()
        }
    }

    @Test("a task waits for the termination, whose sockets are on other threads")
    func awaited() async throws {
        let context = Context.ofTests()
        let thread = try Reactor.start { reactor in
            let push = try PushSocket(on: reactor, in: context)
            try push.configure { $0.linger = .atMost(.milliseconds(20)) }
            try push.connect(Unique.inprocEndpoint())
            for _ in 0..<3 { _ = try push.send("nobody takes it") }
        }
        let report = await context.terminate()
        #expect(report.unsentMessages == 3)
        #expect(await context.terminate().unsentMessages == 3)
        let count = try await thread.handle.run { ContextMembers.of($0).all.count }
        #expect(count == 0)
        thread.stop()
        await thread.join()
    }

    @Test("an unused context terminates at once")
    func unused() {
        let reports = Reports()
        Context.ofTests().terminate { reports.add($0) }
        #expect(reports.all == [0])
    }

    @Test("ERR-08, CTX-09: terminating ends the sockets of several reactors on their own threads")
    func severalReactors() throws {
        let context = Context.ofTests()
        let received = Atomic(0)
        let sender = try Reactor()
        let endpoint = Mutex("")
        let receiver = try Reactor.start { reactor in
            do {
                let pull = try PullSocket(on: reactor, in: context) { _, _ in received.add(1, ordering: .relaxed) }
                let bound = try pull.bind(anyPort)
                endpoint.withLock { $0 = bound }
            } catch {
                Issue.record(error)
            }
        }
        try waitUntil("the other reactor to bind") { endpoint.withLock { !$0.isEmpty } }
        let push = try PushSocket(on: sender, in: context)
        try push.connect(endpoint.withLock { $0 })
        for _ in 0..<1000 { #expect(try push.send("x") == .accepted) }
        try sender.run(until: { received.load(ordering: .relaxed) == 1000 })
        let reports = Reports()
        context.terminate { reports.add($0) }
        try sender.run(until: { reports.all == [0] })
        receiver.handle.stop()
        receiver.join()
    }
}
