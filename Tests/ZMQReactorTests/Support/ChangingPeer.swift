import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// An endpoint to which a socket connects, with one raw peer after another behind it.
final class ChangingPeer {
    let endpoint: String
    private let scene: Scene
    /// nil while nothing listens there.
    private var listener: SceneListener?

    init(_ scene: Scene) throws {
        self.scene = scene
        endpoint = try scene.freshEndpoint()
        try listen()
    }

    private func listen() throws { listener = try scene.rawListener(at: endpoint, receiveBuffer: 64 << 10) }

    /// The next connection, after its handshake with `socket`; its received bytes begin behind the socket's READY.
    func peer(
        _ type: String,
        _ identity: String? = nil,
        of socket: Socket,
        minor: UInt8 = 1
    ) throws -> RawPeer {
        if listener == nil { try listen() }
        let peer = try listener!.accept()
        peer.send(Wire.greeting(minor: minor) + Wire.ready(type, identity: identity.map { Array($0.utf8) }))
        _ = try peer.receive(64, scene)
        let header = try peer.receive(2, scene)
        _ = try peer.receive(Int(header[1]), scene)
        try scene.wait("the handshake") { socket.peerCount == 1 }
        return peer
    }

    /// The peer disconnects, and the endpoint is closed until the next peer.
    func lose(_ peer: RawPeer, of socket: Socket) throws {
        listener = nil
        peer.hangUp()
        try scene.wait("the loss") { socket.peerCount == 0 }
    }
}

/// A scene with such an endpoint.
func withChangingPeer(_ ioThreads: Int, _ body: (Scene, ChangingPeer) throws -> Void) throws {
    try withTimedScene(ioThreads: ioThreads) { scene in try body(scene, ChangingPeer(scene)) }
}
