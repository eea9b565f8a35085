public import EventReactor
public import ZMTP

/// A socket whose messages can be given to a closure.
public protocol ClosureSocket: HandledSocket, ReceivingSocket {
    static func _handler(_ closure: _ClosureHandler<Self>) -> Handler
}

extension ClosureSocket {
    /// Makes a socket that gives its messages to a closure.
    ///
    /// - Parameters:
    ///   - reactor: the loop that the socket lives on.
    ///   - context: what the program's sockets have in common.
    ///   - options: how the socket behaves.
    ///   - received: called with each message as it arrives, and kept until the socket is closed.
    /// - Throws: `invalidArgument` for an option, `terminated` when the context is.
    public init(
        on reactor: Reactor,
        in context: Context,
        options: SocketOptions = SocketOptions(),
        _ received: @escaping (Self, Message) -> Void
    ) throws(ZMQError) {
        try self.init(on: reactor, in: context, options: options, handler: Self._handler(_ClosureHandler(received)))
    }
}

/// The handler that a closure is, of every type.
public final class _ClosureHandler<Source: Socket> {
    private let received: (Source, Message) -> Void

    init(_ received: @escaping (Source, Message) -> Void) { self.received = received }

    public func socket(_ socket: Source, received message: Message) { received(socket, message) }
}
