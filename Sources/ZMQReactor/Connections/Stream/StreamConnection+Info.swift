/// The peer of a connection, as its events name it.
final class KnownPeer {
    let address: String
    /// The routing id that it has sent; empty if it has sent none.
    var identity: [UInt8] = []

    init(_ address: String) { self.address = address }
}

extension StreamConnection {
    var peerDescription: PeerDescription {
        guard let known = knownPeer ?? readPeer() else { return PeerDescription("unknown") }
        return PeerDescription(known.address, identity: pipe?.peer?.identity ?? known.identity)
    }

    /// Not kept: one more allocation for each connection whose events are not observed.
    var peerAddress: String { knownPeer?.address ?? (isEnded ? "unknown" : stream.peerName) }

    private func readPeer() -> KnownPeer? {
        if !isEnded { knownPeer = KnownPeer(stream.peerName) }
        return knownPeer
    }

    /// Keeps the address, which a closed stream no longer has, and the routing id.
    func keepPeer(_ identity: [UInt8]) { (knownPeer ?? readPeer())?.identity = identity }

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
