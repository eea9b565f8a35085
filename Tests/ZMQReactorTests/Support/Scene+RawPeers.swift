import ZMQReactorTestSupport

@testable import ZMQReactor

extension Scene {
    /// A listener without ZMTP, for sockets that connect.
    ///
    /// - Parameter receiveBuffer: how much it holds of what its peers do not read; in memory, that of all connections
    ///   made from now on.
    func rawListener(receiveBuffer: Int32? = nil) throws -> SceneListener {
        if let virtual {
            if let receiveBuffer { network.capacity = Int(receiveBuffer) }
            return SceneListener(self, memory: try virtual.rawListener(at: anyEndpoint))
        }
        return SceneListener(self, tcp: try RawListener(receiveBuffer: receiveBuffer))
    }

    /// Runs until the other side has closed, and takes the bytes before that.
    func receiveAll(from peer: RawPeer) throws -> [UInt8] {
        try waitForEnd(of: peer)
        defer { peer.received = [] }
        return peer.received
    }

    /// Runs until the other side has closed.
    func waitForEnd(of peer: RawPeer) throws {
        try wait("the end of the connection") {
            peer.poll()
            return peer.isClosed
        }
    }
}

/// Listens on 127.0.0.1, or in the network of a scene.
final class SceneListener {
    let endpoint: String
    private unowned let scene: Scene
    private let acceptNext: () -> RawPeer?

    fileprivate init(_ scene: Scene, memory listener: MemoryListener) {
        (self.scene, endpoint, acceptNext) = (scene, listener.endpoint, { listener.accept() })
    }

    fileprivate init(_ scene: Scene, tcp listener: RawListener) {
        (self.scene, endpoint, acceptNext) = (scene, listener.endpoint, { listener.accept() })
    }

    /// The next connection, if there is one.
    func acceptIfPresent() -> RawPeer? { acceptNext() }

    /// Runs until a peer connects.
    func accept() throws -> RawPeer {
        var peer: RawPeer?
        try scene.wait("a connection") {
            peer = acceptNext()
            return peer != nil
        }
        return peer!
    }
}
