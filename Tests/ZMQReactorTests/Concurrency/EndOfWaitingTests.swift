import Synchronization
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// How waiting tasks end with their socket.
@Suite(.hangLimit)
struct EndOfWaitingTests {
    /// One task for each way to wait.
    private func waitInAllWays(_ scene: Scene, _ records: Recorder) throws -> [Socket] {
        let (pull, push, rep, req, pub) = (
            try scene.pull(), try scene.push(), try scene.rep(), try scene.req(), try scene.pub()
        )
        try req.connect(freeEndpoint())
        scene.task(records) { _ in _ = try await pull.receive() }
        scene.task(records) { _ in for try await _ in pull.messages {} }
        scene.task(records) { _ in _ = try await pull.receive(upTo: 3) }
        scene.task(records) { _ in try await push.sendWhenReady("x") }
        scene.task(records) { _ in for try await _ in rep.requests {} }
        scene.task(records) { _ in _ = try await req.request("x", timeout: .seconds(100), retries: 3) }
        scene.task(records) { _ in try await pub.waitForSubscribers() }
        scene.turn()
        #expect(records.texts.isEmpty)
        return [pull, push, rep, req, pub]
    }

    @Test("ERR-08: closing a socket ends pending waits, in milliseconds")
    func close() throws {
        try withScene { scene in
            let records = Recorder()
            let sockets = try waitInAllWays(scene, records)
            let start = ContinuousClock.now
            for socket in sockets { socket.close() }
            try scene.wait(for: 7, entriesOf: records)
            #expect(ContinuousClock.now - start < .milliseconds(500))
            #expect(records.texts == Array(repeating: "ENOTSOCK", count: 7))
            let pull = try #require(sockets[0] as? PullSocket)
            scene.task(records) { _ in _ = try await pull.receive() }
            try scene.wait(for: 8, entriesOf: records)
            #expect(records.texts.last == "ENOTSOCK")
            // The REQ lingers: its request has not been sent.
            try sockets[3].configure { $0.linger = .none }
        }
    }

    @Test(
        "ERR-08, CTX-08, POL-13: terminating the context ends pending waits, from this thread or another",
        arguments: [false, true]
    )
    func terminate(elsewhere: Bool) throws {
        try withScene { scene in
            let records = Recorder()
            let sockets = try waitInAllWays(scene, records)
            for socket in sockets { try socket.configure { $0.linger = .none } }
            let context = scene.context
            let start = ContinuousClock.now
            if elsewhere { startThread { context.terminate() } } else { context.terminate() }
            try scene.wait(for: 7, entriesOf: records)
            #expect(ContinuousClock.now - start < .milliseconds(500))
            #expect(records.texts == Array(repeating: "ETERM", count: 7))
        }
    }

    @Test("ERR-08: a receive pending on another thread ends with the context, whose termination then completes")
    func pendingElsewhere() async throws {
        let context = Context()
        let tasks = Mutex<[Task<ZMQError.Code?, any Error>]>([])
        let thread = try Reactor.start { reactor in
            let pull = try PullSocket(on: reactor, in: context)
            let task = reactor.task { _ -> ZMQError.Code? in
                do throws(ZMQError) { _ = try await pull.receive() } catch { return error.code }
                return nil
            }
            tasks.withLock { $0 = [task] }
        }
        await withCheckedContinuation { done in context.terminate { _ in done.resume() } }
        let task = tasks.withLock { $0[0] }
        #expect(try await task.value == .terminated)
        thread.stop()
    }

    @Test("a cancellation from another thread ends a wait")
    func cancelledElsewhere() throws {
        try withScene { scene in
            let (pull, records) = (try scene.pull(), Recorder())
            let task = scene.task(records) { _ in _ = try await pull.receive() }
            scene.turn()
            startThread { task.cancel() }
            try scene.wait(for: 1, entriesOf: records)
            #expect(records.texts == ["ECANCELED"])
        }
    }
}
