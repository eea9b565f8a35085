public import ZMTP

/// Events of a ``SubSocket``.
public protocol SubHandler: AnyObject {
    /// A message has arrived that matches a subscription.
    func socket(_ socket: SubSocket, received message: Message)

    /// The socket is closed, and its queued messages have been sent or given up. Called once, as the last call for this
    /// socket, after the linger and before the completion of ``Socket/close(_:)``.
    func socketClosed(_ socket: SubSocket)
}

extension SubHandler {
    public func socketClosed(_ socket: SubSocket) {}
}

/// Receives the topics it has subscribed to, from all PUB peers (RFC 29).
///
/// Messages are matched here as well, because a message may have been under way when a subscription was cancelled.
/// Publishers are read in turn; at the receive high-water mark the socket stops reading, so that the publisher's queue
/// fills and the publisher drops.
public final class SubSocket: SubscribingSocket, ClosureSocket {
    /// Whether messages that match a subscription are *excluded*. The publishers must do the same; see
    /// ``PublishingSocket/invertsMatching``. Default false.
    public var invertsMatching: Bool {
        get { filter.invertsMatching }
        set { filter.invertsMatching = newValue }
    }

    private var handler: (any SubHandler)?

    public init(_at place: _SocketPlace, options: SocketOptions, handler: (any SubHandler)?) throws(ZMQError) {
        self.handler = handler
        try super.init(.sub, place, options, isReceiver: handler != nil)
    }

    public static func _handler(_ closure: _ClosureHandler<SubSocket>) -> any SubHandler { closure }

    public func tryReceive() throws(ZMQError) -> Message? {
        try requireOpen()
        while let (message, _) = nextMessage() {
            if filter.matches(message) { return message }
            drop(1, .notSubscribed)
        }
        return nil
    }

    override func wants(_ message: borrowing Message) -> Bool { filter.matches(message) }

    override func deliver(_ batch: inout MessageBatch, from pipe: Pipe) {
        guard let handler else { return }
        batch.forEach(while: { isDelivering }) {
            if filter.matches($0) { handler.socket(self, received: $0) } else { drop(1, .notSubscribed) }
        }
    }

    override func forgetHandler() { handler.take()?.socketClosed(self) }
}

extension _ClosureHandler: SubHandler where Source == SubSocket {}
