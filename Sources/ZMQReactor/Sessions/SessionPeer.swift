import ZMTP

/// A peer that has completed its handshake with a session, as reported to the owner.
struct SessionPeer: ObservedPeer, Sendable {
    /// Distinguishes successive connections of the same pipe.
    let number: Int
    let peer: Peer
    let peerName: String
    let counters: ConnectionCounters
}
