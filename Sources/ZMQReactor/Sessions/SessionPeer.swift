import ZMTP

/// A peer that has shaken hands with a session, as its owner is told of it.
struct SessionPeer: ObservedPeer, Sendable {
    /// Tells the connection from others of the same pipe.
    let number: Int
    let peer: Peer
    let peerName: String
    let counters: ConnectionCounters
}
