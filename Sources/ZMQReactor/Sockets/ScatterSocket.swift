public import ZMTP

/// Events of a ``ScatterSocket``.
public protocol ScatterHandler: AnyObject {
    /// The socket can send again after a send that would have blocked.
    func socketIsWritable(_ socket: ScatterSocket)

    /// The socket is closed, and its queued messages have been sent or given up. Called once, as the last call for this
    /// socket, after the linger and before the completion of ``Socket/close(_:)``.
    func socketClosed(_ socket: ScatterSocket)
}

extension ScatterHandler {
    public func socketClosed(_ socket: ScatterSocket) {}
}

/// Distributes messages of one frame to GATHER peers (RFC 49).
///
/// Each message goes to one peer, in turn among those whose queue has room. If there is none, `send` returns
/// `wouldBlock` and does not accept the message: nothing is ever dropped. `send` throws for a message of several
/// frames. Messages queued for a peer that had connected to this socket and is gone are redistributed to the others.
/// Any thread or task may send with the socket's ``ShareableSocket/handle``.
public final class ScatterSocket: Socket, HandledSocket, ShareableSocket {
    private var handler: (any ScatterHandler)?
    private let balancer = LoadBalancer(dealsOutAgain: true)

    public init(_at place: _SocketPlace, options: SocketOptions, handler: (any ScatterHandler)?) throws(ZMQError) {
        self.handler = handler
        try super.init(.scatter, place, options, by: balancer)
    }

    public func send(_ message: Message) throws(ZMQError) -> SendResult {
        try type.requireOneFrame(message)
        return try balancer.send(message, from: self)
    }

    public func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult { try balancer.send(bytes, from: self) }

    override func forward(_ batch: inout MessageBatch, behind prefix: [UInt8]) {
        forwardSingleFrames(&batch, behind: prefix)
    }

    override func receive(_ batch: consuming MessageBatch, from pipe: Pipe) { discard(batch) }

    override func becameWritable(for pipe: Pipe?) { handler?.socketIsWritable(self) }

    override func forgetHandler() { handler.take()?.socketClosed(self) }
}
