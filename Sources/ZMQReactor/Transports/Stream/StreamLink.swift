import EventReactor

/// A connection over a byte stream, as its owner sees it: one that speaks ZMTP, or a raw one.
protocol StreamLink: PipeLink, AcknowledgedConnection {
    /// The loop it lives on.
    var reactor: Reactor { get }

    /// Bytes that our operating system has taken.
    var bytesSent: Int { get }

    /// What it serves; nil until the owner has given it one, and when it is over.
    var pipe: Pipe? { get }

    /// Whether the handshake waits for the peer to be accepted.
    var isOnHold: Bool { get }

    /// What can be told about the connection now.
    func info(endpoint: Endpoint, isAccepted: Bool) -> ConnectionInfo

    /// Counts what passes through in a place that another thread reads, too.
    func count(in counters: ConnectionCounters)

    /// Begins. The owner is not called before this returns, unless it fails.
    func start()

    /// Ends the connection as soon as everything queued has left.
    func closeWhenSent()

    /// The peer takes no more bytes, for the reason with this number: the connection ends when what has arrived has been delivered.
    func writingFailed(_ number: CInt)
}

extension StreamLink {
    /// Bytes that the peer's operating system has acknowledged; where that is not to be known, those that ours has taken.
    var bytesAcknowledged: Int { bytesSent - unacknowledged }

    /// Most bytes that one connection writes in one turn. The operating system takes in what the peer acknowledges between two calls,
    /// not within one: a call for much more stalls.
    static var turnBudget: Int { 768 * 1024 }
}

extension Pipe {
    /// The link cannot send any more and is going to end when what it has received has been taken. What is queued for this very
    /// peer is lost, and nothing more is queued; what is queued for an endpoint waits for the next link.
    func linkCannotSend() {
        if !isPersistent { takeNoMore() }
    }
}
