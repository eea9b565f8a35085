/// Decides which refused connections are worth an event: of each limit one per second, so that an attack does not fill a log. Every
/// refusal is counted. A pure value; time is an argument, in nanoseconds.
struct LimitEvents {
    private struct Entry {
        var last: Int64
        var silent = 0
    }

    private static let pause: Int64 = 1_000_000_000

    private var entries: [SocketLimit: Entry] = [:]

    /// A connection has been refused. Answers how many refusals had no event since the last one of this limit; nil when this one has
    /// none, either.
    mutating func refusal(by limit: SocketLimit, at now: Int64) -> Int? {
        guard let entry = entries[limit] else {
            entries[limit] = Entry(last: now)
            return 0
        }
        guard now - entry.last >= Self.pause else {
            entries[limit]!.silent += 1
            return nil
        }
        entries[limit] = Entry(last: now)
        return entry.silent
    }
}

extension SocketLimit {
    /// Whether the limit refuses connections, before anything is read from them.
    var refusesConnections: Bool {
        switch row {
        case .connections, .connectionsPerAddress, .handshakes, .handshakesPerAddress, .connectionRate, .descriptors:
            true
        default: false
        }
    }
}

extension EventReason {
    /// A connection was refused.
    ///
    /// - Parameter silent: how many were, since the last event that says so.
    static func refused(by limit: SocketLimit, _ limits: SocketLimits, silent: Int) -> EventReason {
        let reason =
            switch limit.row {
            case .connections: "the socket has accepted \(limits.connections) connections"
            case .connectionsPerAddress: "the address has \(limits.connectionsPerAddress) connections"
            case .handshakes: "\(limits.handshakes) handshakes are in progress"
            case .handshakesPerAddress: "\(limits.handshakesPerAddress) handshakes of the address are in progress"
            case .connectionRate: "more than \(limits.connectionRate) new connections in a second"
            case .descriptors: "the process has no file descriptor left"
            default: limit.name
            }
        let others = silent == 0 ? "" : "; \(silent) more were refused since this was last told"
        return .limitExceeded(limit, reason + others)
    }
}
