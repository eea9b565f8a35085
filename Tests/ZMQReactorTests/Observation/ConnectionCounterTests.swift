import Testing
import ZMQReactorTestSupport
import ZMQReactorTesting

@testable import ZMQReactor

/// Counters of connections, whatever the transport and the thread.
struct ConnectionCounterTests {
    @Test("a connection is counted when it is made, and again when it is made again", arguments: Road.allCases, [0, 1])
    func connectionsMade(road: Road, ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let pull = try scene.pull()
            let push = try scene.push()
            let endpoint = try pull.bind(road.endpoint)
            for count in 1...2 {
                try push.connect(endpoint)
                try scene.run(until: { push.peerCount == 1 && pull.peerCount == 1 })
                #expect(push.statistics.connectionsMade == count)
                #expect(pull.statistics.connectionsMade == count)
                try push.disconnect(endpoint)
                try scene.run(until: { pull.peerCount == 0 && push.connectors.isEmpty })
            }
            #expect(push.statistics.handshakeFailures == 0 && pull.statistics.handshakeFailures == 0)
        }
    }

    @Test("a peer of an incompatible type is one failed handshake", arguments: Road.wire, [0, 1])
    func handshakeFailures(road: Road, ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            var failed: (pull: Int, sub: Int) = (0, 0)
            let pull = try scene.pull()
            pull.onEvent = { if $1.name == "handshake-failed" { failed.pull += 1 } }
            let sub = try scene.sub()
            sub.onEvent = { if $1.name == "handshake-failed" { failed.sub += 1 } }
            try sub.connect(try pull.bind(road.endpoint))
            try scene.run(until: { failed.pull > 0 && failed.sub > 0 })
            #expect(pull.statistics.handshakeFailures == failed.pull)
            #expect(sub.statistics.handshakeFailures == failed.sub)
            #expect(pull.statistics.connectionsMade == 0)
        }
    }

    @Test("answered PINGs are counted, with the time they took") func roundTrips() throws {
        try withTestScene { scene in
            scene.network.delay = .milliseconds(2)
            var options = SocketOptions()
            options.heartbeatInterval = .seconds(1)
            let pull = try PullSocket(on: scene.reactor, in: scene.context)
            let push = try PushSocket(on: scene.reactor, in: scene.context, options: options)
            try pull.bind("memory://work")
            try push.connect("memory://work")
            try scene.run(until: { push.statistics.heartbeatRoundTrips.count == 3 })
            let histogram = push.statistics.heartbeatRoundTrips
            // 4 ms each: the fourth bucket.
            #expect((0..<DurationHistogram.bucketCount).map { histogram[$0] } == [0, 0, 0, 3, 0, 0, 0])
            #expect(histogram.sum >= .milliseconds(12) && histogram.sum < .milliseconds(15))
            #expect(pull.statistics.heartbeatRoundTrips.count == 0)
        }
    }

    @Test("those of a session are counted as well") func roundTripsOfASession() throws {
        try withScene(in: Context(ioThreads: 1)) { scene in
            let pull = try scene.pull()
            let push = try scene.push { $0.heartbeatInterval = .milliseconds(10) }
            try push.connect(try pull.bind("tcp://127.0.0.1:*"))
            try scene.run(until: { push.statistics.heartbeatRoundTrips.count >= 2 })
            #expect(push.statistics.heartbeatRoundTrips.sum > .zero)
        }
    }

    @Test("a context calls a visitor with each of its sockets once") func visitors() throws {
        try withScene { scene in
            let seen = Locked<[ObjectIdentifier]>([])
            let before = try scene.pull()
            scene.context.forEachSocket { socket in
                let id = ObjectIdentifier(socket)
                seen.withLock { $0.append(id) }
            }
            // Made before the visitor has been called with the first one.
            let between = try scene.pull()
            try scene.run(until: { seen.withLock { $0.count } == 2 })
            let after = try scene.push()
            #expect(Set(seen.withLock { $0 }) == Set([before, between, after].map { ObjectIdentifier($0 as Socket) }))
            #expect(seen.withLock { $0.count } == 3)
        }
    }
}
