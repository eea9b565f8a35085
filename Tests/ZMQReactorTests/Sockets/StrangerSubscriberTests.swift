import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// A subscriber is lost, and another one is found at the endpoint: it has subscriptions of its own.
@Suite(.hangLimit)
struct StrangerSubscriberTests {
    @Test("PUB-12, TOP-11: the subscriptions of a lost subscriber are not the next one's", arguments: [0, 1])
    func subscriptions(ioThreads: Int) throws {
        try withChangingPeer(ioThreads) { scene, place in
            let pub = try scene.pub()
            try pub.connect(place.endpoint)
            let first = try place.peer("SUB", of: pub)
            first.subscribe("a")
            try scene.wait(for: 1, subscribersOf: pub, to: "a")
            try place.lose(first, of: pub)
            #expect(pub.topicCount == 0)
            try pub.send("a is dropped")
            let second = try place.peer("SUB", of: pub)
            second.subscribe("b")
            try scene.wait(for: 1, subscribersOf: pub, to: "b")
            try pub.send("a")
            try pub.send("b")
            #expect(try second.receive(3, scene) == Wire.message("b"))
            try second.receiveNothing(scene)
        }
    }

    @Test("XPB-4: the requests of a lost subscriber are not granted to another one", arguments: [0, 1])
    func manualSubscriptions(ioThreads: Int) throws {
        try withChangingPeer(ioThreads) { scene, place in
            let xpub = try scene.xpub()
            xpub.isManual = true
            try xpub.connect(place.endpoint)
            let first = try place.peer("SUB", of: xpub)
            first.subscribe("a")
            try scene.wait("the request") { xpub.messagesWaiting == 1 }
            try place.lose(first, of: xpub)
            let second = try place.peer("SUB", of: xpub)
            #expect(try xpub.tryReceive()?.string == "\u{1}a")
            let subscriber = try #require(xpub.lastSubscriber)
            #expect(!subscriber.isConnected)
            xpub.subscribe(subscriber, to: "a")
            #expect(xpub.topicCount == 0)
            #expect(try xpub.send("a direct", to: subscriber) == .accepted)
            subscriber.disconnect(because: "it is not wanted")
            #expect(try xpub.send("a") == .accepted)
            try second.receiveNothing(scene)
            #expect(try xpub.tryReceive()?.string == "\u{0}a")
            #expect(xpub.lastSubscriber == subscriber && xpub.statistics.dropped[.noSuchPeer] == 1)
        }
    }
}
