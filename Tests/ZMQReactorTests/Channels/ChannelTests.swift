import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import EventReactor
@testable import ZMQReactor

/// Channels between two threads, and on one reactor.
@Suite(.hangLimit) struct ChannelTests {
    private static let item = ChannelItem.messages(MessageBatch(Message("1")))

    private func put(_ item: ChannelItem, into channel: Channel, awaiting: Credit = .zero) -> Bool {
        channel.put(awaiting: awaiting) {
            $0(item)
            return nil
        }.wakes
    }

    @Test(
        "with and without a lock, a consumer is woken once for each time it has found nothing",
        arguments: [false, true]
    )
    func wakesOnEdges(isShared: Bool) {
        let channel = Channel(isShared: isShared)
        #expect(put(Self.item, into: channel))
        #expect(!put(Self.item, into: channel))
        #expect(channel.take().items.count == 2)
        // It is awake until it has found nothing.
        #expect(!put(Self.item, into: channel))
        #expect(channel.take().items.count == 1)
        #expect(channel.take().items.isEmpty)
        #expect(put(Self.item, into: channel))
        #expect(!channel.close())
        #expect(channel.take().isClosed)
    }

    @Test("a producer is woken by the acknowledgement that reaches what it awaits", arguments: [false, true])
    func acknowledges(isShared: Bool) {
        let channel = Channel(isShared: isShared)
        let one = Credit(messages: 1, bytes: 3)
        #expect(channel.takeAcknowledged(awaiting: one + one) == .zero)
        #expect(!channel.acknowledge(one))
        #expect(channel.acknowledge(one))
        #expect(!channel.acknowledge(one), "once")
        #expect(channel.takeAcknowledged(awaiting: .zero) == one + one + one)
    }

    @Test("a consumer finds what is published of a shared chunk", arguments: [false, true])
    func publishes(isShared: Bool) {
        let channel = Channel(isShared: isShared)
        let chunk = Chunk(capacity: 64)
        _ = channel.put { _ in (chunk, 0) }
        #expect(channel.take().items.isEmpty)
        #expect(channel.publish(Cursor(count: 1, end: 2)))
        #expect(channel.take().items.count == 1)
        #expect(channel.take().items.isEmpty)
    }

    /// The channels that a socket's one connection uses.
    private func channels(of socket: Socket) throws -> (outgoing: Channel, incoming: Channel) {
        let connection = try #require(socket.pipes.first??.link as? ChannelConnection)
        return (connection.outgoing, connection.incoming)
    }

    @Test("sockets on one reactor exchange messages without a lock, and without waking the reactor")
    func oneReactor() throws {
        try withScene { scene in
            var (sent, received) = (0, 0)
            let push = try scene.push()
            let pull = try scene.pull { _, _ in received += 1 }
            try push.connect(try pull.bind("inproc://one"))
            try scene.run(until: { push.peerCount == 1 && pull.peerCount == 1 })
            for socket in [push, pull] as [Socket] {
                let (outgoing, incoming) = try channels(of: socket)
                #expect(!outgoing.isShared && !incoming.isShared)
            }
            let wakeUps = scene.reactor.handle.wakeUps
            // More than both high-water marks, so that credit goes back.
            try scene.run(until: {
                while sent < 5000, try push.send("\(sent)") == .accepted { sent += 1 }
                return received == 5000
            })
            #expect(scene.reactor.handle.wakeUps == wakeUps)
        }
    }

    @Test("sockets on two reactors exchange messages under a lock")
    func twoReactors() throws {
        try withScene { scene in
            let pull = try scene.pull()
            try pull.bind("inproc://two")
            let context = scene.context
            let thread = try Reactor.start { reactor in
                let push = try PushSocket(on: reactor, in: context)
                try push.connect("inproc://two")
                _ = try push.send("1")
            }
            #expect(try scene.receive(pull) == ["1"])
            let (outgoing, incoming) = try channels(of: pull)
            #expect(outgoing.isShared && incoming.isShared)
            thread.stop()
            thread.join()
        }
    }
}
