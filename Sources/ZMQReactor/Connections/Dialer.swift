import ZMTP

/// Opens the connections of a connector, and does nothing else.
protocol Dialer: AnyObject {
    /// The connector it opens connections for, which sets this once.
    var connector: Connector! { get set }

    var endpoint: Endpoint { get }

    /// Begins an attempt. It leads to `opened` or `joined`, or ends in `attemptFailed` or `lost`.
    func dial()

    /// Ends the current attempt. There is no further one.
    func stop()

    /// Whether no attempt can succeed from now on.
    var isInVain: Bool { get }

    /// Whether attempts follow each other by themselves.
    var redialsItself: Bool { get }

    /// Whether its connections begin with the greetings of ZMTP.
    var greets: Bool { get }

    /// Whether the pauses between attempts are reported as events.
    var announcesPauses: Bool { get }

    /// What a handshake says of the transport.
    var metadata: Metadata { get }

    /// The current connection, or those in a handshake on another thread.
    var connectionInfo: [ConnectionInfo] { get }
}

extension Dialer {
    var metadata: Metadata { Metadata() }
    var isInVain: Bool { false }
    var redialsItself: Bool { false }
    var greets: Bool { true }
    var announcesPauses: Bool { true }
}
