import ZMTP

extension ChannelConnection {
    /// Hands everything over, and takes the credit that the other side has acknowledged.
    func flush() {
        guard !isEnded, !isClosing else { return }
        // What has been taken makes room for the answer to what is handed over now.
        acknowledgeUsed()
        pipe.linkFlushes()
        if !pipe.outbound.isEmpty { noteExchange() }
        let (wakes, credit) = outgoing.put(awaiting: pipe.awaitedCredit) { put in
            for item in announcements { put(item) }
            shared = nil
            guard !pipe.conflates else {
                if pipe.handOverNewest(by: newest) { put(.newest(newest)) }
                return nil
            }
            pipe.handOver { put(.messages($0)) }
            guard kind != .socket, let place = pipe.outbound.place else { return nil }
            shared = SharedChunk(place.chunk, from: place.next)
            return (place.chunk, place.next - place.chunk.base)
        }
        if !announcements.isEmpty {
            announcements.removeAll()
            pipe.toldAll()
        }
        receive(credit)
        if credit != .zero {
            if pipe.isAwaitingCredit { takeAcknowledged() }
            if pipe.isInRotation { pipe.sink.pipeGotRoom(pipe) }
            schedule()
        }
        if wakes { wakeRemote() }
    }

    /// Publishes how far the shared chunk is filled. Returns whether that is all there is to hand over.
    @inline(__always)
    func handOverGrowth() -> Bool {
        guard let start = shared?.end, announcements.isEmpty, pipe.hasRoom, !isEnded, !isClosing,
            let growth = pipe.handOverGrowth(from: start)
        else { return false }
        pipe.linkFlushes()
        noteExchange()
        if outgoing.publish(shared!.grow(by: growth.count, to: growth.end)) { wakeRemote() }
        return true
    }

    /// Puts in an item that is no message.
    func put(_ item: ChannelItem) {
        shared = nil
        // A connection that goes on awaits credit as before.
        let (wakes, credit) = outgoing.put(awaiting: outlivesConnections ? pipe.awaitedCredit : .zero) { put in
            put(item)
            return nil
        }
        pipe.acknowledge(credit)
        if wakes { wakeRemote() }
        if outlivesConnections, credit != .zero { takeAcknowledged() }
    }

    /// Takes the credit that the other side has acknowledged, until there is no more and that side is known to wake this one if need be.
    ///
    /// The sink learns of new room at the end of the turn, whatever the caller: no other call brings it.
    func takeAcknowledged() {
        var credit: Credit
        repeat {
            credit = outgoing.takeAcknowledged(awaiting: pipe.awaitedCredit)
            receive(credit)
            if credit != .zero { schedule() }
        } while credit != .zero && pipe.isAwaitingCredit
    }

    private func receive(_ credit: Credit) {
        if credit != .zero, !isAccepted { accepted() }
        pipe.acknowledge(credit)
        guard credit != .zero, pipe.isDrained else { return }
        seal()
        pipe.outbound.removeAll()  // releases its memory
    }

    /// From here on nothing refers to the open chunk behind what has been handed over.
    private func seal() {
        guard shared != nil else { return }
        shared = nil
        outgoing.seal()
    }
}
