public import ZMTP

/// Events of a ``GatherSocket``.
public protocol GatherHandler: AnyObject {
    /// A message has arrived.
    func socket(_ socket: GatherSocket, received message: Message)

    /// The socket is closed, and its queued messages have been sent or given up. Called once, as the last call for this
    /// socket, after the linger and before the completion of ``Socket/close(_:)``.
    func socketClosed(_ socket: GatherSocket)
}

extension GatherHandler {
    public func socketClosed(_ socket: GatherSocket) {}
}

/// Collects messages of one frame from SCATTER peers, fairly among them (RFC 49).
///
/// A peer that sends several frames is disconnected.
public final class GatherSocket: Socket, ClosureSocket {
    private var handler: (any GatherHandler)?

    public init(_at place: _SocketPlace, options: SocketOptions, handler: (any GatherHandler)?) throws(ZMQError) {
        self.handler = handler
        try super.init(.gather, place, options, isReceiver: handler != nil)
    }

    public static func _handler(_ closure: _ClosureHandler<GatherSocket>) -> any GatherHandler { closure }

    override func deliver(_ batch: inout MessageBatch, from pipe: Pipe) {
        deliver(&batch, to: handler) { $0.socket(self, received: $1) }
    }

    override func forgetHandler() { handler.take()?.socketClosed(self) }
}

extension _ClosureHandler: GatherHandler where Source == GatherSocket {}
