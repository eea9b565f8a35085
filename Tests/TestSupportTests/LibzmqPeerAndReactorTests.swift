import Testing
import ZMQReactor
import ZMQReactorTestSupport

/// The kit as socket tests use it: the peer works while the reactor runs.
struct LibzmqPeerAndReactorTests {
    @Test func aPeerReceivesWhatASocketSends() throws {
        let reactor = try Reactor()
        let context = Context()
        let push = try PushSocket(on: reactor, in: context)
        let pull = try LibzmqPeer(.pull)
        try push.connect(pull.bind())
        _ = try push.send("hello")
        #expect(try reactor.run(until: pull.receiving()) == [Array("hello".utf8)])
        context.terminate(thenStop: reactor)
        reactor.run()
    }

    @Test func aSocketReceivesWhatAPeerSends() throws {
        let reactor = try Reactor()
        let context = Context()
        var next = 0
        let pull = try PullSocket(on: reactor, in: context) { _, message in
            if NumberedMessage(message[0]) == NumberedMessage(number: next) { next += 1 }
        }
        let push = try LibzmqPeer(.push)
        try push.connect(pull.bind("tcp://127.0.0.1:*"))
        let flood = try push.flooding(10_000, size: 100)
        try reactor.run(until: { next == 10_000 })
        try flood.value()
        context.terminate(thenStop: reactor)
        reactor.run()
    }
}
