import EventReactor
import Testing
import ZMQReactorTestSupport
import ZMQReactorTesting
import ZMTP

@testable import ZMQReactor

/// A SUB knows when its subscriptions have taken effect.
@Suite(.hangLimit)
struct ConfirmedSubscriptionTests {
    @Test("what is published after the confirmation arrives, however long it takes", arguments: Road.kinds, [0, 1])
    func confirmed(road: Road, ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let (pub, sub, records) = (try scene.pub(), try scene.sub(), Recorder())
            let endpoint = try pub.bind(road.endpoint)
            scene.task(records) { _ in
                try sub.connect(endpoint)
                for round in 0..<20 {
                    try sub.subscribe(to: "\(round).")
                    try await sub.subscribed(within: .seconds(10))
                    try pub.send("\(round).x")
                    records.add(try await sub.receive(within: .seconds(10)))
                }
            }
            try scene.wait(for: 20, entriesOf: records)
            #expect(records.texts == (0..<20).map { "\($0).x" })
            // The questions are in no list of topics, and in no counter.
            #expect(pub.topicCount == 20)
            #expect(sub.statistics.messagesDropped == 0)
        }
    }

    @Test("everything is subscribed to: the answer is not delivered; a handler may have paused the socket")
    func everything() throws {
        try withVirtualScene { scene in
            let (pub, records) = (try scene.pub(), Recorder())
            let sub = try scene.sub { _, message in records.add(message) }
            try sub.subscribe(to: "")
            sub.pause()
            try sub.connect(pub.bind(scene.anyEndpoint))
            sub.subscribed { result in records.add("\(result)") }
            try scene.wait(for: 1, entriesOf: records)
            #expect(records.takeTexts() == ["success()"])
            try pub.send("x")
            sub.resume()
            try scene.wait(for: 1, entriesOf: records)
            #expect(records.texts == ["x"])
        }
    }

    @Test("many topics, announced in portions, are all confirmed; several publishers are counted")
    func portions() throws {
        try withVirtualScene { scene in
            let (sub, records) = (try scene.sub(), Recorder())
            for number in 0..<5000 { try sub.subscribe(to: "topic \(number)") }
            let pubs = [try scene.pub() as PublishingSocket, try scene.xpub(handler: Recorder(recordsTopics: false))]
            sub.subscribed(by: 2, within: .seconds(5)) { result in
                #expect(pubs.map(\.topicCount) == [5000, 5000])
                records.add("\(result)")
            }
            for pub in pubs { try sub.connect(pub.bind(scene.anyEndpoint)) }
            try scene.wait(for: 1, entriesOf: records)
            #expect(records.texts == ["success()"])
        }
    }

    @Test("without enough publishers it times out; a closed socket and a cancelled task end it")
    func failures() throws {
        try withVirtualScene { scene in
            let (pub, sub, records) = (try scene.pub(), try scene.sub(), Recorder())
            try sub.subscribe(to: "a")
            try sub.connect(pub.bind(scene.anyEndpoint))
            scene.task(records) { _ in try await sub.subscribed(by: 2, within: .seconds(3)) }
            try scene.wait(for: 1, entriesOf: records)
            let task = scene.task(records) { _ in try await sub.subscribed(by: 2) }
            scene.turn()
            task.cancel()
            try scene.wait(for: 2, entriesOf: records)
            scene.task(records) { _ in try await sub.subscribed(by: 2) }
            scene.turn()
            sub.close()
            try scene.wait(for: 3, entriesOf: records)
            scene.task(records) { _ in try await sub.subscribed() }
            try scene.wait(for: 4, entriesOf: records)
            #expect(records.texts == ["ETIMEDOUT", "ECANCELED", "ENOTSOCK", "ENOTSOCK"])
        }
    }

    @Test("a publisher that is not ours is not asked, and is an error", arguments: [false, true])
    func others(isConnected: Bool) throws {
        try withVirtualScene { scene in
            let (sub, records) = (try scene.sub(to: "a"), Recorder())
            func wait() { scene.task(records) { _ in try await sub.subscribed() } }
            if !isConnected { wait() }
            let peer = try scene.rawPeer("PUB", of: sub)
            if isConnected { wait() }
            try scene.wait(for: 1, entriesOf: records)
            #expect(records.texts == ["ENOTSUP"])
            // The subscription to "a", and nothing else.
            #expect(scene.heard(peer) == Wire.command("SUBSCRIBE", Array("a".utf8)))
        }
    }

    @Test("a subscriber that asks and does not read takes no memory for the answers")
    func flood() throws {
        try withVirtualScene { scene in
            let pub = try scene.pub { $0.sendHighWaterMark = 10 }
            let peer = try scene.rawPeer("SUB", of: pub, receiveBuffer: 200)
            let token = SubscriptionToken.make(1)
            for _ in 0..<100 {
                peer.send(Array((0..<100).map { _ in Wire.command("SUBSCRIBE", token) }.joined())); scene.settle()
            }
            #expect(pub.unsentMessages <= 10 && pub.topicCount == 0)
        }
    }

    @Test("libzmq's publisher sees the subscriptions, and nothing else")
    func libzmq() throws {
        try withScene { scene in
            let (peer, sub, records) = (try LibzmqPeer(.xpub), try scene.sub(to: "a"), Recorder())
            try sub.connect(peer.bind())
            scene.task(records) { _ in try await sub.subscribed(within: .seconds(10)) }
            try scene.wait(for: 1, entriesOf: records)
            #expect(records.texts == ["ENOTSUP"])
            try peer.expect(.bytes([1, 0x61]))
            try peer.expectNothing()
        }
    }
}
