import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// A bound PULL that serves a good PUSH, while attackers connect to it.
final class AttackedServer {
    let scene: Scene
    let pull: PullSocket
    let endpoint: String
    private let deliveries = Deliveries()
    /// The reasons with which connections have ended.
    private(set) var ends: [EventReason] = []
    private let good: PushSocket

    private static let greeting: Message = "from the good peer"

    private final class Deliveries {
        var served = 0
        var foreign: [Message] = []

        func add(_ message: Message) {
            if message == AttackedServer.greeting { served += 1 } else { foreign.append(message) }
        }
    }

    init(
        _ scene: Scene,
        _ sides: (server: SocketSecurity, client: SocketSecurity) = (.none, .none),
        _ change: @escaping Scene.Change = { _ in }
    ) throws {
        self.scene = scene
        pull = try scene.pull(
            {
                change(&$0)
                $0.security = sides.server
            },
            received: { [deliveries] in deliveries.add($1) }
        )
        good = try scene.push { $0.security = sides.client }
        endpoint = try pull.bind(scene.anyEndpoint)
        pull.onEvent = { [weak self] _, event in
            switch event {
            case .handshakeFailed(_, _, let reason), .disconnected(_, _, let reason): self?.ends.append(reason)
            default: break
            }
        }
        try good.connect(endpoint)
        try isServing()
    }

    /// Messages of others than the good peer.
    var foreign: [Message] { deliveries.foreign }

    /// The connections, the good peer's included.
    var connections: Int { pull.observer.admissions.connections.connections }

    /// Forgets what attackers have achieved so far.
    func forget() { (deliveries.foreign, ends) = ([], []) }

    func attacker() throws -> RawPeer { try scene.rawPeer(to: endpoint) }

    /// Sends all bytes, or as many as are taken until the connection ends.
    func send(_ bytes: [UInt8], from peer: RawPeer) throws {
        var rest = bytes[...]
        try scene.run(
            until: {
                rest = rest.dropFirst(max(peer.send(Array(rest.prefix(1 << 16))), 0))
                peer.poll()
                return rest.isEmpty || peer.isClosed
            },
            "\(bytes.count) bytes to be sent"
        )
    }

    /// Checks that the good peer is served, on its first connection.
    func isServing(_ location: SourceLocation = #_sourceLocation) throws {
        let before = deliveries.served
        #expect(try good.send(Self.greeting) == .accepted)
        try scene.run(until: { deliveries.served == before + 1 }, "the good peer's message")
        #expect(good.statistics.reconnects == 0, sourceLocation: location)
    }

    /// Sends the bytes from a new connection, and checks that it ends with one event, and that nothing is delivered.
    func withstands(
        _ bytes: [UInt8],
        _ kind: EventReason.Kind,
        _ location: SourceLocation = #_sourceLocation
    ) throws {
        let peer = try attacker()
        try send(bytes, from: peer)
        try isRid(of: peer, kind, location)
    }

    /// Checks that the connection ends with one event, and that nothing is delivered.
    func isRid(
        of peer: RawPeer,
        _ kind: EventReason.Kind,
        _ location: SourceLocation = #_sourceLocation
    ) throws {
        try scene.run(
            until: {
                peer.poll()
                return peer.isClosed && connections == 1
            },
            "the end of the connection"
        )
        try isServing(location)
        #expect(ends.map(\.kind) == [kind], "\(ends)", sourceLocation: location)
        #expect(foreign.isEmpty, sourceLocation: location)
        ends = []
    }
}

/// Where an attack takes place: in virtual time, or on an I/O thread.
func withAttackedServer(
    ioThreads: Int = 0,
    sides: (server: SocketSecurity, client: SocketSecurity) = (.none, .none),
    _ change: @escaping Scene.Change = { _ in },
    _ body: (AttackedServer) throws -> Void
) throws {
    try withTimedScene(ioThreads: ioThreads) { scene in try body(AttackedServer(scene, sides, change)) }
}
