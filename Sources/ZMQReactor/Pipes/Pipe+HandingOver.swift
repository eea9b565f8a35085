import ZMTP

// What goes to the other end of a channel, and is outstanding until that acknowledges it.
extension Pipe {
    /// Hands what is queued over to the other end, which is going to acknowledge it.
    func handOver(_ body: (Run) -> Void) {
        outbound.takeRuns { run in
            sending.reserve(credit(for: run))
            if !isRelayed { count(sent: run.count) }
            body(run)
        }
    }

    /// As `handOver`, of the newest message only. Returns whether the other end has to learn of it.
    func handOverNewest(by slot: ConflatingSlot) -> Bool {
        var newest: Message?
        var dropped = outbound.count - 1
        outbound.takeRuns { run in
            var run = run
            while let message = run.next() { newest = message }
        }
        guard let newest else { return false }
        let isInPlaceOfAnother = slot.replace(with: newest)
        if isInPlaceOfAnother { dropped += 1 } else { sending.reserve(Credit(messages: 1)) }
        if dropped > 0 { sink.pipeDropped(self, dropped) }
        guard !isInPlaceOfAnother else { return false }
        if !isRelayed { count(sent: 1) }
        return true
    }

    /// As `handOver`, of what has been appended to the open chunk since `start`, when that is all. Returns how many messages these are, and
    /// where they end.
    @inline(__always)
    func handOverGrowth(from start: UnsafeMutableRawPointer) -> (count: Int, end: UnsafeMutableRawPointer)? {
        assert(isRelayed)
        guard let growth = outbound.takeGrowth(from: start) else { return nil }
        sending.reserve(Credit(messages: growth.count, bytes: growth.end - start))
        return growth
    }

    /// The other end is done with messages that were handed over.
    func acknowledge(_ credit: Credit) {
        guard credit != .zero else { return }
        sending.acknowledge(credit)
        if sendingKnown > 0 { tellBudgetOfSending() }
    }

    /// What the other end has to acknowledge before it wakes this one.
    var awaitedCredit: Credit {
        // A sender that was refused waits for `becameWritable`, although later sends have found room and used it up.
        let isFull = !hasRoom || !isInRotation && slot >= 0 && sink.awaitsRoom(of: self)
        return sending.awaited(behind: outbound.held, isFull: isFull, sharesBudget: budgets.send.isExhausted)
    }

    /// Whether more credit is worth taking at once.
    var isAwaitingCredit: Bool { sending.isAwaiting }

    /// Whether everything has been handed over and acknowledged.
    var isDrained: Bool { sending.outstanding.messages == 0 && outbound.isEmpty }

    /// The link is about to end: what had been handed over and not acknowledged returns, ahead of all else.
    func takeBack(_ runs: [Run]) {
        if !isRelayed { count(sent: -runs.reduce(0) { $0 + $1.count }) }
        forgetInFlight()
        var behind: [Run] = []
        outbound.takeRuns { behind.append($0) }
        for run in runs { outbound.append(run) }
        for run in behind { outbound.append(run) }
        if conflates, outbound.count > 1 { sink.pipeDropped(self, outbound.keepLast()) }
    }

    /// What has been handed over belongs to the other end, which has accepted this one.
    func handedOverForGood() {
        isRelayed = false
        count(sent: sending.outstanding.messages)
    }

    func count(sent: Int) {
        guard sent != 0 else { return }
        messagesSent += sent
        sink.pipeSent(self, sent)
    }

    /// What has been handed over and not acknowledged is lost, and counted.
    func abandonOutstanding() {
        let count = sending.outstanding.messages
        guard count > 0 else { return }
        forgetInFlight()
        sink.abandon(count)
    }

    /// Discards what is queued, as if it had never been: it is not wanted any more.
    func discardQueue() {
        outbound.removeAll()
        forgetInFlight()
    }

    func forgetInFlight() {
        sending.forgetOutstanding()
        if sendingKnown > 0 { tellBudgetOfSending() }
    }
}
