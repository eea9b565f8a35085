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

    // MARK: Confirmed subscriptions

    /// Calls back when publishers have confirmed that the subscriptions made so far have taken effect: they send every
    /// matching message from then on.
    ///
    /// This asks PUB and XPUB sockets of this framework, directly or through a proxy of it: then the proxy confirms, not
    /// the publishers behind it. Other publishers cannot be asked; see <doc:SlowJoiners>. The socket must be able to
    /// receive: a publisher confirms behind the messages that it has sent before.
    ///
    /// - Parameters:
    ///   - count: the number of publishers to wait for, connected now or later.
    ///   - limit: how long to wait; nil for no limit.
    ///   - body: called once, on the reactor, never before this returns; with `timedOut` after the limit, with
    ///     `notSupported` when a publisher is connected that cannot be asked, with `closed` or `terminated` when the
    ///     socket is closed.
    public func subscribed(
        by count: Int = 1,
        within limit: Duration? = nil,
        then body: @escaping (Result<Void, ZMQError>) -> Void
    ) {
        _ = confirmation(by: count, within: limit, then: body)
    }

    /// As ``subscribed(by:within:then:)``. Returns what ends the wait without calling `body`.
    func confirmation(
        by count: Int,
        within limit: Duration?,
        then body: @escaping (Result<Void, ZMQError>) -> Void
    ) -> () -> Void {
        guard state == .open else {
            let error = closedError()
            let timer = reactor.after(.zero) { _ in body(.failure(error)) }
            return { timer.cancel() }
        }
        return filter.confirmations.wait(
            for: count,
            within: limit,
            on: reactor,
            askAll: { [unowned self] in filter.askForConfirmation(at: self) },
            then: body
        )
    }

    override func receive(_ batch: consuming MessageBatch, from pipe: Pipe) {
        guard !filter.confirmations.isIdle else { return hand(batch, from: pipe) }
        receiveWithConfirmations(batch, from: pipe)
    }

    @inline(never)
    private func receiveWithConfirmations(_ batch: consuming MessageBatch, from pipe: Pipe) {
        var rest = batch
        while let message = rest.next() {
            if SubscriptionToken.isToken(message) {
                filter.confirmations.received(message, from: pipe, on: reactor)
            } else {
                hand(MessageBatch(message), from: pipe)
            }
        }
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
