import EventReactor

/// What the byte-stream transports (tcp, ipc) differ in.
protocol StreamTransport {
    /// The endpoint's canonical form.
    var endpoint: Endpoint { get }

    /// Opens a descriptor that listens; answers it with the endpoint as it really is.
    func listen(_ options: SocketOptions) throws(ZMQError) -> (descriptor: CInt, endpoint: Endpoint)

    /// Finds the addresses to try, in order, without blocking the loop; an empty list with the reason when there are none.
    func resolve(on reactor: Reactor, _ completion: @escaping ([SocketAddress], String) -> Void)

    /// Sets a new connection's descriptor up.
    func configure(_ descriptor: CInt, _ options: SocketOptions)

    /// To be called when a listener's descriptor is closed.
    func cleanUp(_ endpoint: Endpoint)
}

extension StreamTransport {
    func configure(_ descriptor: CInt, _ options: SocketOptions) {}
    func cleanUp(_ endpoint: Endpoint) {}
}
