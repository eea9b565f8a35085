public import ZMTP

/// A peer of a ``RouterSocket``, ``ServerSocket`` or ``PeerSocket``: its properties, and a way to disconnect it. It belongs to the thread of its socket.
public struct RouterPeer {
    /// Its name at this socket.
    public let routingID: Frame

    /// The endpoint that was bound or connected to.
    public var endpoint: String { "\(pipe.endpoint)" }

    /// Its address: `host:port` for tcp, `pid 4711 uid 1000` for ipc, `inproc`; nil while it is not connected.
    public let address: String?

    /// Its socket type; nil while it is not connected.
    public let socketType: SocketType?

    /// The name that an ``Authenticator`` has given it; nil if it was not authenticated, and while it is not connected.
    public let userID: String?

    private let metadata: Metadata?
    // Not weak: objects with weak references are counted slowly, and every message passes through this one.
    private let pipe: Pipe
    private let number: Int

    init(routingID: Frame, _ pipe: Pipe) {
        self.routingID = routingID
        self.pipe = pipe
        number = pipe.peerNumber
        address = pipe.link?.peerAddress
        socketType = pipe.peer?.socketType
        userID = pipe.peer?.acceptance?.userID
        metadata = pipe.peer?.metadata
    }

    /// Whether it is connected now.
    public var isConnected: Bool { pipe.peer != nil && pipe.peerNumber == number }

    /// A property from its handshake, by its case-insensitive name; nil if there is none.
    public func property(_ name: String) -> [UInt8]? { metadata?[name] }

    /// Closes the connection at once. A peer that had connected to us may reconnect.
    public func disconnect() { if isConnected { pipe.link?.close(afterSending: false) } }
}

@available(*, unavailable, message: "a peer belongs to the thread of its socket")
extension RouterPeer: Sendable {}
