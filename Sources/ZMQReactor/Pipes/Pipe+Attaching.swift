import ZMTP

// A link that outlives the connections behind it: it takes what is queued also while there is none.
extension Pipe {
    func attach(_ link: any PipeLink) {
        join(link)
        // It can be given subscriptions.
        toldAll()
        if !outbound.isEmpty { outboundGrew() }
    }

    /// The attached link leads to a peer.
    func peerUp(_ peer: Peer) {
        let hasParted = sink.pipe(self, meets: peer)
        meet(peer)
        if hasParted { tellRoom() }
    }

    /// The attached link leads to no peer any more.
    func peerDown(_ reason: EventReason) { lose(reason) }
}
