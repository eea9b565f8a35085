public import ZMTP

/// Events of an ``XSubSocket``.
public protocol XSubHandler: AnyObject {
    /// A message has arrived.
    func socket(_ socket: XSubSocket, received message: Message)

    /// A publisher's queue is full, and a message for it was dropped. Called for every such message.
    func socketDroppedMessage(_ socket: XSubSocket)

    /// The socket is closed, and its queued messages have been sent or given up. Called once, as the last call for this
    /// socket, after the linger and before the completion of ``Socket/close(_:)``.
    func socketClosed(_ socket: XSubSocket)
}

extension XSubHandler {
    public func socketDroppedMessage(_ socket: XSubSocket) {}
    public func socketClosed(_ socket: XSubSocket) {}
}

/// A SUB that can send: subscriptions as messages, and messages of its own to all publishers (RFC 29).
///
/// A message whose first byte is 01 subscribes to the rest of its first frame, one that begins with 00 cancels that:
/// messages received from an ``XPubSocket`` can be forwarded unchanged. Any other message goes to all publishers; one
/// whose queue is full misses it. Arriving messages are delivered without matching them against the subscriptions.
public final class XSubSocket: SubscribingSocket, BroadcastingSocket, ClosureSocket {
    /// Whether a subscription sent as a message is passed to the publishers even if there already was one to the same
    /// topic: for a proxy before an ``XPubSocket`` that reports all. Default false.
    public var forwardsDuplicates = false

    private var handler: (any XSubHandler)?

    public init(_at place: _SocketPlace, options: SocketOptions, handler: (any XSubHandler)?) throws(ZMQError) {
        self.handler = handler
        try super.init(.xsub, place, options, isReceiver: handler != nil)
    }

    public static func _handler(_ closure: _ClosureHandler<XSubSocket>) -> any XSubHandler { closure }

    /// Sends a message to all publishers, or subscribes or unsubscribes if it begins with 01 or 00.
    ///
    /// Of a subscription only the first frame counts. Cancelling a topic that was not subscribed to changes nothing.
    ///
    /// - Throws: `closed` when the socket is closed, `terminated` when its context is.
    @discardableResult
    public func send(_ message: Message) throws(ZMQError) -> SendResult {
        try requireOpen()
        if let command = PeerCommand(message) {
            carryOut(command)
            return .accepted
        }
        var dropped = 0
        for case let pipe? in pipes {
            if pipe.canSend { pipe.send(message) } else { dropped += 1 }
        }
        notifyDropped(dropped, .queueFull)
        return .accepted
    }

    @discardableResult
    public func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult { try send(Message(bytes)) }

    override func forward(_ batch: inout MessageBatch, behind prefix: [UInt8]) {
        guard let subscription = batch.subscription else {
            return forwardEach(&batch, behind: prefix) { message throws(ZMQError) in try send(message) }
        }
        while state == .open, let message = batch.next() { carryOut(PeerCommand(subscription, as: message)) }
    }

    /// Subscribes or unsubscribes.
    private func carryOut(_ command: PeerCommand) {
        command.withTopic { topic in
            switch command.subscription {
            case .subscribe:
                if !filter.add(topic, at: self), forwardsDuplicates { filter.announce(.subscribe, topic, at: self) }
            case .cancel:
                _ = filter.remove(topic, at: self)
            }
        }
    }

    override func deliver(_ batch: inout MessageBatch, from pipe: Pipe) {
        deliver(&batch, to: handler) { $0.socket(self, received: $1) }
    }

    override func messageDropped() { handler?.socketDroppedMessage(self) }

    override func forgetHandler() { handler.take()?.socketClosed(self) }
}

extension _ClosureHandler: XSubHandler where Source == XSubSocket {}
