import ZMTP

/// The routing ids that peers have presented over persistent pipes, one per last connection: they distinguish a
/// returning peer from another one at the same endpoint.
struct LastPeers {
    private var identities: [ObjectIdentifier: [UInt8]] = [:]

    /// Records the peer of a new connection; returns whether it differs from the previous one, as far as is known.
    mutating func meet(_ peer: Peer, at pipe: Pipe) -> Bool {
        let former = identities.updateValue(peer.identity, forKey: ObjectIdentifier(pipe))
        return former.map { $0.isEmpty || $0 != peer.identity } ?? false
    }

    /// Whether the pipe is persistent and its last peer had no routing id of its own, so that it cannot be
    /// distinguished from others.
    func isUnnamed(_ pipe: Pipe) -> Bool { pipe.isPersistent && identities[ObjectIdentifier(pipe)] == [] }

    mutating func forget(_ pipe: Pipe) {
        if pipe.isPersistent { identities[ObjectIdentifier(pipe)] = nil }
    }
}
