import ZMTP

// What leaves: it is outstanding in the pipe's window until the other end acknowledges it.
extension ChannelConnection {
    /// Hands everything over, and takes the credit that the other side has acknowledged.
    func flush() {
        guard !isEnded, !isClosing else { return }
        // What has been taken makes room for the answer to what is handed over now.
        acknowledgeUsed()
        pipe.linkFlushes()
        if !pipe.outbound.isEmpty { noteExchange() }
        let (wakes, credit) = outgoing.put(awaiting: awaitedCredit) { put in
            for item in announcements { put(item) }
            shared = nil
            guard !pipe.conflates else {
                if handOverNewest() { put(.newest(newest)) }
                return nil
            }
            handOver { put(.messages($0)) }
            guard kind != .socket, let place = pipe.outbound.place else { return nil }
            shared = SharedChunk(place.chunk, from: place.next)
            return (place.chunk, place.next - place.chunk.base)
        }
        if !announcements.isEmpty {
            announcements.removeAll()
            pipe.toldAll()
        }
        let asksAgain = receive(credit)
        if credit != .zero {
            if asksAgain { takeAcknowledged() }
            if pipe.isInRotation { pipe.sink.pipeRegainedCapacity(pipe) }
            schedule()
        }
        if wakes { wakeRemote() }
    }

    /// Puts in an item that is no message.
    func put(_ item: ChannelItem) {
        shared = nil
        // A connection that goes on awaits credit as before.
        let (wakes, credit) = outgoing.put(awaiting: outlivesConnections ? awaitedCredit : .zero) { put in
            put(item)
            return nil
        }
        acknowledge(credit)
        if wakes { wakeRemote() }
        if outlivesConnections, credit != .zero { takeAcknowledged() }
    }

    // MARK: Handing over

    private func handOver(_ body: (MessageBatch) -> Void) {
        pipe.outbound.takeBatches { batch in
            pipe.sending.reserve(pipe.credit(for: batch))
            if !ownsOutstanding { pipe.count(sent: batch.count) }
            body(batch)
        }
        pipe.outbound.isReceiverSlow = pipe.sending.outstanding.bytes >= Chunk.Size.shared
    }

    /// Hands over the newest message only. Returns whether the other end must be notified.
    private func handOverNewest() -> Bool {
        var last: Message?
        var dropped = pipe.outbound.count - 1
        pipe.outbound.takeBatches { batch in
            var batch = batch
            while let message = batch.next() { last = message }
        }
        guard let last else { return false }
        let isInPlaceOfAnother = newest.replace(with: last)
        if isInPlaceOfAnother { dropped += 1 } else { pipe.sending.reserve(Credit(messages: 1)) }
        if dropped > 0 { pipe.sink.pipeDropped(pipe, dropped) }
        guard !isInPlaceOfAnother else { return false }
        if !ownsOutstanding { pipe.count(sent: 1) }
        return true
    }

    /// Publishes how far the shared chunk is filled. Returns whether that is all there is to hand over.
    @inline(__always)
    func handOverGrowth() -> Bool {
        guard let start = shared?.end, announcements.isEmpty, pipe.hasKnownCapacity, !isEnded, !isClosing,
            let growth = pipe.outbound.takeGrowth(from: start)
        else { return false }
        assert(ownsOutstanding)
        pipe.sending.reserve(Credit(messages: growth.count, bytes: growth.end - start))
        pipe.linkFlushes()
        noteExchange()
        if outgoing.publish(shared!.grow(by: growth.count, to: growth.end)) { wakeRemote() }
        return true
    }

    // MARK: Credit

    /// What the other end has to acknowledge before it wakes this one.
    private var awaitedCredit: Credit {
        // A sender that was refused waits for `becameWritable`, although later sends have found room and used it up.
        let isFull =
            !pipe.hasKnownCapacity || !pipe.isInRotation && pipe.slot >= 0 && pipe.sink.awaitsWritability(of: pipe)
        return pipe.sending.awaited(
            behind: pipe.outbound.held,
            isFull: isFull,
            sharesBudget: pipe.budgets.send.isExhausted
        )
    }

    /// Takes the credit that the other side has acknowledged, until there is no more and that side is known to wake
    /// this one if need be.
    ///
    /// The sink is notified of new room at the end of the turn, whatever the caller: no other call does that.
    func takeAcknowledged() {
        var asksAgain: Bool
        repeat {
            let credit = outgoing.takeAcknowledged(awaiting: awaitedCredit)
            asksAgain = receive(credit)
            if credit != .zero { schedule() }
        } while asksAgain
    }

    /// Returns whether to take more credit at once.
    private func receive(_ credit: Credit) -> Bool {
        guard credit != .zero else { return false }
        if !isAccepted { accepted() }
        let asksAgain = acknowledge(credit)
        if pipe.sending.outstanding.messages == 0, pipe.outbound.isEmpty {
            seal()
            pipe.outbound.removeAll()  // releases its memory
        }
        return asksAgain
    }

    @discardableResult
    func acknowledge(_ credit: Credit) -> Bool {
        guard credit != .zero else { return false }
        let asksAgain = pipe.sending.receive(credit)
        if pipe.sendingKnown > 0 { pipe.tellBudgetOfSending() }
        return asksAgain
    }

    /// From here on nothing refers to the open chunk behind what has been handed over.
    private func seal() {
        guard shared != nil else { return }
        shared = nil
        outgoing.seal()
    }
}
