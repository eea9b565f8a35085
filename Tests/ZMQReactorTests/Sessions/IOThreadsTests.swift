import Glibc
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// The purpose of I/O threads: connections continue while the test's thread does not run its reactor.
@Suite(.hangLimit)
struct IOThreadsTests {
    @Test(
        "CTX-05: the number of I/O threads is an option, none by default, and endpoints spread over them"
    )
    func number() throws {
        #expect(Context().ioThreads == 0)
        try withScene(in: Context(ioThreads: 4)) { scene in
            #expect(scene.context.ioThreads == 4)
            let pull = try scene.pull()
            for _ in 0..<4 { try pull.bind(anyPort) }
            #expect(scene.context.io.loads == [1, 1, 1, 1])
            try pull.bind("inproc://no-thread-needed")
            #expect(scene.context.io.loads == [1, 1, 1, 1])
        }
    }

    @Test("affinity selects the threads of an endpoint")
    func affinity() throws {
        try withScene(in: Context(ioThreads: 3)) { scene in
            let pull = try scene.pull { $0.affinity = 0b110 }
            for _ in 0..<4 { try pull.bind(anyPort) }
            #expect(scene.context.io.loads == [0, 2, 2])
            try pull.configure { $0.affinity = 0b1000 }
            let error = #expect(throws: ZMQError.self) { try pull.bind(anyPort) }
            #expect(error?.code == .invalidArgument)
            #expect(error?.description.contains("affinity") == true)
            #expect(scene.context.io.loads == [0, 2, 2])
        }
    }

    @Test("SND-04, SND-06: messages are sent while the application is busy", arguments: [1, 500])
    func leaving(count: Int) throws {
        try withScene(in: Context(ioThreads: 1)) { scene in
            let push = try scene.push()
            let peer = try RawPeer(push.bind(anyPort))
            peer.shakeHands(as: "PULL")
            try scene.run(until: { push.peerCount == 1 })
            for _ in 0..<count { #expect(try push.send("hello") == .accepted) }
            // No turn of the reactor from here on.
            let expected = (0..<count).flatMap { _ in Wire.message("hello") }
            try waitUntil("the messages to leave") {
                peer.poll()
                return peer.hasReceived(expected)
            }
            try waitUntil("it to be counted") { push.statistics.messagesSent == count }
            #expect(push.messagesQueued == 0)
        }
    }

    @Test("SND-03: messages are received while the application is busy, up to the high-water mark")
    func arriving() throws {
        try withScene(in: Context(ioThreads: 1)) { scene in
            let pull = try scene.pull { $0.receiveHighWaterMark = 100 }
            let peer = try RawPeer(pull.bind(anyPort))
            peer.shakeHands(as: "PUSH")
            try scene.run(until: { pull.peerCount == 1 })
            let before = pull.statistics.bytesReceived
            peer.send((0..<100).flatMap { Wire.message("\($0)") })
            try waitUntil("the messages to arrive") { pull.statistics.bytesReceived == before + 10 * 3 + 90 * 4 }
            peer.send((100..<200).flatMap { Wire.message("\($0)") })
            for number in 0..<200 {
                var message: Message?
                try scene.run(until: {
                    message = try pull.tryReceive()
                    return message != nil
                })
                #expect(message == ["\(number)"])
            }
        }
    }

    @Test("heartbeats are answered, and lost connections restored, while the application is busy")
    func living() throws {
        try withScene(in: Context(ioThreads: 1)) { scene in
            let server = try RawListener()
            let pull = try scene.pull()
            try pull.connect(server.endpoint)
            let first = try accepted(by: server)
            first.shakeHands(as: "PUSH")
            try scene.run(until: { pull.peerCount == 1 })
            first.send(Wire.command("PING", [0, 0]))
            try waitUntil("an answer") {
                first.poll()
                return first.hasReceived(Wire.command("PONG", []))
            }
            first.hangUp()
            let second = try accepted(by: server)
            second.shakeHands(as: "PUSH")
            second.send(Wire.message("again"))
            #expect(try scene.receive(pull) == ["again"])
            #expect(pull.statistics.reconnects == 1)
        }
    }

    @Test("HWM-07, PSH-10: at the mark a send would block, and the socket is writable when the peer reads again")
    func full() throws {
        try withScene(in: Context(ioThreads: 1)) { scene in
            let recorder = Recorder()
            let push = try scene.push({ ($0.sendHighWaterMark, $0.sendBuffer) = (10, 4096) }, handler: recorder)
            let peer = try RawPeer(push.bind(anyPort))
            peer.shakeHands(as: "PULL")
            try scene.run(until: { push.peerCount == 1 })
            let message = Message(Pattern.bytes(100_000))
            var sent = 0
            // Until the operating system accepts no more, and then the queue.
            try waitUntil("the queue to fill") {
                while try push.send(message) == .accepted { sent += 1 }
                return push.messagesQueued == 10
            }
            #expect(try push.send(message) == .wouldBlock)
            #expect(recorder.writableCount == 0)
            try scene.run(until: {
                peer.poll()
                return recorder.writableCount == 1
            })
            try scene.run(until: {
                peer.poll()
                return push.statistics.messagesSent == sent
            })
        }
    }

    @Test("Q-1: messages that a lost connection has not sent are sent on the next one, in order")
    func comesBack() throws {
        try withScene(in: Context(ioThreads: 1)) { scene in
            let server = try RawListener()
            let push = try scene.push { $0.sendBuffer = 4096 }
            try push.connect(server.endpoint)
            let first = try accepted(by: server)
            first.shakeHands(as: "PULL")
            for number in 0..<100 { #expect(try push.send(["\(number)", Frame(Pattern.bytes(50_000))]) == .accepted) }
            try scene.run(until: { push.peerCount == 1 && push.statistics.bytesSent > 50_000 })
            first.reset()
            let pull = try scene.pull()
            try scene.run(until: { push.peerCount == 0 })
            let lost = push.statistics.messagesSent
            #expect(push.messagesQueued == 100 - lost)
            let second = try accepted(by: server)
            second.shakeHands(as: "PULL")
            let header: [UInt8] = [1, UInt8("\(lost)".utf8.count)] + Array("\(lost)".utf8)
            try scene.run(until: {
                second.poll()
                return second.hasReceived(header)
            })
            pull.close()
        }
    }

    @Test("HWM-07, Q-1: a connection lost while the queue was full does not block the sender afterwards")
    func roomAfterLoss() throws {
        try withScene(in: Context(ioThreads: 1)) { scene in
            let server = try RawListener()
            let push = try scene.push { ($0.sendHighWaterMark, $0.sendBuffer) = (200, 64 << 10) }
            try push.connect(server.endpoint)
            let first = try accepted(by: server)
            first.shakeHands(as: "PULL")
            try scene.run(until: { push.peerCount == 1 })
            let message = Message(Pattern.bytes(100_000))
            try waitUntil("the queue to fill") {
                while try push.send(message) == .accepted {}
                return push.messagesQueued == 200
            }
            #expect(try push.send(message) == .wouldBlock)
            // More than half of it is left, so that this end is not informed.
            let before = push.statistics.messagesSent
            try waitUntil("some to leave") {
                // Not whatever arrives meanwhile, which may be all of it.
                first.poll(atMost: 65_536)
                return push.statistics.messagesSent >= before + 1
            }
            first.reset()
            try scene.run(until: { push.peerCount == 0 })
            #expect(push.messagesQueued > 100 && push.messagesQueued < 200)
            let second = try accepted(by: server)
            second.shakeHands(as: "PULL")
            try scene.run(until: {
                second.poll()
                return try push.send(message) == .accepted
            })
        }
    }

    @Test("PSH-11: messages queued for a peer that had connected and is gone are redistributed")
    func dealtToOthers() throws {
        try withScene(in: Context(ioThreads: 2)) { scene in
            let push = try scene.push { $0.sendBuffer = 64 << 10 }
            let endpoint = try push.bind(anyPort)
            let stalled = try RawPeer(endpoint)
            stalled.shakeHands(as: "PULL")
            try scene.run(until: { push.peerCount == 1 })
            for number in 0..<20 { #expect(try push.send(["\(number)", Frame(Pattern.bytes(500_000))]) == .accepted) }
            let inbox = Recorder()
            let pull = try scene.pull { inbox.add($1) }
            try pull.connect(endpoint)
            try scene.run(until: { push.peerCount == 2 })
            stalled.reset()
            try scene.run(until: { push.peerCount == 1 })
            try scene.run(until: { inbox.messages.last?[0] == "19" })
            // The first ones have gone to the peer that did not read.
            #expect(inbox.messages.compactMap { $0[0].decimal } == Array(20 - inbox.count..<20))
        }
    }

    @Test("PUB-10: sessions of an ended thread are detected within a send, and end after it")
    func sessionsOver() throws {
        let context = Context(ioThreads: 1)
        let bound = Locked("")
        let (hasSubscribers, isSending) = (Locked(false), Locked(false))
        let ends = Locked<[Bool]>([])
        let thread = try Reactor.start { reactor in
            let publisher = try PubSocket(on: reactor, in: context)
            publisher.onEvent = { _, event in
                if event.isDisconnect { ends.withLock { $0.append(isSending.withLock { $0 }) } }
            }
            let endpoint = try publisher.bind(anyPort)
            bound.withLock { $0 = endpoint }
            publisher.waitForSubscribers(2, to: "x") { _ in hasSubscribers.withLock { $0 = true } }
        }
        try withScene(in: Context()) { scene in
            for _ in 0..<2 { try scene.sub(to: "", "x").connect(bound.withLock { $0 }) }
            try scene.run(until: { hasSubscribers.withLock { $0 } })
            thread.handle.submit { reactor in
                reactor.stop()
                // Done last, when nothing reaches this thread any more.
                reactor.handle.submit { reactor in
                    context.terminate()
                    guard let publisher = ContextMembers.of(reactor).all.first as? PubSocket else { return }
                    isSending.withLock { $0 = true }
                    for _ in 0..<10 { _ = try? publisher.send("x") }
                    isSending.withLock { $0 = false }
                }
            }
            thread.join()
        }
        #expect(ends.withLock { $0 } == [false, false])
    }

    private func accepted(by server: RawListener) throws -> RawPeer {
        var stream: RawPeer?
        try waitUntil("a connection") {
            stream = server.accept()
            return stream != nil
        }
        return stream!
    }

    @Test("threads and descriptors are gone with the context, terminated or not", arguments: [true, false])
    func resources(terminates: Bool) async {
        await #expect(processExitsWith: .success) { [terminates] in
            let reactor = try Reactor()
            let before = ProcessResources.socketAndLoopCount()
            func threads() -> Int { ProcessResources.threadCount(named: "zmq-io-") }
            func use() throws {
                let context = Context(ioThreads: 2)
                let push = try PushSocket(on: reactor, in: context)
                let pull = try PullSocket(on: reactor, in: context)
                try push.connect(pull.bind("tcp://127.0.0.1:*"))
                try pull.bind(Unique.ipcEndpoint())
                #expect(try push.send("x") == .accepted)
                try reactor.run(until: { try pull.tryReceive() == ["x"] })
                #expect(threads() == 2)
                if terminates {
                    context.terminate(thenStop: reactor)
                } else {
                    for socket in [push, pull] as [Socket] { socket.close() }
                }
                if terminates {
                    reactor.run()
                } else {
                    try reactor.run(until: { push.state == .closed && pull.state == .closed })
                }
            }
            try use()
            try reactor.run(until: { threads() == 0 && ProcessResources.socketAndLoopCount() == before })
        }
    }
}
