public import ZMTP

/// What a peer has sent to an ``XPubSocket``: a subscription, a cancellation, or a message of its own.
public struct SubscriberMessage: Sendable {
    /// The form in which ``XPubSocket/tryReceive()`` returns it: 01 and the topic, 00 and the topic, or the message.
    public let message: Message

    private let subscription: Subscription?

    init(_ message: Message, _ subscription: Subscription?) {
        self.message = message
        self.subscription = subscription
    }

    /// What a peer of an ``XPubSocket`` sends.
    public enum Content: Sendable {
        /// A subscription to the topic.
        case subscription(Frame)
        /// The cancellation of a subscription to the topic. The end of a connection cancels, too.
        case cancellation(Frame)
        /// A message that begins with neither 00 nor 01.
        case other(Message)
    }

    /// What it is.
    public var content: Content {
        switch subscription {
        case .subscribe: .subscription(PeerCommand(.subscribe, as: message).topic)
        case .cancel: .cancellation(PeerCommand(.cancel, as: message).topic)
        case nil: .other(message)
        }
    }
}
