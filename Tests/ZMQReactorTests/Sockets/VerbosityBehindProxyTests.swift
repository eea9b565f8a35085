import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// How an XSUB handles the subscriptions that an XPUB in front of it reports: it counts them.
struct VerbosityBehindProxyTests {
    /// Two peers subscribe to a topic through a proxy, and both cancel; returns whether the publisher still has the
    /// subscription.
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
                // A later subscription shows that the earlier ones have been forwarded.
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

    @Test(
        "as many cancellations as subscriptions end a topic upstream",
        arguments: [XPubSocket.Verbosity.merged, .verboser]
    )
    func ends(verbosity: XPubSocket.Verbosity) throws {
        #expect(try !isStillSubscribed(verbosity))
    }

    @Test("verbose reports two subscriptions and one cancellation: the topic stays, as documented")
    func stays() throws {
        #expect(try isStillSubscribed(.verbose))
    }
}
