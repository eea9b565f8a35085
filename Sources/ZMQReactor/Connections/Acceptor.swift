import ZMTP

/// Accepts the peers of a listener, and does nothing else.
protocol Acceptor: AnyObject {
    /// The listener it accepts peers for, which sets this once.
    var listener: Listener! { get set }

    /// The resolved endpoint, without wildcards.
    var endpoint: Endpoint { get }

    /// Begins, with the peers that were there before it.
    func start()

    /// Accepts no further peer, and releases the endpoint.
    func stop()

    /// Ends connections that are not known to the listener: all, or those in a handshake.
    func closeConnections(all: Bool)

    /// Whether its connections begin with the greetings of ZMTP.
    var greets: Bool { get }

    /// Whether there may be connections that are not known to the listener.
    var hasMore: Bool { get }

    /// The host has begun or ceased to reject further peers.
    func rejectionChanged()

    /// The connections that are not known to the listener.
    var connectionInfo: [ConnectionInfo] { get }

    /// What a handshake says of the transport.
    var metadata: Metadata { get }
}

extension Acceptor {
    var metadata: Metadata { Metadata() }
    func closeConnections(all: Bool) {}
    var greets: Bool { true }
    var hasMore: Bool { false }
    func rejectionChanged() {}
    var connectionInfo: [ConnectionInfo] { [] }
}

/// A listener's link to one peer.
protocol AcceptedLink: PipeLink {
    /// Its pipe; nil before the peer is admitted, and after the end.
    var servedPipe: Pipe? { get }

    /// A snapshot of the connection.
    func info(endpoint: Endpoint, isAccepted: Bool) -> ConnectionInfo
}
