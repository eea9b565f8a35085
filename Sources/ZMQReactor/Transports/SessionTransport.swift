import EventReactor

/// What opens connections at an endpoint on any reactor: the socket's, or that of its session.
protocol SessionTransport: Sendable {
    /// The endpoint's canonical form.
    var endpoint: Endpoint { get }

    /// Opens a descriptor that listens.
    func listen(_ options: SocketOptions) throws(ZMQError) -> ListeningDescriptor

    /// Makes what connects to the endpoint, on the reactor.
    func dialer(_ options: EndpointOptions, on reactor: Reactor) -> any Dialer

    /// Makes what accepts the peers of what `listen` has opened, on the reactor.
    func acceptor(of listening: ListeningDescriptor, on reactor: Reactor) -> any Acceptor
}
