import Synchronization
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

@Suite(.hangLimit)
struct PairThreadTests {
    /// Reports of threads, from any thread.
    private final class Notes: Sendable {
        private let texts = Mutex<[String]>([])
        var all: [String] { texts.withLock { $0 } }
        func add(_ text: String) { texts.withLock { $0.append(text) } }
    }

    private func end(_ thread: PairThread, _ scene: Scene) throws {
        thread.end()
        try scene.run(until: { thread.hasEnded }, "the thread to end")
    }

    @Test("THR-04: the thread is connected to its parent when it starts, and replies")
    func echo() throws {
        try withScene { scene in
            let inbox = Recorder()
            let thread = try scene.context.startThread(named: "echo", on: scene.reactor) { _, parent in
                parent.onMessage { parent, message in _ = try? parent.send("echo of \(message.string)") }
            }
            thread.socket.onMessage { _, message in inbox.add(message) }
            try scene.run(until: { thread.socket.peerCount == 1 })
            for number in 0..<3 { #expect(try thread.socket.send("\(number)") == .accepted) }
            try scene.run(until: { inbox.count == 3 })
            #expect(inbox.texts == (0..<3).map { "echo of \($0)" })
            try end(thread, scene)
        }
    }

    @Test("THR-04: it receives messages sent before the end, and its replies arrive")
    func nothingIsLost() throws {
        try withScene { scene in
            let notes = Notes()
            let thread = try scene.context.startThread(on: scene.reactor) { reactor, parent in
                parent.onMessage { _, message in notes.add(message.string) }
            }
            var ended = 0
            thread.onEnd = { _ in ended += 1 }
            try scene.run(until: { thread.socket.peerCount == 1 })
            for number in 0..<1500 { #expect(try thread.socket.send("\(number)") == .accepted) }
            thread.end()
            thread.end()
            try scene.run(until: { ended > 0 })
            #expect(notes.all == (0..<1500).map(String.init))
            #expect(ended == 1 && thread.hasEnded)
            #expect(thread.thread.handle.submit { _ in } == .gone)
        }
    }

    @Test("the message of a thread that sends and closes arrives, and the thread ends by itself")
    func lastWord() throws {
        try withScene { scene in
            let inbox = Recorder()
            let thread = try scene.context.startThread(on: scene.reactor) { _, parent in
                _ = try parent.send("READY")
                parent.close()
            }
            thread.socket.onMessage { _, message in inbox.add(message) }
            var heard: [String]?
            thread.onEnd = { _ in heard = inbox.texts }
            try scene.run(until: { heard != nil })
            #expect(heard == ["READY"])
            #expect(!thread.socket.isClosed, "the parent's socket stays open")
            try end(thread, scene)
        }
    }

    @Test("THR-04: its other sockets are closed with it, and their queued messages are sent")
    func otherSockets() throws {
        try withScene { scene in
            let inbox = Recorder()
            let results = try scene.pull { _, message in inbox.add(message) }
            let endpoint = try results.bind(anyPort)
            let context = scene.context
            let thread = try context.startThread(on: scene.reactor) { reactor, _ in
                let push = try PushSocket(on: reactor, in: context)
                try push.connect(endpoint)
                for number in 0..<100 { _ = try push.send("\(number)") }
            }
            try end(thread, scene)
            try scene.run(until: { inbox.count == 100 })
        }
    }

    @Test(
        "THR-04: a thread may start threads, and they end from the leaves up or all at once",
        arguments: [false, true]
    )
    func grandchildren(terminate: Bool) throws {
        try withScene { scene in
            let context = scene.context
            let notes = Notes()
            let thread = try context.startThread(on: scene.reactor) { reactor, parent in
                let child = try context.startThread(on: reactor) { _, parent in _ = try parent.send("ready") }
                child.onEnd = { _ in notes.add("child") }
                child.socket.onMessage { _, message in _ = try? parent.send(message) }
            }
            let inbox = Recorder()
            thread.socket.onMessage { _, message in inbox.add(message) }
            try scene.run(until: { inbox.texts == ["ready"] })
            if terminate { context.terminate() }
            try end(thread, scene)
        }
    }

    @Test("ERR-08: terminating the context ends the thread, and completes after it")
    func termination() throws {
        try withScene { scene in
            let context = scene.context
            let thread = try context.startThread(on: scene.reactor) { reactor, _ in
                _ = try PullSocket(on: reactor, in: context)
            }
            try scene.run(until: { thread.socket.peerCount == 1 })
            let notes = Notes()
            context.terminate { _ in notes.add("terminated") }
            try scene.run(until: { notes.all.count == 1 && thread.hasEnded })
            thread.thread.join()
            let error = #expect(throws: ZMQError.self) {
                try context.startThread(on: scene.reactor) { _, _ in }
            }
            #expect(error?.code == .terminated)
        }
    }

    @Test("a thread whose setup fails has ended, and leaves nothing behind")
    func failure() throws {
        struct Refusal: Error {}
        try withScene { scene in
            #expect(throws: Refusal.self) {
                try scene.context.startThread(on: scene.reactor) { _, _ in throw Refusal() }
            }
            try scene.run(until: { ContextMembers.of(scene.reactor).members(of: scene.context).isEmpty })
        }
    }

    @Test("a thread that receives no messages still ends")
    func deafThread() throws {
        try withScene { scene in
            let thread = try scene.context.startThread(on: scene.reactor) { _, _ in }
            try scene.run(until: { thread.socket.peerCount == 1 })
            for _ in 0..<10 { _ = try thread.socket.send("never received") }
            try end(thread, scene)
        }
    }

    @Test("a stopped thread has ended, from wherever it was stopped")
    func stopped() throws {
        try withScene { scene in
            let thread = try scene.context.startThread(on: scene.reactor) { reactor, _ in
                reactor.after(.zero) { _ in reactor.stop() }
            }
            try scene.run(until: { thread.hasEnded })
            thread.end()
        }
    }
}
