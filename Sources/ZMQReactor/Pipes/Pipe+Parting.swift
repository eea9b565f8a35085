// What a connection leaves behind in a pipe that outlives it.
//
// A queue for an endpoint (PUSH, DEALER, REQ, PUB, …) goes to whichever peer is found there. A queue for a peer
// (ROUTER, REP) goes to that peer alone: it is the same one when it presents the routing id of before. A peer without a
// routing id of its own cannot be distinguished from another one, so that messages for it end with its connection.

extension Pipe {
    /// The earlier peer does not return: what is queued for it is dropped, and what it has sent stays under its name.
    func part() {
        setInboundAside()
        sink.drop(outbound.count, .peerGone)
        outbound.removeAll()
        tellBudgetOfSending()
        peerNumber = UniqueNumber.next()
    }

    /// As `part`, of a queue that is for the endpoint.
    func partKeepingQueue() {
        setInboundAside()
        peerNumber = UniqueNumber.next()
    }

    /// Messages that have not been taken move to a pipe without a connection, where they are taken from.
    private func setInboundAside() { if !inbound.isEmpty { _ = inboundAside() } }

    /// The pipe that messages which have not been taken move to, and others of the same peer can be appended to.
    func inboundAside() -> Pipe {
        let rest = Pipe(of: sink, endpoint: endpoint, options: .unlinked, isPersistent: false)
        rest.routingPrefix = routingPrefix
        rest.peerNumber = peerNumber
        let waiting = inbound.held
        inbound.move(to: &rest.inbound)
        // To a link that stays, they count as taken.
        if link != nil { taken(waiting) }
        // The budget counts them there.
        tellBudget(ofWhole: 0, unfinished: 0)
        rest.tellBudgetOfRest()
        sink.messagesWait(in: rest)
        return rest
    }
}
