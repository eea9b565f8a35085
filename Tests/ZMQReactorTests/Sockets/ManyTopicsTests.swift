import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Peers with many topics connect and disconnect, and others are served meanwhile.
@Suite(.hangLimit)
struct ManyTopicsTests {
    /// A peer sends this many subscriptions; waits until all have been reported.
    private func subscribe(_ peer: RawPeer, _ bytes: [UInt8], _ count: Int, _ told: Recorder, in scene: Scene) throws {
        var sent = 0
        try scene.wait("all subscriptions") {
            if sent < bytes.count { sent += max(peer.send(Array(bytes[sent...])), 0) }
            return told.count == count
        }
        told.clear()
    }

    // None is a prefix of another.
    private func topic(_ number: Int) -> String { "topic \(number)." }

    @Test(
        "the subscriptions of a disconnected peer end in portions, completely, and no longer match anything",
        arguments: [false, true]
    )
    func leaving(isManual: Bool) throws {
        try withScene(in: Context()) { scene in
            let told = Recorder()
            let xpub = try scene.xpub(handler: told)
            xpub.isManual = isManual
            let peer = try scene.rawPeer("SUB", of: xpub)
            let count = 10_000
            let bytes = (0..<count).flatMap { Wire.command("SUBSCRIBE", Array(topic($0).utf8)) }
            try subscribe(peer, bytes, count, told, in: scene)
            peer.hangUp()
            var most = 0
            var before = 0
            var isGone = false
            // The ends, and the one other subscription.
            while told.count < count + 1 {
                scene.reactor.run(.once)
                most = max(most, told.count - before)
                before = told.count
                guard xpub.peerCount == 0, !isGone else { continue }
                isGone = true
                #expect(before < count)
                #expect(xpub.subscriberCount(to: topic(count - 1)) == 0)
                #expect(try xpub.send(topic(count - 1)) == .accepted)
                // A new subscriber gets its own topics, and nothing else.
                let other = try scene.rawPeer("SUB", of: xpub)
                other.subscribe("other")
                var others = 0
                told.onSubscribe = { _, _, topic in others += topic.string == "other" ? 1 : 0 }
                try scene.wait("another subscriber") { others == 1 }
                #expect(xpub.subscriberCount(to: "other") == (isManual ? 0 : 1))
                #expect(xpub.subscriberCount(to: topic(count - 1)) == 0)
                before = told.count
                other.hangUp()
            }
            #expect(isGone)
            #expect(most <= 2 * Distributor.forgottenAtOnce.subscriptions)
            try scene.wait("the last") { xpub.topicCount == 0 }
            let ends = told.texts.filter { $0 != "+other" && $0 != "-other" }
            #expect(Set(ends) == Set((0..<count).map { "-\(topic($0))" }))
            #expect(ends.count == count)
            #expect(xpub.statistics.messagesDropped == 0)
        }
    }

    @Test("a connecting PUB removes the topics of a lost peer, and gets them again when it returns")
    func comingBack() throws {
        try withScene(in: Context()) { scene in
            let pub = try scene.pub()
            let sub = try scene.sub()
            for number in 0..<5000 { try sub.subscribe(to: topic(number)) }
            let endpoint = try sub.bind(Road.ipc.endpoint)
            try pub.connect(endpoint)
            try scene.wait("all topics") { pub.topicCount == 5000 }
            try scene.close(sub)
            try scene.wait("the end") { pub.peerCount == 0 }
            #expect(pub.subscriberCount(to: topic(1)) == 0)
            let next = try scene.sub(to: "next")
            try next.bind(endpoint)
            try scene.wait("the next") { pub.subscriberCount(to: "next") == 1 && pub.topicCount == 1 }
            try pub.send(topic(1))
            try pub.send("next")
            #expect(try scene.receive(next) == "next")
        }
    }

    @Test(
        "a SUB sends its topics to a new peer in portions; changes meanwhile arrive",
        arguments: Road.kinds,
        [0, 1]
    )
    func announcing(over road: Road, ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let told = Recorder()
            let xpub = try scene.xpub(handler: told)
            let sub = try scene.sub()
            let count = 20_000
            for number in 0..<count { try sub.subscribe(to: topic(number)) }
            try xpub.bind(road.endpoint)
            try sub.connect(xpub.lastEndpoint!)
            try scene.wait("the first topics") { told.count > 0 }
            if ioThreads == 0 { #expect(told.count < count / 2) }
            // Some of these have been sent, others not yet.
            for number in stride(from: 0, to: count, by: 100) { try sub.unsubscribe(from: topic(number)) }
            for number in 0..<100 { try sub.subscribe(to: "new \(number)") }
            let rest = count - count / 100 + 100
            try scene.wait("all topics") { xpub.topicCount == rest && sub.topicCount == rest }
            try sub.subscribe(to: "end")
            try scene.wait("the end") { xpub.subscriberCount(to: "end") == 1 }
            #expect(xpub.topicCount == rest + 1)
            #expect(xpub.subscriberCount(to: topic(100)) == 0)
            #expect(xpub.subscriberCount(to: topic(count - 1)) == 1)
            // None is sent twice.
            #expect(Set(told.texts).count == told.count)
        }
    }

    @Test(
        "long topics of a disconnected peer end in portions, too, limited by their bytes",
        arguments: [0, 1]
    )
    func longTopics(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let told = Recorder()
            let xpub = try scene.xpub(handler: told)
            let peer = try scene.rawPeer("SUB", of: xpub)
            let (count, size) = (40, 100_000)
            let bytes = (0..<count).flatMap { Wire.command("SUBSCRIBE", [UInt8($0)] + Wire.zeros(size)) }
            try subscribe(peer, bytes, count, told, in: scene)
            peer.hangUp()
            var (most, before) = (0, 0)
            try scene.wait("all ends") {
                most = max(most, told.count - before)
                before = told.count
                return told.count == count
            }
            #expect(most <= 2)
            let ends = (0..<count).map { "-" + String(decoding: [UInt8($0)] + Wire.zeros(size), as: UTF8.self) }
            #expect(Set(told.texts) == Set(ends))
            try scene.wait("the last") { xpub.topicCount == 0 }
            #expect(xpub.statistics.messagesDropped == 0)
        }
    }

    @Test("a SUB sends a peer that does not read no more long topics than necessary")
    func announcingLongTopics() throws {
        try withScene(in: Context()) { scene in
            let sub = try scene.sub()
            let (count, size) = (100, 100_000)
            for number in 0..<count { try sub.subscribe(to: [UInt8(number)] + Wire.zeros(size)) }
            let peer = try scene.rawPeer("XPUB", of: sub, receiveBuffer: 4096)
            scene.settle()
            let control = try #require((sub.pipes.first??.link as? StreamConnection)?.control.count)
            #expect(control < 3 * size)
            var received = 0
            let all = count * Wire.command("SUBSCRIBE", Wire.zeros(size + 1)).count
            try scene.wait("all topics") {
                peer.poll()
                received += peer.received.count
                peer.received = []
                return received >= all
            }
            scene.settle()
            peer.poll()
            #expect(received == all && peer.received.isEmpty)
        }
    }
}
