import EventReactor
import Glibc
import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

/// A socket whose one connection runs over memory, and the far end of that: no descriptor, and no time but the virtual
/// one.
final class MemoryPeer {
    let socket: Socket
    private let scene: Scene
    let endpointOptions: EndpointOptions
    /// What the connection has. Its bytes can be cut up here.
    let near: MemoryStream
    /// What the peer has.
    let far: MemoryStream
    private(set) var connection: StreamConnection!
    /// Everything that has come to the peer.
    private(set) var received: [UInt8] = []
    private(set) var handshakes: [Peer] = []
    private(set) var reason: EventReason?

    init(
        _ socket: Socket,
        in scene: Scene,
        role: Engine.Configuration.Role = .accepting,
        security: SocketSecurity = .none,
        capacity: Int = 1 << 16,
        codec: (any StreamCodec)? = nil
    ) {
        (self.socket, self.scene) = (socket, scene)
        var options = socket.endpointOptions.options
        let profile = socket.endpointOptions.profile
        options.security = security
        endpointOptions = EndpointOptions(options, profile)
        scene.network.capacity = capacity
        (near, far) = scene.network.makePair()
        let profileOfEngine = endpointOptions.engineProfile(role, greets: codec == nil)
        if let codec {
            let stream = CodecStream(over: ByteStream(near), codec, on: scene.reactor)
            connection = StreamConnection(ByteStream(stream), of: self, endpointOptions, profileOfEngine)
        } else {
            connection = StreamConnection(ByteStream(near), of: self, endpointOptions, profileOfEngine)
        }
        connection.start()
    }

    /// Ends the connection, which holds the socket.
    func finish() {
        connection.end(.closed)
        far.close()
        scene.reactor.run(.nowait)
    }

    /// Turns the reactor so often that nothing is left to do, and takes what has come.
    func turn(_ turns: Int = 10) {
        for _ in 0..<turns { scene.reactor.run(.nowait) }
        received += far.takeAll()
        for _ in 0..<2 { scene.reactor.run(.nowait) }
        received += far.takeAll()
    }

    /// Lets time pass.
    func pass(_ time: Duration) { scene.run(for: time) }

    /// The connection breaks.
    func breakConnection() { scene.network.connections[0].reset() }

    func shakeHands(as type: String) {
        far.send(Wire.greeting() + Wire.ready(type))
        turn()
    }

    func forgetReceived() { received = [] }
}

extension MemoryPeer: StreamConnectionOwner {
    var reactor: Reactor { scene.reactor }
    var buffers: StreamBuffers { StreamBuffers.of(reactor) }
    var observer: SocketObserver { socket.observer }

    func connection(_ connection: StreamConnection, handshakeCompletedWith peer: Peer) -> Admission {
        handshakes.append(peer)
        let admission = socket.admit(peer, to: nil, at: .inproc("memory"), endpointOptions)
        if case .pipe(let pipe) = admission { pipe.sink.add(pipe) }
        return admission
    }

    func connection(_ connection: StreamConnection, reached limit: SocketLimit) {}

    func connection(_ connection: StreamConnection, closedBecause reason: EventReason, afterHandshake: Bool) {
        self.reason = reason
    }
}

/// Runs a test with a socket and the peer of its one connection, in virtual time.
func withMemoryPeer<S: Socket>(
    of make: (Scene) throws -> S,
    role: Engine.Configuration.Role = .accepting,
    security: SocketSecurity = .none,
    capacity: Int = 1 << 16,
    codec: (any StreamCodec)? = nil,
    _ body: (S, MemoryPeer) throws -> Void
) throws {
    try withVirtualScene { scene in
        let socket = try make(scene)
        let peer = MemoryPeer(
            socket,
            in: scene,
            role: role,
            security: security,
            capacity: capacity,
            codec: codec
        )
        defer { peer.finish() }
        try body(socket, peer)
    }
}
