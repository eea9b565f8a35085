extension StreamConnection {
    /// Who is at the other end.
    var peerName: String {
        if let knownPeerName { return knownPeerName }
        knownPeerName = isEnded ? nil : askPeerName()
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
