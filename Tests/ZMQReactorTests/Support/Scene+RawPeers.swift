import ZMQReactorTestSupport

@testable import ZMQReactor

extension Scene {
    /// A listener without ZMTP, for sockets that connect.
    ///
    /// - Parameters:
    ///   - endpoint: one of `freshEndpoint()`; any when nil.
    ///   - receiveBuffer: how much it holds of what its peers do not read; in memory, that of all connections made from
    ///     now on.
    func rawListener(at endpoint: String? = nil, receiveBuffer: Int32? = nil) throws -> SceneListener {
        if let virtual {
            if let receiveBuffer { network.capacity = Int(receiveBuffer) }
            return SceneListener(self, memory: try virtual.rawListener(at: endpoint ?? anyEndpoint))
        }
        let port = endpoint.flatMap { $0.split(separator: ":").last }.flatMap { Int($0) } ?? 0
        return SceneListener(self, tcp: try RawListener(port: port, receiveBuffer: receiveBuffer))
    }

    /// Runs until the other side has closed.
    func waitForEnd(of peer: RawPeer) throws {
        try wait("the end of the connection") {
            peer.poll()
            return peer.isClosed
        }
    }
}

extension RawPeer {
    /// Runs the scene until there are `count` bytes, and takes them.
    func receive(_ count: Int, _ scene: Scene) throws -> [UInt8] {
        try scene.wait("\(count) bytes") {
            poll()
            guard received.count >= count || !isClosed else { throw TestFailure("closed behind \(received)") }
            return received.count >= count
        }
        defer { received.removeFirst(count) }
        return Array(received[..<count])
    }

    /// Runs the scene until the other side has closed, and takes the bytes before that.
    func receiveAll(_ scene: Scene) throws -> [UInt8] {
        try scene.waitForEnd(of: self)
        defer { received = [] }
        return received
    }

    /// Runs the scene for a while, in which nothing may arrive.
    func receiveNothing(_ scene: Scene) throws {
        scene.settle()
        poll()
        guard received.isEmpty, !isClosed else { throw TestFailure("did not expect \(received), closed: \(isClosed)") }
    }
}

/// Listens on 127.0.0.1, or in the network of a scene.
final class SceneListener {
    let endpoint: String
    private unowned let scene: Scene
    private let acceptNext: () -> RawPeer?
    private let end: () -> Void

    fileprivate init(_ scene: Scene, memory listener: MemoryListener) {
        (self.scene, endpoint) = (scene, listener.endpoint)
        (acceptNext, end) = ({ listener.accept() }, { listener.close() })
    }

    fileprivate init(_ scene: Scene, tcp listener: RawListener) {
        (self.scene, endpoint) = (scene, listener.endpoint)
        (acceptNext, end) = ({ listener.accept() }, { listener.close() })
    }

    /// Ends the listening.
    func close() { end() }

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
