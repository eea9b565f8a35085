import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

@Suite(.hangLimit, .serialized)
struct LibzmqPubSubTests {
    @Test("SND-01, MUL: every size and number of frames from our PUB to a SUB of libzmq", arguments: [true, false])
    func pubShapes(weBind: Bool) throws {
        try withScene { scene in
            let pub = try scene.pub()
            let sub = try LibzmqPeer(.sub, [.subscribe()])
            if weBind { try sub.connect(pub.bind(anyPort)) } else { try pub.connect(sub.bind()) }
            // A connected libzmq socket subscribes when its application calls it.
            var replies = [try sub.expecting(["first"])]
            try scene.run(until: { pub.topicCount == 1 })
            try pub.send("first")
            for size in Shape.sizes {
                let frame = PeerFrame.pattern(size: size, seed: size)
                replies.append(try sub.expecting([frame]))
                try pub.send(frame.content)
            }
            for count in Shape.frameCounts {
                replies.append(try sub.expecting(Shape.frames(count)))
                try pub.send(Shape.message(Shape.frames(count)))
            }
            for reply in replies { try scene.reactor.run(until: reply) }
        }
    }

    @Test("SND-01, MUL: every size and number of frames from a PUB of libzmq to our SUB", arguments: [true, false])
    func subShapes(weBind: Bool) throws {
        try withScene { scene in
            let inbox = Recorder()
            let sub = try scene.sub { if $1 != "hello" { inbox.add($1) } }
            try sub.subscribe(to: "")
            let pub = try LibzmqPeer(.pub)
            if weBind { try pub.connect(sub.bind(anyPort)) } else { try sub.connect(pub.bind()) }
            try greet(scene, pub, sub)
            var expected: [Message] = []
            for frames in Shape.sizes.map({ [PeerFrame.pattern(size: $0, seed: $0)] })
                + Shape.frameCounts.map(Shape.frames)
            {
                expected.append(Shape.message(frames))
                _ = try pub.sending(frames)
            }
            try scene.run(until: { inbox.count == expected.count })
            for (found, message) in zip(inbox.messages, expected) {
                #expect(found.hasSameBytes(as: message), "\(message.count) frames, \(message.byteCount) bytes")
            }
        }
    }

    /// Sends `hello` until it arrives: libzmq does not report subscriptions.
    private func greet(_ scene: Scene, _ pub: LibzmqPeer, _ sub: SubSocket) throws {
        let before = sub.statistics.messagesReceived
        try scene.run(until: {
            _ = try scene.reactor.run(until: pub.sending(["hello"]))
            return sub.statistics.messagesReceived > before
        })
    }

    @Test("ALL-4, ALL-5: 100,000 messages from our PUB arrive once and in order", arguments: [true, false])
    func pubInOrder(weBind: Bool) throws {
        try withScene { scene in
            let pub = try scene.pub { $0.sendHighWaterMark = 0 }
            let sub = try LibzmqPeer(.sub, [.subscribe(), .receiveHighWaterMark(0)])
            if weBind { try sub.connect(pub.bind(anyPort)) } else { try pub.connect(sub.bind()) }
            let reply = try sub.verifying(100_000)
            try scene.run(until: { pub.topicCount == 1 })
            for number in 0..<100_000 { try pub.send(NumberedMessage(number: number).bytes()) }
            try scene.run(until: { reply.isReady }, "libzmq to take them", within: .seconds(30))
            #expect(try reply.value() == [0: 100_000])
            #expect(pub.statistics.messagesDropped == 0)
        }
    }

    @Test("ALL-4, ALL-5: 100,000 messages from a PUB of libzmq arrive once and in order", arguments: [true, false])
    func subInOrder(weBind: Bool) throws {
        try withScene { scene in
            var next = 0
            let sub = try scene.sub { _, message in
                guard message != "hello" else { return }
                #expect(NumberedMessage(message[0])?.number == next)
                next += 1
            }
            try sub.subscribe(to: "")
            let pub = try LibzmqPeer(.pub, [.sendHighWaterMark(0)])
            if weBind { try pub.connect(sub.bind(anyPort)) } else { try sub.connect(pub.bind()) }
            try greet(scene, pub, sub)
            let reply = try pub.flooding(100_000)
            try scene.run(until: { next == 100_000 }, "all to arrive", within: .seconds(30))
            try scene.reactor.run(until: reply)
        }
    }

    @Test("libzmq's subscriptions begin, overlap and end at our PUB")
    func subscriptions() throws {
        try withScene { scene in
            let pub = try scene.pub()
            let sub = try LibzmqPeer(.sub, [.subscribe("a"), .subscribe("ab"), .subscribe("end")])
            try sub.connect(pub.bind(anyPort))
            try scene.run(until: { pub.topicCount == 3 })
            for text in ["abc", "b", "a"] { try pub.send(text) }
            let reply = try sub.receiving(count: 2)
            #expect(try scene.reactor.run(until: reply).map { String(decoding: $0[0], as: UTF8.self) } == ["abc", "a"])
            try sub.set(.unsubscribe("a"))
            try scene.run(until: { pub.topicCount == 2 })
            for text in ["a1", "ab1", "end"] { try pub.send(text) }
            let rest = try sub.receiving(count: 2)
            #expect(
                try scene.reactor.run(until: rest).map { String(decoding: $0[0], as: UTF8.self) } == ["ab1", "end"]
            )
            #expect(pub.statistics.messagesSent == 4)
        }
    }

    @Test("our subscriptions begin and end at a libzmq PUB")
    func ourSubscriptions() throws {
        try withScene { scene in
            let inbox = Recorder()
            let sub = try scene.sub { if $1 != "hello" { inbox.add($1) } }
            for topic in ["hello", "a", "ab", "b"] { try sub.subscribe(to: topic) }
            let pub = try LibzmqPeer(.pub)
            try sub.connect(pub.bind())
            try greet(scene, pub, sub)
            for text in ["abc", "b1", "c"] { _ = try pub.sending([.text(text)]) }
            try scene.run(until: { inbox.count == 2 })
            try sub.unsubscribe(from: "ab")
            try sub.unsubscribe(from: "b")
            for text in ["abd", "b2", "a"] { _ = try pub.sending([.text(text)]) }
            try scene.run(until: { inbox.texts.last == "a" })
            #expect(inbox.texts == ["abc", "b1", "abd", "a"])
        }
    }

    @Test("TOP-11: a libzmq PUB is killed and restarted; our SUB subscribes again at once")
    func killedPub() throws {
        try withScene { scene in
            let sub = try scene.sub { _, _ in }
            try sub.subscribe(to: "hello")
            let first = try LibzmqPeer(.pub)
            let endpoint = try first.bind(freeEndpoint())
            try sub.connect(endpoint)
            try greet(scene, first, sub)
            try first.kill()
            try scene.run(until: { sub.peerCount == 0 })
            let second = try LibzmqPeer(.pub)
            try second.bind(endpoint)
            try greet(scene, second, sub)
            #expect(sub.statistics.reconnects == 1)
        }
    }

    @Test("TOP-10: a libzmq SUB is killed and another connects; our PUB serves it and has removed the first")
    func killedSub() throws {
        try withScene { scene in
            let pub = try scene.pub()
            let endpoint = try pub.bind(anyPort)
            let first = try LibzmqPeer(.sub, [.subscribe("a")])
            try first.connect(endpoint)
            try scene.run(until: { pub.topicCount == 1 })
            for _ in 0..<100 { try pub.send("a") }
            try first.kill()
            try scene.run(until: { pub.topicCount == 0 && pub.peerCount == 0 })
            let second = try LibzmqPeer(.sub, [.subscribe("b")])
            try second.connect(endpoint)
            try scene.run(until: { pub.topicCount == 1 })
            try pub.send("b")
            #expect(try scene.reactor.run(until: second.receiving()) == [Array("b".utf8)])
        }
    }
}
