/// The peer of a connection, as its events name it.
final class KnownPeer {
    let address: String
    /// The contents of its handshake; nil before that is complete.
    var peer: Peer?

    init(_ address: String) { self.address = address }
}

extension StreamConnection {
    var peerDescription: PeerDescription {
        guard let known = knownPeer ?? readPeer() else { return PeerDescription("unknown") }
        return PeerDescription(known.address, pipe?.peer ?? known.peer)
    }

    /// Not kept: one more allocation for each connection whose events are not observed.
    var peerAddress: String { knownPeer?.address ?? (isEnded ? "unknown" : stream.peerName) }

    private func readPeer() -> KnownPeer? {
        if !isEnded { knownPeer = KnownPeer(stream.peerName) }
        return knownPeer
    }

    /// Keeps the address, which a closed stream no longer has, and what is known of the peer.
    func keepPeer(_ peer: Peer?) { (knownPeer ?? readPeer())?.peer = peer }

    func info(endpoint: Endpoint, isAccepted: Bool) -> ConnectionInfo {
        ConnectionInfo(
            of: pipe,
            endpoint: endpoint,
            peer: peerDescription,
            isAccepted: isAccepted,
            bytes: (bytesSent, bytesReceived),
            roundTrip: heartbeat?.roundTrip
        )
    }
}
