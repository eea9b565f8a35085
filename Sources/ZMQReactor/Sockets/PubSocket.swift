public import ZMTP

/// What a ``PubSocket`` tells its application. Everything may be ignored.
public protocol PubHandler: AnyObject {
    /// A subscriber's queue is full: a message was dropped for it. Called for every such message.
    func socketDroppedMessage(_ socket: PubSocket)
}

/// Sends each message to all SUB and XSUB peers that have subscribed to it (RFC 29).
///
/// Sending never waits (PUB-11): a subscriber whose queue is full misses the message (PUB-10). Subscriptions are not shown to the
/// application (PUB-13), and whatever else subscribers send is discarded (PUB-6).
public final class PubSocket: PublishingSocket, HandledSocket, BroadcastingSocket {
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

    override func forward(_ run: inout Run, behind prefix: [UInt8]) {
        distributor.forward(&run, behind: prefix, from: self) { message throws(ZMQError) in try send(message) }
    }

    /// What subscribers send of their own is discarded.
    override func receive(_ run: consuming Run, from pipe: Pipe) {}

    override func messageDropped() { handler?.socketDroppedMessage(self) }

    override func forgetHandler() { handler = nil }
}
