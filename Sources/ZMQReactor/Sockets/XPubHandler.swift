public import ZMTP

/// What an ``XPubSocket`` tells its application. Everything may be ignored.
public protocol XPubHandler: AnyObject {
    /// A peer has subscribed. Which subscriptions are told is a matter of ``XPubSocket/verbosity``.
    func socket(_ socket: XPubSocket, subscribed subscriber: Subscriber, to topic: Frame)

    /// A peer has taken a subscription back, or is gone with it (XPB-6).
    func socket(_ socket: XPubSocket, unsubscribed subscriber: Subscriber, from topic: Frame)

    /// A peer has sent a message of its own: one that begins with neither 00 nor 01.
    func socket(_ socket: XPubSocket, received message: Message)

    /// Something of the three has arrived, in the form in which ``XPubSocket/tryReceive()`` would tell it.
    ///
    /// The default calls the other methods. One that forwards subscriptions as they are may do without that.
    func socket(_ socket: XPubSocket, received message: Message, from subscriber: Subscriber)

    /// A subscriber's queue is full: a message was dropped for it. Called for every such message.
    func socketDroppedMessage(_ socket: XPubSocket)

    /// There is room again after a send that would have blocked, see ``XPubSocket/blocksWhenFull``.
    func socketIsWritable(_ socket: XPubSocket)
}

extension XPubHandler {
    public func socket(_ socket: XPubSocket, subscribed subscriber: Subscriber, to topic: Frame) {}
    public func socket(_ socket: XPubSocket, unsubscribed subscriber: Subscriber, from topic: Frame) {}
    public func socket(_ socket: XPubSocket, received message: Message) {}
    public func socketDroppedMessage(_ socket: XPubSocket) {}
    public func socketIsWritable(_ socket: XPubSocket) {}

    public func socket(_ socket: XPubSocket, received message: Message, from subscriber: Subscriber) {
        guard let command = PeerCommand(message) else { return self.socket(socket, received: message) }
        switch command.subscription {
        case .subscribe: self.socket(socket, subscribed: subscriber, to: command.topic)
        case .cancel: self.socket(socket, unsubscribed: subscriber, from: command.topic)
        }
    }
}
