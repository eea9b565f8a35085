public import EventReactor

/// A socket that calls a handler. Each type has a handler protocol of its own.
public protocol HandledSocket: Socket {
    /// What is called, such as `any PullHandler`.
    associatedtype Handler

    init(_at place: _SocketPlace, options: SocketOptions, handler: Handler?) throws(ZMQError)
}

/// Where a socket is made.
public struct _SocketPlace {
    let reactor: Reactor
    let context: Context
}

extension HandledSocket {
    /// Makes a socket.
    ///
    /// - Parameters:
    ///   - reactor: the loop that the socket lives on.
    ///   - context: what the program's sockets have in common.
    ///   - options: how the socket behaves.
    ///   - handler: called with messages as they arrive, and with what else happens; kept until the socket is closed. Without one
    ///     messages wait for ``ReceivingSocket/tryReceive()``.
    /// - Throws: `invalidArgument` for an option, `terminated` when the context is.
    public init(
        on reactor: Reactor,
        in context: Context,
        options: SocketOptions = SocketOptions(),
        handler: Handler? = nil
    ) throws(ZMQError) {
        try self.init(_at: _SocketPlace(reactor: reactor, context: context), options: options, handler: handler)
    }
}
