extension StreamConnection {
    var peerDescription: PeerDescription { PeerDescription(address, identity: peerIdentity) }

    /// The peer's address, for people to read.
    private var address: String {
        if let knownAddress { return knownAddress }
        knownAddress = isEnded ? nil : stream.peerName
        return knownAddress ?? "unknown"
    }

    /// Reads the address, which a closed stream no longer has.
    func keepAddress() { _ = address }

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
