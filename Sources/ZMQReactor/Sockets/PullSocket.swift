public import ZMTP

/// Events of a ``PullSocket``.
public protocol PullHandler: AnyObject {
    /// A message has arrived.
    func socket(_ socket: PullSocket, received message: Message)

    /// The socket is closed, and its queued messages have been sent or given up. Called once, as the last call for this
    /// socket, after the linger and before the completion of ``Socket/close(_:)``.
    func socketClosed(_ socket: PullSocket)
}

extension PullHandler {
    public func socketClosed(_ socket: PullSocket) {}
}

/// Collects messages from PUSH peers, fairly among them (RFC 30).
public final class PullSocket: Socket, ClosureSocket {
    private var handler: (any PullHandler)?

    public init(_at place: _SocketPlace, options: SocketOptions, handler: (any PullHandler)?) throws(ZMQError) {
        self.handler = handler
        try super.init(.pull, place, options, isReceiver: handler != nil)
    }

    public static func _handler(_ closure: _ClosureHandler<PullSocket>) -> any PullHandler { closure }

    override func deliver(_ batch: inout MessageBatch, from pipe: Pipe) {
        deliver(&batch, to: handler) { $0.socket(self, received: $1) }
    }

    override func forgetHandler() { handler.take()?.socketClosed(self) }
}

extension _ClosureHandler: PullHandler where Source == PullSocket {}
