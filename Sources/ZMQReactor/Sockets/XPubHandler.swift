public import ZMTP

/// Events of an ``XPubSocket``. All are optional.
public protocol XPubHandler: AnyObject {
    /// A peer has subscribed. ``XPubSocket/verbosity`` selects which subscriptions are reported.
    func socket(_ socket: XPubSocket, subscribed subscriber: Subscriber, to topic: Frame)

    /// A peer has cancelled a subscription, or has disconnected, which cancels it.
    func socket(_ socket: XPubSocket, unsubscribed subscriber: Subscriber, from topic: Frame)

    /// A peer has sent a message of its own: one that begins with neither 00 nor 01.
    func socket(_ socket: XPubSocket, received message: Message)

    /// Any of the three.
    ///
    /// The default calls the other methods. A handler that forwards subscriptions unchanged can implement this one
    /// instead, and forward ``SubscriberMessage/message``.
    func socket(_ socket: XPubSocket, received message: SubscriberMessage, from subscriber: Subscriber)

    /// A subscriber's queue is full, and a message for it was dropped. Called for every such message.
    func socketDroppedMessage(_ socket: XPubSocket)

    /// The socket can send again after a send that would have blocked; see ``XPubSocket/blocksWhenFull``.
    func socketIsWritable(_ socket: XPubSocket)

    /// The socket is closed, and its queued messages have been sent or given up. Called once, as the last call for this
    /// socket, after the linger and before the completion of ``Socket/close(_:)``.
    func socketClosed(_ socket: XPubSocket)
}

extension XPubHandler {
    public func socket(_ socket: XPubSocket, subscribed subscriber: Subscriber, to topic: Frame) {}
    public func socket(_ socket: XPubSocket, unsubscribed subscriber: Subscriber, from topic: Frame) {}
    public func socket(_ socket: XPubSocket, received message: Message) {}
    public func socketDroppedMessage(_ socket: XPubSocket) {}
    public func socketIsWritable(_ socket: XPubSocket) {}

    public func socket(_ socket: XPubSocket, received message: SubscriberMessage, from subscriber: Subscriber) {
        switch message.content {
        case .subscription(let topic): self.socket(socket, subscribed: subscriber, to: topic)
        case .cancellation(let topic): self.socket(socket, unsubscribed: subscriber, from: topic)
        case .other(let message): self.socket(socket, received: message)
        }
    }
    public func socketClosed(_ socket: XPubSocket) {}
}
