public import ZMTP

/// Events of a ``ServerSocket``.
public protocol ServerHandler: AnyObject {
    /// A message has arrived: the routing id of its sender, and the body.
    func socket(_ socket: ServerSocket, received message: Message)

    /// A client has connected; messages can be sent to it.
    func socket(_ socket: ServerSocket, connected peer: RouterPeer)

    /// A client has disconnected; its properties can still be read.
    func socket(_ socket: ServerSocket, disconnected peer: RouterPeer)

    /// The socket can send again to a client after a send that would have blocked, or that client is gone.
    func socketIsWritable(_ socket: ServerSocket)

    /// The socket is closed, and its queued messages have been sent or given up. Called once, as the last call for this
    /// socket, after the linger and before the completion of ``Socket/close(_:)``.
    func socketClosed(_ socket: ServerSocket)
}

extension ServerHandler {
    public func socket(_ socket: ServerSocket, connected peer: RouterPeer) {}
    public func socket(_ socket: ServerSocket, disconnected peer: RouterPeer) {}
    public func socketIsWritable(_ socket: ServerSocket) {}
    public func socketClosed(_ socket: ServerSocket) {}
}

/// Addresses each of its CLIENT peers by a routing id of 32 bits (RFC 41).
///
/// Messages arrive as `[routing id, body]`, from all clients in turn, and a message `[routing id, body]` goes to that
/// client. A routing id is generated here for each connection, and ends with it: a send to an unknown one throws
/// `hostUnreachable`, and what was queued for a client that is gone is dropped and counted. When the client's queue is
/// full, `send` returns `wouldBlock`; nothing is dropped. A client that sends several frames is disconnected. Any
/// thread or task may send with the socket's ``ShareableSocket/handle``.
public final class ServerSocket: NumberingSocket, AddressingSocket, ClosureSocket {
    private var handler: (any ServerHandler)?

    public init(_at place: _SocketPlace, options: SocketOptions, handler: (any ServerHandler)?) throws(ZMQError) {
        self.handler = handler
        try super.init(.server, place, options, isReceiver: handler != nil)
        guard handler != nil else { return }
        peers.whenConnected = { [unowned self] in self.handler?.socket(self, connected: $0) }
        peers.whenDisconnected = { [unowned self] in self.handler?.socket(self, disconnected: $0) }
    }

    public static func _handler(_ closure: _ClosureHandler<ServerSocket>) -> any ServerHandler { closure }

    override func becameWritable(for pipe: Pipe?) { handler?.socketIsWritable(self) }

    override func deliver(_ batch: inout MessageBatch, from pipe: Pipe) {
        deliver(&batch, from: pipe, to: handler) { $0.socket(self, received: $1) }
    }

    override func forgetHandler() { handler.take()?.socketClosed(self) }
}

extension _ClosureHandler: ServerHandler where Source == ServerSocket {}
