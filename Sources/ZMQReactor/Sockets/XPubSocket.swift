public import ZMTP

/// A PUB that reports its subscribers' subscriptions (RFC 29).
///
/// Sends work as with ``PubSocket``, unless ``blocksWhenFull``. Subscriptions are delivered to the handler, or returned
/// by ``tryReceive()`` as messages of one frame: 01 and the topic for a subscription, 00 and the topic for its
/// cancellation. When a subscriber disconnects, its subscriptions are reported as cancelled, too. Other messages from
/// subscribers are delivered as well, fairly among them. The socket stops reading from a peer when too much of this is
/// queued for the application.
public final class XPubSocket: PublishingSocket, HandledSocket, ShareableSocket, ReceivingSocket {
    /// Which subscriptions are reported.
    ///
    /// An ``XSubSocket`` to which these are forwarded counts them: a topic subscribed to twice must be cancelled twice
    /// before it ends. Use `merged` or `verboser` with it, which report as many cancellations as subscriptions, and not
    /// `verbose`.
    public enum Verbosity: Sendable {
        /// The first subscription to a topic and its last cancellation: what a proxy must forward.
        case merged
        /// Every subscription, even to a topic that has subscribers, and the last cancellation.
        ///
        /// For an application that replies to each subscriber. With an XSUB behind it, a topic to which two peers have
        /// subscribed never ends: two subscriptions are forwarded, and one cancellation, so that the publishers
        /// continue to send it for ever. Use ``verboser`` there, or ``merged`` if the publishers need not see every
        /// subscription.
        case verbose
        /// Every subscription and every cancellation, even of a topic that was not subscribed to. When a subscriber
        /// disconnects, its subscriptions are cancelled one by one.
        case verboser
    }

    /// Which subscriptions are reported. Default `merged`.
    public var verbosity = Verbosity.merged { didSet { distributor.shown = verbosity.shown } }

    /// Whether the application decides what subscribers receive, with ``subscribe(_:to:)`` and
    /// ``unsubscribe(_:from:)``.
    ///
    /// All requests of peers are then reported, and have no other effect. Set it before subscribers connect. Default
    /// false.
    public var isManual: Bool {
        get { distributor.isManual }
        set { distributor.isManual = newValue }
    }

    /// Whether a message is refused with `wouldBlock`, for all subscribers, when one of its subscribers has no room,
    /// instead of being dropped for that one. Default false.
    public var blocksWhenFull: Bool {
        get { distributor.blocksWhenFull }
        set { distributor.blocksWhenFull = newValue }
    }

    /// A message sent to every subscriber after it connects, which receives it if it has subscribed to it. Default nil.
    public var welcomeMessage: Message? {
        get { distributor.welcomeMessage }
        set { distributor.welcomeMessage = newValue }
    }

    /// The sender of the last received message.
    public private(set) var lastSubscriber: Subscriber?

    private var handler: (any XPubHandler)?

    public init(_at place: _SocketPlace, options: SocketOptions, handler: (any XPubHandler)?) throws(ZMQError) {
        self.handler = handler
        try super.init(.xpub, place, options, isReceiver: handler != nil)
        distributor.shown = verbosity.shown
    }

    // MARK: Sending

    /// Sends a message to all of its subscribers.
    ///
    /// - Returns: `wouldBlock` only when ``blocksWhenFull``.
    public func send(_ message: Message) throws(ZMQError) -> SendResult {
        try requireOpen()
        guard !distributor.blocksWhenFull else { return distributor.sendToAllOrNone(message, from: self) }
        distributor.publish(message, from: self)
        return .accepted
    }

    /// Sends a message of one frame, with a copy of the bytes, to all of its subscribers.
    ///
    /// - Returns: `wouldBlock` only when ``blocksWhenFull``.
    public func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult {
        try requireOpen()
        guard !distributor.blocksWhenFull else { return distributor.sendToAllOrNone(bytes.pointer, from: self) }
        distributor.publish(bytes, from: self)
        return .accepted
    }

    /// Sends a message to one subscriber, whatever its subscriptions: for example, the last value of a topic to a new
    /// subscriber.
    ///
    /// A subscriber drops what it has not subscribed to. For a subscriber that is gone, the message is dropped.
    ///
    /// - Returns: `wouldBlock` only when ``blocksWhenFull``.
    public func send(_ message: Message, to subscriber: Subscriber) throws(ZMQError) -> SendResult {
        try requireOpen()
        return distributor.send(message, to: subscriber, isPeer: isPeer(subscriber), from: self)
    }

    override func forward(_ batch: inout MessageBatch, behind prefix: [UInt8]) {
        distributor.forward(&batch, behind: prefix, from: self) { message throws(ZMQError) in try send(message) }
    }

    override func becameWritable(for pipe: Pipe?) { handler?.socketIsWritable(self) }

    override func messageDropped() { handler?.socketDroppedMessage(self) }

    // MARK: Subscriptions

    /// Adds a topic to the subscriptions of a subscriber; meant for ``isManual``.
    public func subscribe(_ subscriber: Subscriber, to topic: Frame) {
        if state == .open, isPeer(subscriber) { distributor.grant(topic, to: subscriber.pipe, at: self) }
    }

    /// Removes a topic added by ``subscribe(_:to:)``.
    public func unsubscribe(_ subscriber: Subscriber, from topic: Frame) {
        if state == .open, isPeer(subscriber) { distributor.revoke(topic, from: subscriber.pipe, at: self) }
    }

    private func isPeer(_ subscriber: Subscriber) -> Bool { subscriber.pipe.sink === self && subscriber.isConnected }

    // MARK: Receiving

    public func tryReceive() throws(ZMQError) -> Message? {
        try requireOpen()
        guard let (message, pipe) = nextMessage() else { return nil }
        lastSubscriber = Subscriber(pipe: pipe)
        return message
    }

    override func deliver(_ batch: inout MessageBatch, from pipe: Pipe) {
        guard let handler else { return }
        let subscription = batch.subscription
        while isDelivering, let message = batch.next() {
            let subscriber = Subscriber(pipe: pipe)
            lastSubscriber = subscriber
            handler.socket(self, received: SubscriberMessage(message, subscription), from: subscriber)
        }
    }

    override func forgetHandler() {
        handler.take()?.socketClosed(self)
        lastSubscriber = nil
    }
}

extension XPubSocket.Verbosity {
    fileprivate var shown: Distributor.Shown {
        switch self {
        case .merged: .changes
        case .verbose: [.changes, .repetitions]
        case .verboser: [.changes, .repetitions, .cancellations]
        }
    }
}
