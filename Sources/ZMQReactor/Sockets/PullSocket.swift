public import EventReactor
public import ZMTP

/// What a ``PullSocket`` tells its application.
public protocol PullHandler: AnyObject {
    /// A message has arrived.
    func socket(_ socket: PullSocket, received message: Message)
}

/// Collects messages from PUSH peers, fairly among them (RFC 30: PLL-7, PLL-8).
public final class PullSocket: Socket, ReceivingSocket {
    private var handler: (any PullHandler)?

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
        handler: (any PullHandler)? = nil
    ) throws(ZMQError) {
        self.handler = handler
        try super.init(.pull, on: reactor, in: context, options: options)
    }

    /// A socket that gives its messages to a closure.
    public convenience init(
        on reactor: Reactor,
        in context: Context,
        options: SocketOptions = SocketOptions(),
        _ received: @escaping (PullSocket, Message) -> Void
    ) throws(ZMQError) {
        try self.init(on: reactor, in: context, options: options, handler: ClosureHandler(received))
    }

    public func tryReceive() throws(ZMQError) -> Message? {
        guard state == .open else { throw closedError() }
        return fairQueue.next()?.message
    }

    override var hasReceiver: Bool { handler != nil }

    override func deliver(_ run: inout Run, from pipe: Pipe) {
        guard let handler else { return }
        run.forEach(while: { flows }) { handler.socket(self, received: $0) }
    }

    override func forgetHandler() { handler = nil }
}

private final class ClosureHandler: PullHandler {
    let received: (PullSocket, Message) -> Void
    init(_ received: @escaping (PullSocket, Message) -> Void) { self.received = received }
    func socket(_ socket: PullSocket, received message: Message) { received(socket, message) }
}
