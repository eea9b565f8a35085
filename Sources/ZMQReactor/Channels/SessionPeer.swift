import ZMTP

/// A peer that has completed its handshake with a session, as the session describes it to its owner.
struct SessionPeer: ObservedPeer, Sendable {
    /// Distinguishes the connection from others of the same pipe.
    let number: Int
    let peer: Peer
    let address: String
    let counters: ConnectionCounters

    var peerDescription: PeerDescription { PeerDescription(address, peer) }
}
