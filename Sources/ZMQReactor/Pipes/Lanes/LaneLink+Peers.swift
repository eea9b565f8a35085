import ZMTP

// The peers of a link that outlives them.
extension LaneLink {
    func peerUp(_ peer: SessionPeer) {
        connection = peer.number
        peerName = peer.peerName
        owner?.link(self, hasPeer: peer)
        // The application may have closed the socket.
        if !isEnded { pipe.peerUp(peer.peer) }
    }

    func peerDown(_ reason: EventReason) {
        guard pipe.peer != nil else { return }
        pipe.peerDown(reason)
        owner?.link(self, hasLostPeerBecause: reason)
    }

    /// Ends the connection, and not the link.
    func turnPeerAway(_ reason: EventReason) {
        guard pipe.peer != nil else { return }
        tell(.turnAway(reason, connection: connection))
        disregards = true
        peerDown(reason)
    }

    /// The peer has been turned away: what it has sent goes without a word.
    func disregard(_ run: Run) { used += pipe.credit(for: run) }
}
