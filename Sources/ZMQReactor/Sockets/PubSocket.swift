public import ZMTP

/// Events of a ``PubSocket``. All are optional.
public protocol PubHandler: AnyObject {
    /// A subscriber's queue is full, and a message for it was dropped. Called for every such message.
    func socketDroppedMessage(_ socket: PubSocket)

    /// The socket is closed, and its queued messages have been sent or given up. Called once, as the last call for this
    /// socket, after the linger and before the completion of ``Socket/close(_:)``.
    func socketClosed(_ socket: PubSocket)
}

extension PubHandler {
    public func socketClosed(_ socket: PubSocket) {}
}

/// Sends each message to all SUB and XSUB peers that have subscribed to it (RFC 29).
///
/// Sends never wait: a subscriber whose queue is full misses the message. Subscriptions are not reported to the
/// application, and any other messages from subscribers are discarded.
public final class PubSocket: PublishingSocket, HandledSocket, BroadcastingSocket, ShareableSocket {
    private var handler: (any PubHandler)?

    public init(_at place: _SocketPlace, options: SocketOptions, handler: (any PubHandler)?) throws(ZMQError) {
        self.handler = handler
        try super.init(.pub, place, options, isReceiver: false)
    }

    @discardableResult
    public func send(_ message: Message) throws(ZMQError) -> SendResult {
        try requireOpen()
        distributor.publish(message, from: self)
        return .accepted
    }

    @discardableResult
    public func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult {
        try requireOpen()
        distributor.publish(bytes, from: self)
        return .accepted
    }

    override func forward(_ batch: inout MessageBatch, behind prefix: [UInt8]) {
        distributor.forward(&batch, behind: prefix, from: self) { message throws(ZMQError) in try send(message) }
    }

    override func receive(_ batch: consuming MessageBatch, from pipe: Pipe) { discard(batch) }

    override func messageDropped() { handler?.socketDroppedMessage(self) }

    override func forgetHandler() { handler.take()?.socketClosed(self) }
}
