import ZMTP

// The peers of a connection that outlives them.
extension ChannelConnection {
    func peerUp(_ peer: SessionPeer) {
        connection = peer.number
        peerDescription = peer.peerDescription
        owner?.connection(self, hasPeer: peer)
        // The application may have closed the socket.
        if !isEnded { pipe.peerUp(peer.peer) }
    }

    func peerDown(_ reason: EventReason) {
        guard pipe.peer != nil else { return }
        pipe.peerDown(reason)
        owner?.connection(self, hasLostPeerBecause: reason)
    }

    /// Ends the peer's connection, and not this one.
    func rejectPeer(_ reason: EventReason) {
        guard pipe.peer != nil else { return }
        put(.reject(reason, connection: connection))
        discardsIncoming = true
        peerDown(reason)
    }
}
