import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

/// Conflating sockets with their connections on an I/O thread.
@Suite(.hangLimit)
struct ConflatingTests {
    @Test(
        "SND-03, Conflate: after the application was busy, only the newest message is left",
        arguments: [1, 2, 20_000]
    )
    func arriving(count: Int) throws {
        try withScene(in: Context(ioThreads: 1)) { scene in
            let pull = try scene.pull { $0.isConflating = true }
            let peer = try scene.rawPeer("PUSH", of: pull)
            let bytes = (0..<count).flatMap { Wire.message("\($0)") }
            // No turn of the reactor from here on: replaced messages are counted, and the newest is not yet.
            var sent = 0
            try waitUntil("the messages to arrive") {
                sent += max(peer.send(Array(bytes[sent...])), 0)
                return sent == bytes.count && pull.statistics.messagesReceived == count - 1
            }
            #expect(try scene.receive(pull) == ["\(count - 1)"])
            #expect(try scene.receiveAll(pull) == [])
            #expect(pull.statistics.messagesReceived == count)
            #expect(pull.statistics.messagesDropped == count - 1)
        }
    }

    @Test("Conflate: the newest subscribed message is left, whatever else has arrived", arguments: [false, true])
    func subscribing(inverts: Bool) throws {
        try withScene(in: Context(ioThreads: 1)) { scene in
            let sub = try scene.sub(to: "A", change: { $0.isConflating = true })
            sub.invertsMatching = inverts
            let peer = try scene.rawPeer("PUB", of: sub)
            try scene.run(until: {
                peer.poll()
                return peer.hasReceived(Wire.command("SUBSCRIBE", [65]))
            })
            peer.send(["A1", "B1", "A2", "B2", "A3", "B3"].flatMap { Wire.message($0) })
            try waitUntil("the messages to arrive") { sub.statistics.messagesReceived == 4 }
            #expect(try scene.receive(sub) == [inverts ? "B3" : "A3"])
            #expect(try scene.receiveAll(sub) == [])
        }
    }

    @Test("Conflate: a publisher that was busy gets all subscriptions made meanwhile", arguments: [0, 1])
    func subscribed(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let pub = try scene.pub { $0.isConflating = true }
            let peer = try scene.rawPeer("SUB", of: pub)
            let topics = (0..<20).map { "topic \($0)" }
            // All at once, and no turn of the reactor until they have arrived.
            let sent = topics.flatMap { Wire.command("SUBSCRIBE", Array($0.utf8)) }
            #expect(peer.send(sent) == sent.count)
            try waitUntil("the subscriptions to arrive") {
                ioThreads == 0 || pub.statistics.bytesReceived >= sent.count
            }
            try scene.run(until: { pub.topicCount == topics.count })
        }
    }

    @Test("SND-04, Conflate: a peer that reads slowly gets the newest, and memory stays small")
    func leaving() throws {
        try withScene(in: Context(ioThreads: 1)) { scene in
            let push = try scene.push { ($0.isConflating, $0.sendBuffer) = (true, 4096) }
            let peer = try scene.rawPeer("PULL", of: push)
            let (count, body) = (500, Pattern.bytes(1_000_000))
            for number in 0..<count { #expect(try push.send(["\(number)", Frame(body)]) == .accepted) }
            try waitUntil("all but the first and the newest to be dropped") {
                push.statistics.messagesSent + push.statistics.messagesDropped >= count - 2
            }
            try scene.run(until: {
                peer.poll()
                return push.messagesQueued == 0
            })
            let statistics = push.statistics
            #expect(statistics.messagesSent + statistics.messagesDropped == count)
            let last = [1, 3] + Array("\(count - 1)".utf8) + Wire.longFrame(body)
            try scene.run(until: {
                peer.poll()
                return peer.received.suffix(last.count).elementsEqual(last)
            })
        }
    }

    @Test(
        "Conflate: a message that a lost connection has not sent is sent on the next one if there is nothing newer",
        arguments: [false, true]
    )
    func comingBack(sendsMeanwhile: Bool) throws {
        try withScene(in: Context(ioThreads: 1)) { scene in
            let server = try RawListener()
            let push = try scene.push { ($0.isConflating, $0.sendBuffer) = (true, 4096) }
            try push.connect(server.endpoint)
            let first = try server.accept(scene.reactor)
            first.shakeHands(as: "PULL")
            try scene.run(until: { push.peerCount == 1 })
            let before = push.statistics.bytesSent
            for number in 0..<10 {
                #expect(try push.send(["\(number)", Frame(Pattern.bytes(10_000_000))]) == .accepted)
            }
            try scene.run(until: { push.statistics.bytesSent > before })
            first.reset()
            try scene.run(until: { push.peerCount == 0 })
            if sendsMeanwhile { #expect(try push.send("newer") == .accepted) }
            let second = try server.accept(scene.reactor)
            second.shakeHands(as: "PULL")
            let expected = sendsMeanwhile ? Wire.message("newer") : [1, 1] + Array("9".utf8)
            try scene.run(until: {
                second.poll()
                return second.hasReceived(expected)
            })
        }
    }
}
