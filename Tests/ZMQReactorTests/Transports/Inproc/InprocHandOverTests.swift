import EventReactor
import Testing
import ZMQReactorTestSupport
import ZMQReactorTesting

@testable import ZMQReactor

/// What is handed over within a program belongs to one of the two ends, or is counted by one, in whatever order they
/// end.
@Suite(.hangLimit)
struct InprocHandOverTests {
    private struct Ends {
        let scene: TestScene
        let push: PushSocket
        let pull: PullSocket
    }

    /// Two joined sockets, on one loop or on two, between which one message has passed.
    private func withEnds(
        onTwoLoops: Bool,
        pushBinds: Bool,
        received: @escaping (PullSocket) -> Void = { _ in },
        _ body: (Ends) throws -> Void
    ) throws {
        try withTestScene { scene in
            let other = onTwoLoops ? try scene.makeReactor() : scene.reactor
            var options = SocketOptions()
            (options.sendHighWaterMark, options.receiveHighWaterMark) = (0, 0)
            let push = try PushSocket(on: scene.reactor, in: scene.context, options: options)
            var count = 0
            let pull = try PullSocket(on: other, in: scene.context, options: options) { pull, _ in
                count += 1
                if count > 1 { received(pull) }
            }
            try (pushBinds ? push as Socket : pull).bind("inproc://ends")
            try (pushBinds ? pull as Socket : push).connect("inproc://ends")
            scene.settle()
            #expect(try push.send("first") == .accepted)
            try scene.run(until: { count == 1 })
            try body(Ends(scene: scene, push: push, pull: pull))
        }
    }

    /// Hands messages over that are not taken.
    private func handOver(_ count: Int, _ ends: Ends) throws {
        for _ in 0..<count { #expect(try ends.push.send("untaken") == .accepted) }
        ends.push.reactor.run(.nowait)
        #expect(ends.push.statistics.messagesSent == 1 + count)
        #expect(ends.pull.statistics.messagesReceived == 1)
    }

    @Test(
        "what a receiver has not taken returns to a sender that closes in the same turn",
        arguments: [true, false],
        [true, false]
    )
    func receiverFirst(onTwoLoops: Bool, pushBinds: Bool) throws {
        try withEnds(onTwoLoops: onTwoLoops, pushBinds: pushBinds) { ends in
            try handOver(10, ends)
            var unsent: Int?
            ends.pull.close()
            ends.push.close { unsent = $0.unsentMessages }
            try ends.scene.run(until: { unsent != nil })
            #expect(unsent == 10)
            #expect(ends.push.statistics.messagesSent == 1)
            #expect(ends.push.statistics.messagesDropped == 10)
            #expect(ends.pull.statistics.messagesReceived == 1)
        }
    }

    @Test(
        "what a receiver has not taken when it closes behind its sender is counted",
        arguments: [true, false],
        [true, false]
    )
    func senderFirst(onTwoLoops: Bool, pushBinds: Bool) throws {
        try withEnds(onTwoLoops: onTwoLoops, pushBinds: pushBinds) { ends in
            try handOver(10, ends)
            ends.push.close()
            ends.pull.close()
            ends.scene.settle()
            #expect(ends.push.statistics.messagesSent == 11)
            #expect(ends.push.statistics.messagesDropped == 0)
            #expect(ends.pull.statistics.messagesReceived == 11)
            #expect(ends.pull.statistics.dropped[.undelivered] == 10)
        }
    }

    @Test(
        "what a receiver has begun to take and not processed returns to its sender",
        arguments: [true, false],
        [true, false]
    )
    func inHandler(onTwoLoops: Bool, pushBinds: Bool) throws {
        try withEnds(onTwoLoops: onTwoLoops, pushBinds: pushBinds, received: { $0.close() }) { ends in
            let count = 20_000
            for _ in 0..<count { #expect(try ends.push.send("one of many") == .accepted) }
            try ends.scene.run(until: { ends.pull.isClosed })
            ends.scene.settle()
            let (sent, received) = (ends.push.statistics, ends.pull.statistics)
            #expect(sent.messagesSent == received.messagesReceived)
            #expect(received.messagesReceived == 2 + received.dropped[.undelivered])
            var unsent: Int?
            ends.push.close { unsent = $0.unsentMessages }
            try ends.scene.run(until: { unsent != nil })
            #expect(ends.push.statistics.messagesSent + ends.push.statistics.messagesDropped == 1 + count)
        }
    }
}
