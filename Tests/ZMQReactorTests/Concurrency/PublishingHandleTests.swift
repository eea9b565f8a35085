import EventReactor
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Publishing from other threads, and what waits to be sent.
@Suite(.hangLimit)
struct PublishingHandleTests {
    @Test("PUB and XPUB publish what other threads send, in order, with all its frames")
    func publishing() throws {
        try withScene { scene in
            let (pub, xpub, sub) = (try scene.pub(), try scene.xpub(), try scene.sub(to: "a"))
            for publisher in [pub, xpub] as [PublishingSocket] {
                try sub.connect(publisher.bind(anyPort))
                try scene.wait(for: 1, subscribersOf: publisher)
            }
            let (handle, other) = (pub.handle, xpub.handle)
            // Not on the shared pool, whose threads may all be running tests.
            let thread = try Reactor.start { reactor in
                reactor.task { _ in
                    for number in 0..<100 { try await handle.sendWhenReady(["a", Frame("\(number)")]) }
                    try await handle.sendWhenReady(["b", "nobody"])
                    try await other.sendWhenReady(["a", "x"])
                }
            }
            defer {
                thread.stop()
                thread.join()
            }
            var received = try (0..<101).map { _ in try scene.receive(sub).text }
            let last = received.firstIndex(of: "a|x")
            received.remove(at: try #require(last))
            #expect(received == (0..<100).map { "a|\($0)" })
        }
    }

    @Test("TS-5: cancelled sends behind one that waits take no memory")
    func cancelled() throws {
        try withVirtualScene { scene in
            let push = try scene.push { $0.sendHighWaterMark = 1 }
            let (handle, records) = (push.handle, Recorder())
            let outbox = try #require(push.outlet).outbox
            try #expect(handle.send("first") == .accepted)
            let waiting = scene.task(records) { _ in try await handle.sendWhenReady("waits") }
            scene.turn()
            for _ in 0..<1000 {
                let task = scene.task(records) { _ in try await handle.sendWhenReady("x") }
                scene.turn()
                task.cancel()
                scene.turn()
            }
            #expect(records.count == 1000 && outbox.waiting(for: Outbox.anyone) == 1)
            #expect(outbox.lineLength(for: Outbox.anyone) < 100)
            waiting.cancel()
            scene.turn()
        }
    }
}
