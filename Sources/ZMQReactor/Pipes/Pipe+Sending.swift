import ZMTP

// What leaves, and how much more may be queued.
extension Pipe {
    // MARK: Room

    /// Whether one more message may be queued, after an update from the link if that is needed.
    @inline(__always) var canSend: Bool { hasKnownCapacity || refreshCapacity() }

    /// Whether one more message may be queued, as far as is known here: false may be out of date, and `canSend` is not.
    @inline(__always) var hasKnownCapacity: Bool { hasClearCapacity || checkCapacity() }

    /// Whether one more may be queued, as far as that is known without a look at bytes.
    @inline(__always) var hasClearCapacity: Bool {
        outbound.count &+ sending.outstanding.messages < outbound.checkLevel
    }

    /// As `hasKnownCapacity`, counting bytes, also for the socket's budget. Sets the level up to which that need not be
    /// done again.
    @inline(never)
    private func checkCapacity() -> Bool {
        guard sending.canReserve(behind: outbound.held) else { return false }
        guard !conflates else {
            outbound.checkLevel = .max
            return true
        }
        let total = outbound.held + sending.outstanding
        // In steps: a share more or less is not counted, however much there is.
        if total.bytes - sendingKnown >= budgets.send.share { tellBudget(ofSending: total.bytes) }
        if budgets.send.isExhausted { return isWithinShare }
        if total.messages == 0 { outbound.forgetLarge() }
        if !outbound.hasLarge {
            outbound.checkLevel = sending.clearLevel(forMessagesUpTo: OutboundQueue.smallMessage)
        }
        return true
    }

    /// How many messages of so many bytes in all may be queued at once.
    func capacity(for bytes: Int) -> Int {
        guard hasKnownCapacity else { return 0 }
        return budgets.send.isExhausted ? 1 : sending.available(behind: outbound.held, for: bytes)
    }

    /// Whether there is room after an update from the link.
    @inline(never)
    func refreshCapacity() -> Bool {
        link?.refreshCredit()
        if hasKnownCapacity { return true }
        if slowPeerTimeout > 0, !isWatchedAsFull, peer != nil { sink.pipeIsFull(self) }
        return false
    }

    var isHalfEmpty: Bool {
        if outbound.count &+ sending.outstanding.messages == 0 { return true }
        return sending.isHalfEmpty(with: outbound.held) && (!budgets.send.isExhausted || isWithinShare)
    }

    /// Notes that the queue, which was full, is at most half full, if the socket still has this pipe and waits for
    /// that.
    ///
    /// The socket is notified when everything that is sent in this turn has been sent: a sender that is notified
    /// earlier fills the first of several equal queues again and again.
    func noteWritability() {
        if !isInRotation, slot >= 0, !sending.isClosed, isHalfEmpty, !isRelieved, sink.awaitsWritability(of: self) {
            isRelieved = true
            sink.noteRelief(of: self)
        }
    }

    /// The other end's queue is part of this one's.
    func adopt(_ window: CreditWindow) {
        sending = window
        outbound.checkLevel = 0
    }

    /// The socket is to be disconnected from this peer: what is queued leaves, and nothing more is accepted.
    func takeNoMore() {
        sending.close()
        outbound.checkLevel = 0
    }

    // MARK: Queueing

    /// Queues a message of one frame, for which there must be room.
    @inline(__always)
    func send(_ frame: UnsafeRawBufferPointer) {
        outbound.append(frame)
        outboundGrew()
    }

    /// Queues a message, for which there must be room.
    @inline(__always)
    func send(_ message: borrowing Message) {
        outbound.append(message)
        outboundGrew()
    }

    /// Queues a message with frames in front of it, given as they travel, for which there must be room.
    func send(prefix: UnsafeRawBufferPointer, frames: Int, _ message: borrowing Message) {
        outbound.append(prefix: prefix, frames: frames, message)
        outboundGrew()
    }

    /// To be called after appending to `outbound`: the link sends it at the end of the turn.
    @inline(__always)
    func outboundGrew() {
        if outbound.count >= attentionLevel { outboundNeedsAttention() }
    }

    @inline(never)
    private func outboundNeedsAttention() {
        if conflates, outbound.count > 1 { sink.pipeDropped(self, outbound.keepLast()) }
        guard let link else { return }
        if attentionLevel == 0 {
            attentionLevel = conflates ? 2 : .max
            link.pipeHasOutput()
        }
        if !conflates, attentionLevel > 0, outbound.count >= attentionLevel { link.outboundIsLarge() }
    }

    // MARK: Leaving

    /// Messages that this side has accepted and that have not left.
    var unsentCount: Int { outbound.count + (link?.ownsOutstanding == true ? sending.outstanding.messages : 0) }

    /// Bytes have left.
    func release(_ byteCount: Int) {
        let left = outbound.release(byteCount)
        guard left > 0 else { return }
        if sendingKnown > 0 { tellBudgetOfSending() }
        count(sent: left)
        noteWritability()
    }

    /// Lets go of the oldest messages, which cannot leave.
    func discard(_ byteCount: Int, _ reason: DropReason) {
        let count = outbound.release(byteCount)
        if sendingKnown > 0 { tellBudgetOfSending() }
        sink.drop(count, reason)
        noteWritability()
    }

    func count(sent: Int) {
        guard sent != 0 else { return }
        messagesSent += sent
        sink.pipeSent(self, sent)
    }

    /// Discards what is queued, as if it had never been: it is not wanted any more.
    func discardQueue() {
        outbound.removeAll()
        forgetOutstanding()
    }

    /// What has been handed over will not be acknowledged.
    func forgetOutstanding() {
        sending.forgetOutstanding()
        if sendingKnown > 0 { tellBudgetOfSending() }
    }
}
