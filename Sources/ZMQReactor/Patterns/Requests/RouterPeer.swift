public import ZMTP

/// A peer of a ``RouterSocket``, which can be asked who it is and be disconnected. It belongs to the thread of its socket.
public struct RouterPeer {
    /// What the socket calls it.
    public let routingID: Frame

    /// The endpoint that was bound or connected to.
    public var endpoint: String { "\(pipe.endpoint)" }

    /// Where it is: `host:port` for tcp, `pid 4711 uid 1000` for ipc, `inproc`; nil while it is not connected.
    public let address: String?

    /// What kind of socket it is; nil while it is not connected.
    public let socketType: SocketType?

    private let metadata: Metadata?
    // Not weak: what has weak references is counted slowly, and this is what every message passes through.
    private let pipe: Pipe
    private let number: Int

    init(routingID: Frame, _ pipe: Pipe) {
        self.routingID = routingID
        self.pipe = pipe
        number = pipe.peerNumber
        address = pipe.link?.peerName
        socketType = pipe.peer?.socketType
        metadata = pipe.peer?.metadata
    }

    /// Whether it is connected now.
    public var isConnected: Bool { pipe.peer != nil && pipe.peerNumber == number }

    /// What the peer has said about itself in the handshake, under a name in upper or lower case; nil when it has not.
    public func property(_ name: String) -> [UInt8]? { metadata?[name] }

    /// Ends the connection at once. A peer that connects to us may come back.
    public func disconnect() { if isConnected { pipe.link?.close(afterSending: false) } }
}

@available(*, unavailable, message: "a peer belongs to the thread of its socket")
extension RouterPeer: Sendable {}
