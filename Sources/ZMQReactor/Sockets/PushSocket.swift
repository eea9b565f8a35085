public import ZMTP

/// Events of a ``PushSocket``.
public protocol PushHandler: AnyObject {
    /// The socket can send again after a send that would have blocked.
    func socketIsWritable(_ socket: PushSocket)

    /// The socket is closed, and its queued messages have been sent or given up. Called once, as the last call for this
    /// socket, after the linger and before the completion of ``Socket/close(_:)``.
    func socketClosed(_ socket: PushSocket)
}

extension PushHandler {
    public func socketClosed(_ socket: PushSocket) {}
}

/// Distributes messages to PULL peers (RFC 30).
///
/// Each message goes to one peer, in turn among those whose queue has room. If there is none, `send` returns
/// `wouldBlock` and does not accept the message: nothing is ever dropped. Messages queued for a peer that had connected
/// to this socket and is gone are redistributed to the others.
public final class PushSocket: Socket, HandledSocket, ShareableSocket {
    private var handler: (any PushHandler)?
    let balancer = LoadBalancer(dealsOutAgain: true)

    public init(_at place: _SocketPlace, options: SocketOptions, handler: (any PushHandler)?) throws(ZMQError) {
        self.handler = handler
        try super.init(.push, place, options, by: balancer)
    }

    public func send(_ message: Message) throws(ZMQError) -> SendResult { try balancer.send(message, from: self) }

    public func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult { try balancer.send(bytes, from: self) }

    override func receive(_ batch: consuming MessageBatch, from pipe: Pipe) { discard(batch) }

    override func becameWritable(for pipe: Pipe?) { handler?.socketIsWritable(self) }

    override func forgetHandler() { handler.take()?.socketClosed(self) }
}
