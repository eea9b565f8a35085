public import EventReactor
public import ZMTP

/// A socket that can deliver its messages to a closure.
public protocol ClosureSocket: HandledSocket, ReceivingSocket {
    static func _handler(_ closure: _ClosureHandler<Self>) -> Handler
}

extension ClosureSocket {
    /// Creates a socket that delivers its messages to a closure.
    ///
    /// - Parameters:
    ///   - reactor: the reactor of the socket.
    ///   - context: the context of the program's sockets.
    ///   - options: the socket's options.
    ///   - received: called with each message as it arrives; kept until the socket is closed.
    /// - Throws: `invalidArgument` for an option, `terminated` when the context is.
    public init(
        on reactor: Reactor,
        in context: Context,
        options: SocketOptions = SocketOptions(),
        _ received: @escaping (Self, Message) throws -> Void
    ) throws(ZMQError) {
        try self.init(on: reactor, in: context, options: options, handler: Self._handler(_ClosureHandler(received)))
    }
}

/// Adapts a closure to the handler protocol of every type.
public final class _ClosureHandler<Source: Socket> {
    private let received: (Source, Message) throws -> Void

    init(_ received: @escaping (Source, Message) throws -> Void) { self.received = received }

    public func socket(_ socket: Source, received message: Message) {
        do { try received(socket, message) } catch { socket.reactor.handlerFailed(error, of: socket) }
    }
}
