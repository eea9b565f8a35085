import ZMTP

// What the link calls.
extension Pipe {
    /// A connection is up and its handshake is done.
    func linkUp(_ link: any PipeLink, peer: Peer) {
        let hasParted = isPersistent && sink.pipe(self, meets: peer)
        join(link)
        meet(peer)
        if !outbound.isEmpty { outboundGrew() }
        if hasParted { noteWritability() }
    }

    /// The connection is gone, and with it the pipe of a peer that had connected to us. What it has received stays to
    /// be taken.
    func linkDown(_ reason: EventReason) {
        reasonOfEnd = reason
        link = nil
        peer = nil
        attentionLevel = 0
        isWatchedAsFull = false
        outbound.rewind()
        forgetOutstanding()
        stopWaitingForBudget()
        // What has arrived stays, and no link counts it any more.
        tellBudgetOfRest()
        // A second time where the link had lost its peer before.
        sink.pipeDown(self)
        // What the other end had been handed and will not acknowledge leaves room.
        if isPersistent { noteWritability() } else { sink.remove(self) }
    }

    /// The link is released without having ended, together with its reactor.
    func forget(_ link: any PipeLink) {
        if self.link === link { self.link = nil }
    }

    private func join(_ link: any PipeLink) {
        self.link = link
        if link.countsTaken { takingObservers.insert(.link) } else { takingObservers.remove(.link) }
        attentionLevel = 0
        stopWaitingForBudget()
        heldBack = .not
        sending.restart()
    }

    private func meet(_ peer: Peer) {
        self.peer = peer
        (messagesSent, messagesReceived) = (0, 0)
        sink.pipeUp(self)
    }

    /// The link takes what there is; whatever is appended from now on schedules it again.
    func linkFlushes() { attentionLevel = 0 }

    /// All subscriptions that the link was given have left, or been handed over.
    func toldAll() { sink.pipeToldAll(self) }

    // MARK: A link that outlives its connections

    // It takes what is queued also while there is no connection.

    func attach(_ link: any PipeLink) {
        join(link)
        // It accepts subscriptions.
        toldAll()
        if !outbound.isEmpty { outboundGrew() }
    }

    /// The attached link leads to a peer.
    func peerUp(_ peer: Peer) {
        let hasParted = sink.pipe(self, meets: peer)
        meet(peer)
        if hasParted { noteWritability() }
    }

    /// The attached link leads to no peer any more.
    func peerDown(_ reason: EventReason) {
        reasonOfEnd = reason
        peer = nil
        isWatchedAsFull = false
        sink.pipeDown(self)
    }
}
