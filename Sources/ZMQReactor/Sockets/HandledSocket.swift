public import EventReactor

/// A socket that calls a handler. Each type has its own handler protocol.
public protocol HandledSocket: Socket {
    /// The handler's type, such as `any PullHandler`.
    associatedtype Handler

    init(_at place: _SocketPlace, options: SocketOptions, handler: Handler?) throws(ZMQError)
}

/// The reactor and context of a new socket.
public struct _SocketPlace {
    let reactor: Reactor
    let context: Context
}

extension HandledSocket {
    /// Creates a socket.
    ///
    /// - Parameters:
    ///   - reactor: the reactor of the socket.
    ///   - context: the context of the program's sockets.
    ///   - options: the socket's options.
    ///   - handler: called with messages as they arrive, and with other events; kept until the socket is closed.
    ///     Without a handler, messages stay in the queue for ``ReceivingSocket/tryReceive()``.
    /// - Throws: `invalidArgument` for an option, `terminated` when the context is.
    public init(
        on reactor: Reactor,
        in context: Context,
        options: SocketOptions = SocketOptions(),
        handler: Handler? = nil
    ) throws(ZMQError) {
        try self.init(_at: _SocketPlace(reactor: reactor, context: context), options: options, handler: handler)
        handlerType = handler.map { Swift.type(of: $0 as Any) }
    }
}
