/// The accepted connections of a socket, by remote address. A pure value; time is an argument, in nanoseconds.
///
/// Rules:
/// * `admit` counts a connection whose handshake is in progress, or returns the limit that forbids it and counts
///   nothing.
/// * An admitted connection ends its handshake once, and leaves once.
/// * One address takes at most half of the rate of new connections at once, and more only while half is left for the
///   others.
/// * An address without connections takes no memory, except for its share of that rate for as long as it is in use.
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
    /// What each address has left of its half of them.
    private var shares = AddressShares()

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
        guard takeNewConnection(of: address, limits.connectionRate, at: now) else { return .connectionRate }
        change(address) {
            $0.connections += 1
            $0.handshakes += 1
        }
        return nil
    }

    /// Takes one of the new connections that the rate allows, and one of the address's share of them while it has any.
    /// What is refused uses up neither.
    private mutating func takeNewConnection(of address: RemoteAddress?, _ rate: Int, at now: Int64) -> Bool {
        guard let address else { return newConnections.take(rate, at: now) }
        var share = shares[address]
        let hasShare = share.take(rate - rate / 2, at: now)
        guard newConnections.take(rate, at: now, keepsHalf: !hasShare) else { return false }
        shares.update(address, share, at: now)
        return true
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
