/// Decides which rejected connections are reported as events: one per limit and second, so that an attack does not fill
/// a log. Every rejection is counted. A pure value; time is an argument, in nanoseconds.
struct LimitEvents {
    private struct Entry {
        var last: Int64
        var silent = 0
    }

    private static let pause: Int64 = 1_000_000_000

    private var entries: [SocketLimit: Entry] = [:]

    /// A connection was rejected. Returns the number of rejections by this limit that were not reported since the last
    /// event; nil when this one is not reported either.
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
    /// Whether the limit rejects connections, before any byte is read from them.
    var refusesConnections: Bool {
        switch row {
        case .connections, .connectionsPerAddress, .handshakes, .handshakesPerAddress, .connectionRate, .descriptors:
            true
        default: false
        }
    }
}
