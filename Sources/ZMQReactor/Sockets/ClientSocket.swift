public import ZMTP

/// Events of a ``ClientSocket``.
public protocol ClientHandler: AnyObject {
    /// A message has arrived.
    func socket(_ socket: ClientSocket, received message: Message)

    /// The socket can send again after a send that would have blocked.
    func socketIsWritable(_ socket: ClientSocket)

    /// The socket is closed, and its queued messages have been sent or given up. Called once, as the last call for this
    /// socket, after the linger and before the completion of ``Socket/close(_:)``.
    func socketClosed(_ socket: ClientSocket)
}

extension ClientHandler {
    public func socketIsWritable(_ socket: ClientSocket) {}
    public func socketClosed(_ socket: ClientSocket) {}
}

/// Sends to SERVER peers in turn and receives from them in turn, both at any time (RFC 41).
///
/// A message has one frame; `send` throws for any other, and a peer that sends several frames is disconnected. Each
/// message goes to the next peer whose queue has room; if there is none, `send` returns `wouldBlock` and does not
/// accept the message. A CLIENT speaks first: a SERVER knows it by what it has sent. Any thread or task may send with
/// the socket's ``ShareableSocket/handle``.
public final class ClientSocket: Socket, ShareableSocket, ClosureSocket {
    private var handler: (any ClientHandler)?
    private let balancer = LoadBalancer()

    public init(_at place: _SocketPlace, options: SocketOptions, handler: (any ClientHandler)?) throws(ZMQError) {
        self.handler = handler
        try super.init(.client, place, options, by: balancer, isReceiver: handler != nil)
    }

    public static func _handler(_ closure: _ClosureHandler<ClientSocket>) -> any ClientHandler { closure }

    public func send(_ message: Message) throws(ZMQError) -> SendResult {
        try type.requireOneFrame(message)
        return try balancer.send(message, from: self)
    }

    public func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult { try balancer.send(bytes, from: self) }

    override func forward(_ batch: inout MessageBatch, behind prefix: [UInt8]) {
        forwardSingleFrames(&batch, behind: prefix)
    }

    override func becameWritable(for pipe: Pipe?) { handler?.socketIsWritable(self) }

    override func deliver(_ batch: inout MessageBatch, from pipe: Pipe) {
        deliver(&batch, to: handler) { $0.socket(self, received: $1) }
    }

    override func forgetHandler() { handler.take()?.socketClosed(self) }
}

extension _ClosureHandler: ClientHandler where Source == ClientSocket {}
