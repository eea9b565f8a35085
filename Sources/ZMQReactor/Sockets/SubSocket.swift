public import EventReactor
public import ZMTP

/// What a ``SubSocket`` tells its application.
public protocol SubHandler: AnyObject {
    /// A message has arrived that matches a subscription.
    func socket(_ socket: SubSocket, received message: Message)
}

/// Receives from all PUB peers what it has subscribed to (RFC 29).
///
/// Without a subscription nothing arrives; subscribe to `""` for everything. Subscriptions are told to every publisher, and again
/// after each reconnect (S-5). What arrives is checked here, too, because a message may have been on its way when a
/// subscription was cancelled (SUB-9). Publishers are read in turn (SUB-7); at the receive high-water mark the socket stops
/// reading, so that the publisher's queue fills and the publisher drops.
public final class SubSocket: Socket, ReceivingSocket {
    private var handler: (any SubHandler)?
    @exclusivity(unchecked) private var subscriptions = SubscriptionSet()  // calls nothing unknown

    /// - Parameters:
    ///   - reactor: the loop that the socket lives on.
    ///   - context: what the program's sockets have in common.
    ///   - options: how the socket behaves.
    ///   - handler: is given the messages as they arrive, and kept until the socket is closed. Without one they wait for
    ///     ``tryReceive()``.
    /// - Throws: `invalidArgument` for an option, `terminated` when the context is.
    public init(
        on reactor: Reactor,
        in context: Context,
        options: SocketOptions = SocketOptions(),
        handler: (any SubHandler)? = nil
    ) throws(ZMQError) {
        self.handler = handler
        try super.init(.sub, on: reactor, in: context, options: options)
    }

    /// A socket that gives its messages to a closure.
    public convenience init(
        on reactor: Reactor,
        in context: Context,
        options: SocketOptions = SocketOptions(),
        _ received: @escaping (SubSocket, Message) -> Void
    ) throws(ZMQError) {
        try self.init(on: reactor, in: context, options: options, handler: ClosureHandler(received))
    }

    // MARK: Subscribing

    /// Asks for the messages whose first frame begins with the text; for all of them when it is empty.
    ///
    /// Subscriptions add up. The same topic may be subscribed to several times, and then has to be unsubscribed from as often.
    ///
    /// - Throws: `closed` when the socket is closed, `terminated` when its context is.
    public func subscribe(to topic: String) throws(ZMQError) { try subscribe(to: Array(topic.utf8)) }

    /// Asks for the messages whose first frame begins with the bytes.
    public func subscribe(to topic: [UInt8]) throws(ZMQError) {
        guard state == .open else { throw closedError() }
        topic.withUnsafeBytes { bytes in
            if subscriptions.subscribe(bytes) { tellAll(.subscribe, bytes) }
        }
    }

    /// Takes a subscription back.
    ///
    /// - Throws: `invalidArgument` when there is no such subscription, `closed`, `terminated`.
    public func unsubscribe(from topic: String) throws(ZMQError) { try unsubscribe(from: Array(topic.utf8)) }

    /// Takes a subscription back.
    public func unsubscribe(from topic: [UInt8]) throws(ZMQError) {
        guard state == .open else { throw closedError() }
        let cancellation = topic.withUnsafeBytes { bytes in
            let cancellation = subscriptions.unsubscribe(bytes)
            if cancellation == .cancelled { tellAll(.cancel, bytes) }
            return cancellation
        }
        guard cancellation != .unknown else {
            throw ZMQError(.invalidArgument, "there is no subscription to \(Frame(topic))")
        }
    }

    private func tellAll(_ what: Subscription, _ topic: UnsafeRawBufferPointer) {
        for case let pipe? in pipes { pipe.link?.send(what, topic: topic) }
    }

    override func pipeUp(_ pipe: Pipe) {
        subscriptions.forEachTopic { pipe.link?.send(.subscribe, topic: $0) }
    }

    // MARK: Receiving

    public func tryReceive() throws(ZMQError) -> Message? {
        guard state == .open else { throw closedError() }
        while let (message, _) = fairQueue.next() {
            if wants(message) { return message }
        }
        return nil
    }

    @inline(__always)
    private func wants(_ message: borrowing Message) -> Bool {
        message.withUnsafeBytes { subscriptions.matches($0) }
    }

    override var hasReceiver: Bool { handler != nil }

    override func deliver(_ run: inout Run, from pipe: Pipe) {
        guard let handler else { return }
        while flows, let message = run.next() {
            if wants(message) { handler.socket(self, received: message) }
        }
    }

    override func forgetHandler() { handler = nil }
}

private final class ClosureHandler: SubHandler {
    let received: (SubSocket, Message) -> Void
    init(_ received: @escaping (SubSocket, Message) -> Void) { self.received = received }
    func socket(_ socket: SubSocket, received message: Message) { received(socket, message) }
}
