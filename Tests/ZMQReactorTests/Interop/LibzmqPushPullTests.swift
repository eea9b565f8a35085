import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// The messages of both sides of an interop test.
enum Shape {
    static let sizes = [0, 1, 254, 255, 256, 65_535, 65_536, 8 << 20]
    static let frameCounts = [1, 2, 3, 17, 200]

    /// The frames of a message as a libzmq peer names them.
    static func frames(_ count: Int) -> [PeerFrame] { (0..<count).map { .pattern(size: $0 * 7 % 300, seed: $0) } }

    static func message(_ frames: [PeerFrame]) -> Message { Message(frames: frames.map { Frame($0.content) }) }
}

@Suite(.hangLimit, .serialized)
struct LibzmqPushPullTests {
    private func join(_ scene: Scene, _ socket: Socket, _ peer: LibzmqPeer, weBind: Bool) throws {
        if weBind { try peer.connect(socket.bind(anyPort)) } else { try socket.connect(peer.bind()) }
        try scene.run(until: { socket.peerCount == 1 }, "the handshake with libzmq")
    }

    @Test("SND-01, MUL: every size and number of frames from our PUSH to a PULL of libzmq", arguments: [true, false])
    func pushShapes(weBind: Bool) throws {
        try withScene { scene in
            let push = try scene.push()
            let pull = try LibzmqPeer(.pull)
            try join(scene, push, pull, weBind: weBind)
            var replies: [PeerReply<Void>] = []
            for size in Shape.sizes {
                let frame = PeerFrame.pattern(size: size, seed: size)
                replies.append(try pull.expecting([frame]))
                #expect(try push.send(frame.content) == .accepted)
            }
            for count in Shape.frameCounts {
                replies.append(try pull.expecting(Shape.frames(count)))
                #expect(try push.send(Shape.message(Shape.frames(count))) == .accepted)
            }
            let mixed: [PeerFrame] = [
                .pattern(size: 20_000), "", .pattern(size: 3), .pattern(size: 8 << 20, seed: 4), "end",
            ]
            replies.append(try pull.expecting(mixed))
            #expect(try push.send(Shape.message(mixed)) == .accepted)
            for reply in replies { try scene.reactor.run(until: reply) }
        }
    }

    @Test("SND-01, MUL: every size and number of frames from a PUSH of libzmq to our PULL", arguments: [true, false])
    func pullShapes(weBind: Bool) throws {
        try withScene { scene in
            let inbox = Recorder()
            let pull = try scene.pull { inbox.add($1) }
            let push = try LibzmqPeer(.push)
            try join(scene, pull, push, weBind: weBind)
            var expected: [Message] = []
            func send(_ frames: [PeerFrame]) throws {
                expected.append(Shape.message(frames))
                _ = try push.sending(frames)
            }
            for size in Shape.sizes { try send([.pattern(size: size, seed: size)]) }
            for count in Shape.frameCounts { try send(Shape.frames(count)) }
            try send([.pattern(size: 20_000), "", .pattern(size: 3), .pattern(size: 8 << 20, seed: 4), "end"])
            try scene.run(until: { inbox.count == expected.count })
            for (found, message) in zip(inbox.messages, expected) {
                #expect(found.hasSameBytes(as: message), "\(message.count) frames, \(message.byteCount) bytes")
            }
        }
    }

    @Test("ALL-4, ALL-5: 100,000 messages from our PUSH arrive once and in order", arguments: [true, false])
    func pushInOrder(weBind: Bool) throws {
        try withScene { scene in
            let push = try scene.push()
            let pull = try LibzmqPeer(.pull)
            try join(scene, push, pull, weBind: weBind)
            let reply = try pull.verifying(100_000)
            var next = 0
            try scene.run(
                until: {
                    while next < 100_000, try push.send(NumberedMessage(number: next).bytes()) == .accepted {
                        next += 1
                    }
                    return reply.isReady
                },
                "libzmq to take them",
                within: .seconds(30)
            )
            #expect(try reply.value() == [0: 100_000])
        }
    }

    @Test("ALL-4, ALL-5: 100,000 messages from a PUSH of libzmq arrive once and in order", arguments: [true, false])
    func pullInOrder(weBind: Bool) throws {
        try withScene { scene in
            var next = 0
            let pull = try scene.pull { _, message in
                #expect(NumberedMessage(message[0])?.number == next)
                next += 1
            }
            let push = try LibzmqPeer(.push)
            try join(scene, pull, push, weBind: weBind)
            let reply = try push.flooding(100_000)
            try scene.run(until: { next == 100_000 }, "all to arrive", within: .seconds(30))
            try scene.reactor.run(until: reply)
        }
    }

    @Test("TOP-10, TRN-02: a libzmq PULL is killed and restarted; our PUSH continues, in order, without an error")
    func killedPull() throws {
        try withScene { scene in
            let push = try scene.push()
            let first = try LibzmqPeer(.pull)
            let endpoint = try first.bind(freeEndpoint())
            try push.connect(endpoint)
            var next = 0
            func sendMore() throws {
                while try push.send(NumberedMessage(number: next).bytes(size: 1000)) == .accepted { next += 1 }
            }
            let taken = try first.verifying(1000, size: 1000)
            try scene.run(until: {
                try sendMore()
                return taken.isReady
            })
            try first.kill()
            try scene.run(until: {
                try sendMore()
                return push.peerCount == 0
            })
            let second = try LibzmqPeer(.pull)
            try second.bind(endpoint)
            // Messages received by the killed process are lost; later ones are complete and in order.
            let reply = try second.verifying(20_000, size: 1000, first: nil)
            try scene.run(until: {
                try sendMore()
                return reply.isReady
            })
            #expect(try reply.value().count == 1)
            #expect(push.statistics.reconnects == 1)
        }
    }

    @Test("TOP-10, TRN-02: a PUSH of libzmq is killed and another takes its place at our bound PULL")
    func killedPush() throws {
        try withScene { scene in
            var numbers: [Int] = []
            let pull = try scene.pull { _, message in numbers.append(NumberedMessage(message[0])!.number) }
            let endpoint = try pull.bind(anyPort)
            let first = try LibzmqPeer(.push)
            try first.connect(endpoint)
            _ = try first.flooding(1_000_000, size: 1000)
            try scene.run(until: { numbers.count > 5000 })
            try first.kill()
            try scene.run(until: { pull.peerCount == 0 })
            #expect(numbers == Array(0..<numbers.count), "whole messages, in order, to the last")
            numbers = []
            let second = try LibzmqPeer(.push)
            try second.connect(endpoint)
            let reply = try second.flooding(1000, size: 1000)
            try scene.reactor.run(until: reply)
            try scene.run(until: { numbers.count == 1000 })
            #expect(numbers == Array(0..<1000))
        }
    }

    @Test("HWM-07: libzmq's PUSH fills its queue while our PULL receives nothing, and everything arrives in the end")
    func backPressure() throws {
        try withScene { scene in
            let pull = try scene.pull { $0.receiveHighWaterMark = 10 }
            let push = try LibzmqPeer(.push, [.sendHighWaterMark(10)])
            try join(scene, pull, push, weBind: true)
            let reply = try push.flooding(3000, size: 10_000)
            try scene.run(until: { pull.statistics.messagesReceived == 10 })
            scene.settle(.milliseconds(100))
            #expect(pull.statistics.messagesReceived == 10)
            #expect(!reply.isReady)
            var next = 0
            try scene.run(until: {
                while let message = try pull.tryReceive() {
                    #expect(NumberedMessage(message[0])?.number == next)
                    next += 1
                }
                return next == 3000
            })
            try scene.reactor.run(until: reply)
        }
    }

    @Test("PSH-7: four libzmq workers get a quarter each, and their sink gets all")
    func fanOut() throws {
        try withScene { scene in
            let push = try scene.push()
            let endpoint = try push.bind(anyPort)
            let process = try PeerProcess()
            let workers = try (0..<4).map { _ in try LibzmqPeer(.pull, in: process) }
            for worker in workers { try worker.connect(endpoint) }
            try scene.run(until: { push.peerCount == 4 })
            for number in 0..<400 { #expect(try push.send("\(number)") == .accepted) }
            let replies = try workers.map { try $0.receiving(count: 100) }
            for reply in replies { #expect(try scene.reactor.run(until: reply).count == 100) }
        }
    }

    @Test("CMB: incompatible sockets are disconnected, and the others are served")
    func mismatch() throws {
        try withScene { scene in
            let inbox = Recorder()
            let pull = try scene.pull { inbox.add($1) }
            var failures = 0
            pull.onEvent = { _, event in if case .handshakeFailed = event { failures += 1 } }
            let endpoint = try pull.bind(anyPort)
            let wrong = try LibzmqPeer(.pub)
            try wrong.connect(endpoint)
            try scene.run(until: { failures > 0 })
            let push = try LibzmqPeer(.push)
            try push.connect(endpoint)
            _ = try push.sending(["right"])
            try scene.run(until: { inbox.count == 1 })
            #expect(pull.peerCount == 1)
        }
    }
}
