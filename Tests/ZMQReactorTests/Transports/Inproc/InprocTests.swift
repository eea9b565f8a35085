import Glibc
import Synchronization
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor
@testable import ZMTP

@Suite(.hangLimit)
struct InprocTests {
    @Test("TRN-09, TRN-11, TOP-13, MMP-11: the order of bind and connect does not matter", arguments: [true, false])
    func orderIsFree(bindsFirst: Bool) throws {
        try withScene { scene in
            let inbox = Recorder()
            let endpoint = Unique.inprocEndpoint()
            let (push, pull) = (try scene.push(), try scene.pull { inbox.add($1) })
            if bindsFirst { try pull.bind(endpoint) }
            try push.connect(endpoint)
            #expect(try push.send("one") == .accepted)
            if !bindsFirst { try pull.bind(endpoint) }
            #expect(try push.send("two") == .accepted)
            try scene.run(until: { inbox.count == 2 })
            #expect(inbox.texts == ["one", "two"])
        }
    }

    @Test("HWM-08: the limits of both sides add up, exactly", arguments: [(20, 10, 30), (0, 10, nil), (20, 0, nil)])
    func limitsAddUp(send: Int, receive: Int, sum: Int?) throws {
        try withTimedScene { scene in
            let endpoint = Unique.inprocEndpoint()
            let push = try scene.push { $0.sendHighWaterMark = send }
            let pull = try scene.pull { $0.receiveHighWaterMark = receive }
            try pull.bind(endpoint)
            try push.connect(endpoint)
            #expect(try push.fill(with: "x", limit: 5000) == sum ?? 5000)
            scene.settle()
            #expect(try push.send("x") == (sum == nil ? .accepted : .wouldBlock))
        }
    }

    @Test("HWM-07: a full sender becomes writable when the receiver has taken half, and loses nothing")
    func fullSenderBecomesWritable() throws {
        try withTimedScene { scene in
            let endpoint = Unique.inprocEndpoint()
            let recorder = Recorder()
            let push = try scene.push({ $0.sendHighWaterMark = 2 }, handler: recorder)
            let pull = try scene.pull { $0.receiveHighWaterMark = 2 }
            try pull.bind(endpoint)
            try push.connect(endpoint)
            #expect(try push.fill(with: "x") == 4)
            scene.settle()
            #expect(recorder.writableCount == 0)
            for _ in 0..<2 { #expect(try pull.tryReceive() != nil) }
            try scene.run(until: { recorder.writableCount == 1 }, "room")
            #expect(try push.fill(with: "x") == 2)
        }
    }

    @Test("TOP-22: a name is bound once in a context, TRN-12 but again in another")
    func namesAreUnique() throws {
        try withScene { scene in
            let endpoint = Unique.inprocEndpoint()
            let (first, second) = (try scene.pull(), try scene.pull())
            try first.bind(endpoint)
            #expect { try second.bind(endpoint) } throws: { ($0 as? ZMQError)?.code == .addressInUse }
            let other = try PullSocket(on: scene.reactor, in: Context.ofTests())
            try other.bind(endpoint)
            let push = try scene.push()
            try push.connect(endpoint)
            #expect(try push.send("here") == .accepted)
            var message: Message?
            try scene.run(until: {
                message = try first.tryReceive(); return message != nil
            })
            #expect(try other.tryReceive() == nil)
            try scene.close(other)
            // A released name can be bound again.
            try first.unbind(endpoint)
            try second.bind(endpoint)
        }
    }

    @Test("PAI-04, SND-07: messages sent before closing arrive")
    func closingLosesNothing() throws {
        try withScene { scene in
            let endpoint = Unique.inprocEndpoint()
            let inbox = Recorder()
            let (push, pull) = (try scene.push(), try scene.pull { inbox.add($1) })
            try pull.bind(endpoint)
            try push.connect(endpoint)
            #expect(try push.fill(with: "x", limit: 500) == 500)
            #expect(try scene.close(push).unsentMessages == 0)
            try scene.run(until: { inbox.count == 500 })
        }
    }

    @Test("TOP-10: a connector reconnects when the name is bound again")
    func joinsAgain() throws {
        try withScene { scene in
            let endpoint = Unique.inprocEndpoint()
            let (push, first) = (try scene.push(), try scene.pull())
            try first.bind(endpoint)
            try push.connect(endpoint)
            try scene.run(until: { push.peerCount == 1 })
            try scene.close(first)
            try scene.run(until: { push.peerCount == 0 })
            let inbox = Recorder()
            try scene.pull { inbox.add($1) }.bind(endpoint)
            #expect(try push.send("again") == .accepted)
            try scene.run(until: { inbox.count == 1 })
        }
    }

    @Test("CMB-01, CMB-11: PUB and SUB connect; PUB and PULL do not, and stay usable for others")
    func typesAreChecked() throws {
        try withScene { scene in
            let endpoint = Unique.inprocEndpoint()
            let inbox = Recorder()
            let publisher = try scene.pub()
            try publisher.bind(endpoint)
            let stranger = try scene.pull()
            try stranger.connect(endpoint)
            let subscriber = try scene.sub { inbox.add($1) }
            try subscriber.connect(endpoint)
            try subscriber.subscribe(to: "a")
            try scene.run(until: { publisher.topicCount == 1 })
            try publisher.send("apple")
            try publisher.send("pear")
            try publisher.send("avocado")
            try scene.run(until: { inbox.count == 2 })
            #expect(inbox.texts == ["apple", "avocado"])
            #expect(stranger.peerCount == 0)
            try subscriber.unsubscribe(from: "a")
            try scene.run(until: { publisher.topicCount == 0 })
        }
    }

    @Test("THR-04, SND-01: messages of all sizes pass between threads in order")
    func passesBetweenThreads() throws {
        let context = Context.ofTests()
        let reactor = try Reactor()
        let sizes = [0, 1, 255, 256, 65_535, 65_536, 1 << 20]
        var received: [Int] = []
        let pull = try PullSocket(on: reactor, in: context) { received.append($1[0].count) }
        let endpoint = Unique.inprocEndpoint()
        try pull.bind(endpoint)
        let thread = try Reactor.start { reactor in
            let push = try PushSocket(on: reactor, in: context)
            try push.connect(endpoint)
            for round in 0..<100 {
                let size = sizes[round % sizes.count]
                _ = try push.send([UInt8](repeating: 1, count: size))
            }
            push.close()
        }
        try reactor.run(until: { received.count == 100 }, "all messages")
        #expect(received == (0..<100).map { sizes[$0 % sizes.count] })
        context.terminate()
        try reactor.run(until: { pull.isClosed && ContextMembers.of(reactor).members(of: context).isEmpty }, "the end")
        thread.stop()
        thread.join()
    }

    @Test("HWM-10: 200,000 messages between threads, none lost, with a small limit")
    func floodBetweenThreads() throws {
        let context = Context.ofTests()
        let reactor = try Reactor()
        let count = 200_000
        var (next, outOfOrder) = (0, 0)
        let pull = try PullSocket(on: reactor, in: context) { _, message in
            if message[0].integer(as: Int.self) != next { outOfOrder += 1 }
            next += 1
        }
        let endpoint = Unique.inprocEndpoint()
        try pull.bind(endpoint)
        let thread = try Reactor.start { reactor in
            let flood = Flood(count)
            var options = SocketOptions()
            options.sendHighWaterMark = 10
            let push = try PushSocket(on: reactor, in: context, options: options, handler: flood)
            try push.connect(endpoint)
            flood.socketIsWritable(push)
        }
        try reactor.run(until: { next == count }, "all messages", within: .seconds(30))
        #expect(outOfOrder == 0)
        context.terminate()
        try reactor.run(until: { ContextMembers.of(reactor).members(of: context).isEmpty }, "the end")
        thread.stop()
        thread.join()
    }

    @Test("forwarded messages on their way to a busy thread take at most about twice their size")
    func memoryToBusyThread() throws {
        let (context, endpoint) = (Context(), Road.inproc.endpoint)
        let thread = try Reactor.start { reactor in
            let pull = try PullSocket(on: reactor, in: context, options: Scene.options { $0.receiveHighWaterMark = 0 })
            try pull.bind(endpoint)
        }
        let isBusy = Atomic(false)
        let isReleased = Atomic(false)
        defer {
            isReleased.store(true, ordering: .releasing)
            thread.stop()
            thread.join()
        }
        try withScene(in: context) { scene in
            let push = try scene.push { $0.sendHighWaterMark = 0 }
            try push.connect(endpoint)
            try scene.wait("the peer") { push.peerCount == 1 }
            thread.handle.submit { _ in
                isBusy.store(true, ordering: .releasing)
                while !isReleased.load(ordering: .acquiring) { sched_yield() }
            }
            try scene.wait("the busy thread") { isBusy.load(ordering: .acquiring) }
            for number in 0..<100 {
                // As it was read: alone in a chunk of 64 KiB.
                let (message, chunk) = (Message(Pattern.bytes(9000, seed: number)), Chunk(capacity: Chunk.Size.shared))
                message.write(to: chunk.base)
                var batch = MessageBatch(chunk: chunk, start: 0, end: message.wireSize, count: 1)
                #expect(try push.send(batch.next()!) == .accepted)
                scene.reactor.run(.nowait)
            }
            let connections = push.pipes.compactMap { $0?.link as? ChannelConnection }
            let connection = try #require(connections.first)
            var (bytes, kept, count) = (0, 0, 0)
            for case .messages(let batch) in connection.outgoing.take().items {
                (bytes, kept, count) = (bytes + batch.byteCount, kept + batch.chunk.capacity, count + batch.count)
            }
            #expect(count == 100)
            #expect(kept <= 2 * bytes + 9 * Chunk.Size.shared)
        }
    }
}

private final class Flood: PushHandler {
    private let count: Int
    private var sent = 0
    init(_ count: Int) { self.count = count }
    func socketIsWritable(_ socket: PushSocket) {
        while sent < count {
            let message = Message(frames: [Frame(integer: sent)])
            guard try! socket.send(message) == .accepted else { return }
            sent += 1
        }
    }
}
