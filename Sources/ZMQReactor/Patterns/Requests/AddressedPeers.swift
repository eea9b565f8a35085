import ZMTP

/// Peers that are addressed one by one: whether there is room for a message depends on its peer, and so does the wait
/// for room.
protocol AddressedPeers: Pattern {}

extension AddressedPeers {
    /// Queues a message for a peer, if there is room.
    @inline(__always)
    func queue(_ body: Message, for pipe: Pipe, from host: some PatternHost) -> SendResult {
        guard pipe.canSend else {
            pipe.hasBlockedSender = true
            host.countRefusals(1)
            return .wouldBlock
        }
        pipe.send(body)
        return .accepted
    }

    func awaitsWritability(of pipe: Pipe) -> Bool { pipe.hasBlockedSender }

    func pipeBecameWritable(_ pipe: Pipe, at host: any PatternHost) {
        guard pipe.hasBlockedSender else { return }
        pipe.hasBlockedSender = false
        if host.state == .open { host.notifyWritable(for: pipe) }
    }
}
