import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// A bound PULL with limits, a good PUSH that it serves, and a list of the limits exceeded.
final class LimitedServer {
    let scene: Scene
    let pull: PullSocket
    private(set) var endpoints: [String] = []
    private(set) var events: [SocketEvent] = []
    private let good: PushSocket

    init(_ scene: Scene, on roads: [Road?], _ change: @escaping Scene.Change) throws {
        self.scene = scene
        pull = try scene.pull(change)
        good = try scene.push()
        pull.onEvent = { [weak self] in self?.events.append($1) }
        for road in roads { endpoints.append(try pull.bind(road?.endpoint ?? scene.anyEndpoint)) }
        try good.connect(endpoints[0])
        try scene.run(until: { pull.peerCount == 1 && good.peerCount == 1 })
    }

    /// The current counts.
    var tally: AdmissionTable.Tally { pull.observer.admissions.connections }

    /// The limits in events.
    var limits: [SocketLimit] { events.compactMap { $0.reason?.limit } }

    /// Connects, and runs until the server counts the connection.
    func admitted(at number: Int = 0, shakesHands: Bool = true) throws -> RawPeer {
        let before = tally
        let peer = try scene.rawPeer(to: endpoints[number])
        if shakesHands { peer.shakeHands(as: "PUSH") }
        try scene.run(until: { tally.connections == before.connections + 1 }, "a connection")
        if shakesHands { try scene.run(until: { tally.handshakes == before.handshakes }, "a handshake") }
        #expect(!peer.isClosed)
        return peer
    }

    /// Connects, and runs until the server has rejected the connection because of the limit.
    func refused(by limit: SocketLimit, at number: Int = 0, _ location: SourceLocation = #_sourceLocation) throws {
        let (before, count) = (tally, pull.statistics.limits[limit])
        let peer = try scene.rawPeer(to: endpoints[number])
        try scene.run(
            until: {
                peer.poll()
                return peer.isClosed && pull.statistics.limits[limit] > count
            },
            "a refusal by \(limit)"
        )
        #expect(peer.received == [], sourceLocation: location)
        #expect(pull.statistics.limits[limit] == count + 1, sourceLocation: location)
        #expect(tally == before, sourceLocation: location)
        try scene.run(until: { limits.contains(limit) }, "an event")
    }

    /// Disconnects, and runs until the server has noticed.
    func leaves(_ peer: RawPeer) throws {
        let before = tally.connections
        peer.hangUp()
        try scene.run(until: { tally.connections == before - 1 }, "the end of a connection")
    }

    /// Checks that the good peer has been served all along.
    func checkService() throws {
        let before = pull.statistics.messagesReceived
        #expect(try good.send("still there") == .accepted)
        try scene.run(until: { pull.statistics.messagesReceived == before + 1 })
        #expect(good.statistics.reconnects == 0)
    }
}

/// The transport of connections, and their threads.
struct LimitSetting: CustomTestStringConvertible, Sendable {
    /// nil for connections in memory, in virtual time.
    let road: Road?
    let ioThreads: Int

    static let wire: [LimitSetting] = [Road.tcp, .ipc].flatMap { road in
        [0, 1].map { LimitSetting(road: road, ioThreads: $0) }
    }
    static let memory = LimitSetting(road: nil, ioThreads: 0)
    static let all: [LimitSetting] = [memory] + wire

    /// Those of a test that waits for time: it is real only where I/O threads know no other.
    static let timed: [LimitSetting] = [memory] + wire.filter { $0.ioThreads > 0 }

    var testDescription: String { "\(road.map { "\($0)" } ?? "memory"), \(ioThreads) I/O threads" }

    /// An endpoint to bind to.
    func endpoint(in scene: Scene) -> String { road?.endpoint ?? scene.anyEndpoint }

    /// Runs a test in a scene of this kind.
    func withScene(ioThreads: Int? = nil, _ body: (Scene) throws -> Void) throws {
        if road == nil { return try withVirtualScene(body) }
        try ZMQReactorTests.withScene(in: Context(ioThreads: ioThreads ?? self.ioThreads), body)
    }
}
