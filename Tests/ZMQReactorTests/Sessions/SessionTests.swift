import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// A session continues with its endpoint while the socket's thread is busy: these tests run its reactor only where they
/// say so.
@Suite(.hangLimit)
struct SessionTests {
    /// A peer that connects and disconnects while the socket's thread is busy.
    private struct Host {
        let listener: RawListener
        let type: String

        init(as type: String) throws {
            listener = try RawListener()
            self.type = type
        }

        /// The next connection, after its handshake.
        func peer() throws -> RawPeer {
            var accepted: RawPeer?
            try waitUntil("a connection") {
                accepted = listener.accept()
                return accepted != nil
            }
            accepted!.shakeHands(as: type)
            return accepted!
        }
    }

    private func expect(_ bytes: [UInt8], at peer: RawPeer, _ what: String) throws {
        try waitUntil(what) {
            peer.poll()
            return peer.hasReceived(bytes)
        }
    }

    private static func quick(_ options: inout SocketOptions) { options.reconnectInterval = .milliseconds(1) }

    @Test("Q-1: a connection is restored, and queued messages are sent, while the application is busy")
    func queue() throws {
        try withScene(in: Context(ioThreads: 1)) { scene in
            let host = try Host(as: "PULL")
            let push = try scene.push(Self.quick)
            try push.connect(host.listener.endpoint)
            #expect(try push.send("before") == .accepted)
            // No turn of the reactor from here on.
            let first = try host.peer()
            try expect(Wire.message("before"), at: first, "what was sent before there was a peer")
            first.reset()
            let second = try host.peer()
            #expect(try push.send("after") == .accepted)
            try expect(Wire.message("after"), at: second, "what was sent before the loss was known")
            try waitUntil("it to be counted") { push.statistics.messagesSent == 2 && push.statistics.reconnects == 1 }
            // The application gets events in order.
            var told: [String] = []
            push.onEvent = { told.append($1.name) }
            try scene.run(until: { told.count { $0 == "handshake-succeeded" } == 2 })
            #expect(told.firstIndex(of: "disconnected")! > told.firstIndex(of: "handshake-succeeded")!)
            #expect(told.last == "handshake-succeeded" && push.peerCount == 1)
            #expect(push.connections.map(\.isAccepted) == [false])
        }
    }

    @Test("S-5: each new peer receives all subscriptions while the application is busy", arguments: [false, true])
    func subscriptions(isExtended: Bool) throws {
        try withScene(in: Context(ioThreads: 1)) { scene in
            let host = try Host(as: "PUB")
            let socket: SubscribingSocket = isExtended ? try scene.xsub(change: Self.quick) : try scene.sub(Self.quick)
            if let xsub = socket as? XSubSocket {
                // They are sent twice, and are one subscription all the same.
                xsub.forwardsDuplicates = true
                for topic in ["\u{1}gone", "\u{1}gone", "\u{0}gone", "\u{0}gone"] { try xsub.send(topic) }
            }
            try socket.subscribe(to: "news")
            try socket.connect(host.listener.endpoint)
            scene.turn()
            // No turn of the reactor from here on.
            let all = Wire.command("SUBSCRIBE", Array("news".utf8))
            for _ in 0..<2 {
                let peer = try host.peer()
                try expect(all, at: peer, "the subscription")
                #expect(!peer.hasReceived(Wire.command("SUBSCRIBE", Array("gone".utf8))))
                peer.reset()
            }
            let last = try host.peer()
            try expect(all, at: last, "the subscription")
            // Messages of this peer are delivered when the application has time.
            last.send(Wire.message("news of today"))
            try scene.run(until: { socket.statistics.messagesReceived == 1 })
            try socket.unsubscribe(from: "news")
            scene.turn()
            try expect(Wire.command("CANCEL", Array("news".utf8)), at: last, "the end of the subscription")
        }
    }

    @Test("more topics than fit one portion are sent to each new peer")
    func manyTopics() throws {
        try withScene(in: Context(ioThreads: 1)) { scene in
            let host = try Host(as: "PUB")
            let sub = try scene.sub(Self.quick)
            let topics = (0..<5000).map { "topic \($0)" }
            for topic in topics { try sub.subscribe(to: topic) }
            try sub.connect(host.listener.endpoint)
            let size = topics.reduce(0) { $0 + Wire.command("SUBSCRIBE", Array($1.utf8)).count }
            let first = try host.peer()
            try scene.run(until: {
                first.poll()
                return first.received.count >= size
            })
            first.reset()
            // No turn of the reactor from here on.
            let second = try host.peer()
            try waitUntil("all topics") {
                second.poll()
                return second.received.count >= size
            }
            for topic in [topics[0], topics[2500], topics[4999]] {
                #expect(second.hasReceived(Wire.command("SUBSCRIBE", Array(topic.utf8))))
            }
        }
    }

    @Test("a peer is rejected, and not the one that has replaced it meanwhile")
    func rejectedLate() throws {
        try withScene(in: Context(ioThreads: 1)) { scene in
            let host = try Host(as: "SUB")
            let pub = try scene.pub(Self.quick)
            pub.subscriptionLimits.topics = 1
            try pub.connect(host.listener.endpoint)
            let greedy = try host.peer()
            try waitUntil("the handshake") {
                greedy.poll()
                return greedy.hasReceived(Array("READY".utf8))
            }
            greedy.subscribe("a")
            greedy.subscribe("b")
            greedy.finish()
            let modest = try host.peer()
            modest.subscribe("c")
            try waitUntil("the handshake") {
                modest.poll()
                return modest.hasReceived(Array("READY".utf8))
            }
            // The first one's second subscription is handled only now.
            var reasons: [EventReason] = []
            pub.onEvent = { if case .disconnected(_, _, let reason) = $1 { reasons.append(reason) } }
            try scene.run(until: { pub.subscriberCount(to: "c") == 1 })
            #expect(reasons.map(\.limit) == [.subscriptions] && pub.topicCount == 1)
            try pub.send("c")
            try expect(Wire.message("c"), at: modest, "a message")
            modest.poll()
            #expect(!modest.isClosed)
        }
    }

    @Test("messages that a session has not sent are counted when the endpoint is closed", arguments: [false, true])
    func givenUp(isDisconnected: Bool) throws {
        try withScene(in: Context(ioThreads: 1)) { scene in
            let push = try scene.push { $0.linger = .none }
            let endpoint = try freeEndpoint()
            try push.connect(endpoint)
            for _ in 0..<10 { #expect(try push.send("absent") == .accepted) }
            var unsent: Int?
            if isDisconnected {
                try push.disconnect(endpoint) { unsent = $0.unsentMessages }
            } else {
                push.close { unsent = $0.unsentMessages }
            }
            try scene.run(until: { unsent != nil })
            #expect(unsent == 10)
        }
    }
}
