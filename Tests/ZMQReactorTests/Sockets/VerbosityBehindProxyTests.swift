import TestSupport
import Testing

@testable import ZMQReactor

/// What an XSUB makes of the subscriptions that an XPUB in front of it tells: it counts them.
struct VerbosityBehindProxyTests {
    /// Two subscribe to a topic by a proxy, and both leave it; answers whether the publisher behind is still asked for it.
    private func isStillSubscribed(_ verbosity: XPubSocket.Verbosity) throws -> Bool {
        var isSubscribed = true
        try withScene { scene in
            let (publishers, subscribers, proxy) = try scene.forwarder()
            subscribers.verbosity = verbosity
            let publisher = try scene.pub()
            try scene.connect(publisher, to: publishers)
            let subs = try [scene.sub(), scene.sub()]
            for sub in subs {
                try scene.connect(sub, to: subscribers)
                try sub.subscribe(to: "topic")
            }
            try scene.wait(for: 2, subscribersOf: subscribers, to: "topic")
            try scene.wait(for: 1, subscribersOf: publisher, to: "topic")
            for sub in subs {
                try sub.unsubscribe(from: "topic")
                // A subscription that comes behind shows that what was before it has been passed on.
                try sub.subscribe(to: "mark")
            }
            try scene.wait(for: 2, subscribersOf: subscribers, to: "mark")
            try scene.wait(for: 1, subscribersOf: publisher, to: "mark")
            if verbosity != .verbose { try scene.wait(for: 0, subscribersOf: publisher, to: "topic") }
            isSubscribed = publisher.subscriberCount(to: "topic") > 0
            proxy.stop()
        }
        return isSubscribed
    }

    @Test("as many ends as beginnings end a topic upstream", arguments: [XPubSocket.Verbosity.merged, .verboser])
    func ends(verbosity: XPubSocket.Verbosity) throws {
        #expect(try !isStillSubscribed(verbosity))
    }

    @Test("verbose tells two beginnings and one end: the topic stays, as the page says")
    func stays() throws {
        #expect(try isStillSubscribed(.verbose))
    }
}
