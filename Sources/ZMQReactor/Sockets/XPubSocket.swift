public import ZMTP

/// PUB that shows its application who subscribes to what (RFC 29).
///
/// Sending is as with ``PubSocket``, unless ``blocksWhenFull``. Subscriptions arrive at the handler, or from ``tryReceive()`` as
/// messages of one frame: 01 and the topic for a subscription, 00 and the topic for its end (XPB-4). When a subscriber
/// vanishes, the ends of its subscriptions are told, too (XPB-6). Messages of the subscribers' own arrive beside them, fairly
/// (XPB-3). The socket stops reading from a peer when too much of that waits for the application.
public final class XPubSocket: PublishingSocket, HandledSocket, SendingSocket, ReceivingSocket {
    /// Which subscriptions are told.
    ///
    /// An ``XSubSocket`` that these are passed on to counts: a topic subscribed to twice has to be cancelled twice before it ends. Give it
    /// `merged` or `verboser`, which tell as many ends as beginnings, and not `verbose`.
    public enum Verbosity: Sendable {
        /// The first subscription to a topic and the end of the last: what a proxy has to pass on (XPB-5).
        case merged
        /// Every subscription, also to a topic that has subscribers, and the end of the last.
        ///
        /// For an application that answers each subscriber. In front of an XSUB it never ends a topic that two have subscribed to: two
        /// beginnings are passed on, and one end, so that the publishers go on sending it for ever. There use ``verboser``, or ``merged`` where
        /// the publishers need not see every subscription.
        case verbose
        /// Every subscription and every cancellation, even one of a topic that was not subscribed to (S-7). When a subscriber vanishes, its
        /// subscriptions end one by one.
        case verboser
    }

    /// Which subscriptions are told. Default `merged`.
    public var verbosity = Verbosity.merged { didSet { distributor.shown = verbosity.shown } }

    /// Whether the application decides what subscribers receive, with ``subscribe(_:to:)`` and ``unsubscribe(_:from:)``.
    ///
    /// What a peer asks for is then told, all of it, and has no other effect. Set it before subscribers come. Default false.
    public var isManual: Bool {
        get { distributor.isManual }
        set { distributor.isManual = newValue }
    }

    /// Whether a message for which one of its subscribers has no room is refused with `wouldBlock`, for all of them, in place of
    /// being dropped for that one. Default false.
    public var blocksWhenFull: Bool {
        get { distributor.blocksWhenFull }
        set { distributor.blocksWhenFull = newValue }
    }

    /// What every subscriber is sent when it has connected. It gets to see it if it has subscribed to it. Default nil.
    public var welcomeMessage: Message? {
        get { distributor.welcomeMessage }
        set { distributor.welcomeMessage = newValue }
    }

    /// Who sent what was received last.
    public private(set) var lastSubscriber: Subscriber?

    private var handler: (any XPubHandler)?

    public init(_at place: _SocketPlace, options: SocketOptions, handler: (any XPubHandler)?) throws(ZMQError) {
        self.handler = handler
        try super.init(.xpub, place, options, isReceiver: handler != nil)
        distributor.shown = verbosity.shown
    }

    // MARK: Sending

    /// Sends a message to all who have subscribed to it.
    ///
    /// - Returns: `wouldBlock` only when ``blocksWhenFull``.
    public func send(_ message: Message) throws(ZMQError) -> SendResult {
        try requireOpen()
        guard !distributor.blocksWhenFull else { return distributor.sendToAllOrNone(message, from: self) }
        distributor.publish(message, from: self)
        return .accepted
    }

    /// Sends a message of one frame, with a copy of the bytes, to all who have subscribed to it.
    ///
    /// - Returns: `wouldBlock` only when ``blocksWhenFull``.
    public func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult {
        try requireOpen()
        guard !distributor.blocksWhenFull else { return distributor.sendToAllOrNone(bytes.pointer, from: self) }
        distributor.publish(bytes, from: self)
        return .accepted
    }

    /// Sends a message to one subscriber, whatever it has subscribed to: the last value of a topic, say, to one who just has.
    ///
    /// A subscriber drops what it has not subscribed to. For one that is gone the message is dropped.
    ///
    /// - Returns: `wouldBlock` only when ``blocksWhenFull``.
    public func send(_ message: Message, to subscriber: Subscriber) throws(ZMQError) -> SendResult {
        try requireOpen()
        return distributor.send(message, to: subscriber, isPeer: isPeer(subscriber), from: self)
    }

    override func forward(_ run: inout Run, behind prefix: [UInt8]) {
        distributor.forward(&run, behind: prefix, from: self) { message throws(ZMQError) in try send(message) }
    }

    override func becameWritable(for pipe: Pipe?) { handler?.socketIsWritable(self) }

    override func messageDropped() { handler?.socketDroppedMessage(self) }

    // MARK: Subscriptions

    /// Lets a subscriber have the messages that begin with a topic; meant for ``isManual``.
    public func subscribe(_ subscriber: Subscriber, to topic: Frame) {
        if state == .open, isPeer(subscriber) { distributor.grant(topic, to: subscriber.pipe, at: self) }
    }

    /// Takes back what ``subscribe(_:to:)`` has granted.
    public func unsubscribe(_ subscriber: Subscriber, from topic: Frame) {
        if state == .open, isPeer(subscriber) { distributor.revoke(topic, from: subscriber.pipe, at: self) }
    }

    private func isPeer(_ subscriber: Subscriber) -> Bool { subscriber.pipe.sink === self && subscriber.isConnected }

    // MARK: Receiving

    public func tryReceive() throws(ZMQError) -> Message? {
        try requireOpen()
        guard let (message, pipe) = fairQueue.next() else { return nil }
        lastSubscriber = Subscriber(pipe: pipe)
        return message
    }

    override func deliver(_ run: inout Run, from pipe: Pipe) {
        guard let handler else { return }
        while flows, let message = run.next() {
            let subscriber = Subscriber(pipe: pipe)
            lastSubscriber = subscriber
            handler.socket(self, received: message, from: subscriber)
        }
    }

    override func forgetHandler() {
        handler = nil
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
