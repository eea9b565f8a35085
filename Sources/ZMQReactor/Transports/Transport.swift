/// What a transport is to a socket: a way to listen and a way to connect. Whatever else differs between tcp and the others
/// stays inside the transport's folder.

/// Waits for peers at one endpoint and makes a pipe for each that shakes hands.
protocol Listener: AnyObject {
    /// The endpoint as it really is, wildcards filled in.
    var endpoint: Endpoint { get }

    /// The number of connections that this listener has accepted and that are not gone.
    var connectionCount: Int { get }

    var isListening: Bool { get }

    /// Sees to those who were there before it, now that its socket knows of it.
    func start()

    /// Stops listening and frees the endpoint. Connections stay.
    func stopListening()

    /// Ends all connections: at once, or each when its queue has left.
    func closeConnections(afterSending: Bool)

    /// Messages that are queued for the peers and have not left.
    var unsentMessages: Int { get }

    /// The connections as they are now.
    var connectionInfo: [ConnectionInfo] { get }
}

extension Listener {
    func start() {}
}

/// Keeps one connection to one endpoint alive, in the background, with one pipe that outlives it.
protocol Connector: AnyObject {
    var endpoint: Endpoint { get }

    /// Begins to connect.
    func start()

    /// Whether nothing is left of it.
    var isClosed: Bool { get }

    /// Whether it has been told to end.
    var isClosing: Bool { get }

    /// Ends the connection and the attempts to make one: at once, or when the queue has left.
    func close(afterSending: Bool)

    /// Whether the pipe is this connector's.
    func serves(_ pipe: Pipe) -> Bool

    /// Ends as the socket's linger says, and reports later what has not left. The socket goes on without it.
    func disconnect(_ completion: @escaping (CloseReport) -> Void)

    /// Messages that are queued for the peer and have not left.
    var unsentMessages: Int { get }

    /// The connection as it is now, if there is one.
    var connectionInfo: [ConnectionInfo] { get }
}
