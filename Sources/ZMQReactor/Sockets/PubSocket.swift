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

    public init(_setup setup: _SocketSetup, handler: (any PubHandler)?) throws(ZMQError) {
        self.handler = handler
        try super.init(.pub, setup)
    }

    @discardableResult
    public func send(_ message: Message) throws(ZMQError) -> SendResult {
        guard state == .open else { throw closedError() }
        publish(message)
        return .accepted
    }

    @discardableResult
    public func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult {
        guard state == .open else { throw closedError() }
        publish(bytes)
        return .accepted
    }

    override func receive(_ run: consuming Run, from pipe: Pipe) {
        while let message = run.next() {
            let excess = message.withUnsafeBytes { bytes -> EventReason? in
                guard let first = bytes.first, let subscription = Subscription(rawValue: first) else { return nil }
                let topic = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
                if subscription == .cancel {
                    subscriptions.remove(topic, subscriber: pipe.slot)
                    return nil
                }
                if let refusal = subscriptionLimits.refusal(of: pipe.slot, topicOf: topic.count, in: subscriptions) {
                    return refusal
                }
                subscriptions.insert(topic, subscriber: pipe.slot)
                return subscriptionLimits.excess(of: pipe.slot, in: subscriptions)
            }
            if let excess {
                pipe.link?.turnAway(excess)
                break
            }
        }
        subscribersChanged()
        subscriptionsChanged()
    }

    override func messageDropped() { handler?.socketDroppedMessage(self) }

    override func forgetHandler() { handler = nil }
}
