import ZMTP

/// The routing ids that peers have presented over persistent pipes, each by the last connection: what tells a peer that comes back
/// from another one that is found at the endpoint.
struct LastPeers {
    private var identities: [ObjectIdentifier: [UInt8]] = [:]

    /// Notes the peer of a connection that comes up; returns whether it is another one than before, as far as can be told.
    mutating func meet(_ peer: Peer, at pipe: Pipe) -> Bool {
        let former = identities.updateValue(peer.identity, forKey: ObjectIdentifier(pipe))
        return former.map { $0.isEmpty || $0 != peer.identity } ?? false
    }

    /// Whether the pipe is persistent and its last peer had no routing id of its own, so that it cannot be told from others.
    func isUnnamed(_ pipe: Pipe) -> Bool { pipe.isPersistent && identities[ObjectIdentifier(pipe)] == [] }

    mutating func forget(_ pipe: Pipe) {
        if pipe.isPersistent { identities[ObjectIdentifier(pipe)] = nil }
    }
}
