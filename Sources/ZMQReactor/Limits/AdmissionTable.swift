/// The accepted connections of a socket, by remote address. A pure value; time is an argument, in nanoseconds.
///
/// Rules:
/// * `admit` counts a connection whose handshake is in progress, or returns the limit that forbids it and counts
///   nothing.
/// * An admitted connection ends its handshake once, and leaves once.
/// * An address without connections takes no memory.
struct AdmissionTable {
    /// The connections of one address, or of all.
    struct Tally: Equatable {
        var connections = 0
        var handshakes = 0
    }

    /// All connections.
    private(set) var all = Tally()
    private var addresses: [RemoteAddress: Tally] = [:]
    private var newConnections = TokenBucket()

    /// The number of addresses that have connections.
    var addressCount: Int { addresses.count }

    /// The connections of an address.
    subscript(address: RemoteAddress) -> Tally { addresses[address] ?? Tally() }

    /// Admits a new connection; returns the limit that forbids it, or nil.
    ///
    /// - Parameter address: nil when limits per address do not apply to the peer.
    mutating func admit(_ address: RemoteAddress?, _ limits: SocketLimits, at now: Int64) -> SocketLimit? {
        guard all.connections < limits.connections else { return .connections }
        guard all.handshakes < limits.handshakes else { return .handshakes }
        if let address {
            let its = self[address]
            guard its.connections < limits.connectionsPerAddress else { return .connectionsPerAddress }
            guard its.handshakes < limits.handshakesPerAddress else { return .handshakesPerAddress }
        }
        guard newConnections.take(limits.connectionRate, at: now) else { return .connectionRate }
        change(address) {
            $0.connections += 1
            $0.handshakes += 1
        }
        return nil
    }

    /// Admits a connection without an address and a handshake.
    mutating func admitInproc(_ limits: SocketLimits) -> SocketLimit? {
        guard all.connections < limits.connections else { return .connections }
        all.connections += 1
        return nil
    }

    /// The handshake of an admitted connection has ended.
    mutating func endHandshake(_ address: RemoteAddress?) { change(address) { $0.handshakes -= 1 } }

    /// An admitted connection whose handshake has ended is gone.
    mutating func leave(_ address: RemoteAddress?) { change(address) { $0.connections -= 1 } }

    private mutating func change(_ address: RemoteAddress?, _ body: (inout Tally) -> Void) {
        body(&all)
        guard let address else { return }
        var its = self[address]
        body(&its)
        addresses[address] = its == Tally() ? nil : its
    }
}
