import EventReactor

/// The admissions of all listeners of one socket, on whatever threads they run. Not on the path of a message.
final class Admissions: Sendable {
    private struct State {
        var table = AdmissionTable()
        var counts = SocketLimit.Counts()
    }

    private let state = Locked(State())

    /// How often each limit was exceeded.
    var counts: SocketLimit.Counts { state.withLock { $0.counts } }

    /// The current connections.
    var connections: AdmissionTable.Tally { state.withLock { $0.table.all } }

    func count(_ limit: SocketLimit) { state.withLock { $0.counts[limit] += 1 } }

    /// Admits a new connection, or returns the limit that forbids it, which is counted.
    func admit(_ address: RemoteAddress?, _ limits: SocketLimits, at now: Int64) -> SocketLimit? {
        state.withLock { state in
            let limit = state.table.admit(address, limits, at: now)
            if let limit { state.counts[limit] += 1 }
            return limit
        }
    }

    /// Admits a connection from this process, to which only the limit on connections applies.
    func admitInproc(_ limits: SocketLimits) -> SocketLimit? {
        state.withLock { state in
            let limit = state.table.admitInproc(limits)
            if let limit { state.counts[limit] += 1 }
            return limit
        }
    }

    func endHandshake(_ address: RemoteAddress?) { state.withLock { $0.table.endHandshake(address) } }

    /// An admitted connection is gone.
    func leave(_ address: RemoteAddress?, duringHandshake: Bool = false) {
        state.withLock { state in
            if duringHandshake { state.table.endHandshake(address) }
            state.table.leave(address)
        }
    }
}
