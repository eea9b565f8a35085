public import ZMTP

/// Events of a ``PeerSocket``.
public protocol PeerHandler: AnyObject {
    /// A message has arrived: the routing id of its sender, and the body.
    func socket(_ socket: PeerSocket, received message: Message)

    /// A peer has connected; messages can be sent to it.
    func socket(_ socket: PeerSocket, connected peer: RouterPeer)

    /// A peer has disconnected; its properties can still be read.
    func socket(_ socket: PeerSocket, disconnected peer: RouterPeer)

    /// The socket can send again to a peer after a send that would have blocked, or that peer is gone.
    func socketIsWritable(_ socket: PeerSocket)

    /// The socket is closed, and its queued messages have been sent or given up. Called once, as the last call for this
    /// socket, after the linger and before the completion of ``Socket/close(_:)``.
    func socketClosed(_ socket: PeerSocket)
}

extension PeerHandler {
    public func socket(_ socket: PeerSocket, connected peer: RouterPeer) {}
    public func socket(_ socket: PeerSocket, disconnected peer: RouterPeer) {}
    public func socketIsWritable(_ socket: PeerSocket) {}
    public func socketClosed(_ socket: PeerSocket) {}
}

/// Addresses each of its PEER peers by a routing id of 32 bits, and may speak first (RFC 51).
///
/// Messages arrive as `[routing id, body]`, from all peers in turn, and a message `[routing id, body]` goes to that
/// peer. The routing id of a peer that has connected to this socket is generated for its connection, and ends with it.
/// ``connectPeer(_:)`` returns the routing id of an endpoint: messages can be sent to it at once, and it stays the same
/// when the connection is lost and restored. A send to an unknown routing id throws `hostUnreachable`; when the peer's
/// queue is full, `send` returns `wouldBlock`; nothing is dropped but what was queued for a peer that had connected
/// here and is gone, which is counted. A peer that sends several frames is disconnected. Any thread or task may send
/// with the socket's ``ShareableSocket/handle``.
public final class PeerSocket: NumberingSocket, AddressingSocket, ClosureSocket {
    private var handler: (any PeerHandler)?

    public init(_at place: _SocketPlace, options: SocketOptions, handler: (any PeerHandler)?) throws(ZMQError) {
        self.handler = handler
        try super.init(.peer, place, options, isReceiver: handler != nil)
        guard handler != nil else { return }
        peers.whenConnected = { [unowned self] in self.handler?.socket(self, connected: $0) }
        peers.whenDisconnected = { [unowned self] in self.handler?.socket(self, disconnected: $0) }
    }

    public static func _handler(_ closure: _ClosureHandler<PeerSocket>) -> any PeerHandler { closure }

    /// Connects to an endpoint, as ``Socket/connect(_:)``, and returns the routing id of the peer there.
    ///
    /// - Throws: `invalidArgument` with ``SocketOptions/isImmediate``, with which an endpoint has no queue to be
    ///   addressed; and as ``Socket/connect(_:)``.
    public func connectPeer(_ endpoint: String) throws(ZMQError) -> Frame {
        guard !options.isImmediate else {
            throw ZMQError(.invalidArgument, "an endpoint has no routing id with this option", option: "isImmediate")
        }
        var routingID = Frame()
        peers.whenEndpointNumbered = { routingID = $0 }
        defer { peers.whenEndpointNumbered = nil }
        try connect(endpoint)
        return routingID
    }

    override func becameWritable(for pipe: Pipe?) { handler?.socketIsWritable(self) }

    override func deliver(_ batch: inout MessageBatch, from pipe: Pipe) {
        deliver(&batch, from: pipe, to: handler) { $0.socket(self, received: $1) }
    }

    override func forgetHandler() { handler.take()?.socketClosed(self) }
}

extension _ClosureHandler: PeerHandler where Source == PeerSocket {}
