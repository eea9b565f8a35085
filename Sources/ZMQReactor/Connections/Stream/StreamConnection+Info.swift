extension StreamConnection {
    /// The peer at the other end, for people to read.
    var peerName: String {
        if let knownPeerName { return knownPeerName }
        knownPeerName = isEnded ? nil : stream.peerName
        return knownPeerName ?? "unknown"
    }

    func info(endpoint: Endpoint, isAccepted: Bool) -> ConnectionInfo {
        ConnectionInfo(
            of: pipe,
            endpoint: endpoint,
            peer: peerName,
            isAccepted: isAccepted,
            bytes: (bytesSent, bytesReceived),
            roundTrip: heartbeat?.roundTrip
        )
    }
}
