import EventReactor
import ZMTP

extension LaneLink {
    func farHasClosed() {
        guard !isEnded else { return }
        pipe.confirm(outgoing.collect(waitsFor: .zero))
        // What it gave back, and what it had not even taken.
        for parcel in outgoing.take().parcels {
            if case .messages(let run) = parcel { returned.append(run) }
        }
        if pipe.conflates, let message = newest.take() { returned.append(Run(message)) }
        if far != .socket || !returned.isEmpty { pipe.takeBack(returned) }
        end()
    }

    /// Takes back what the other end, which has not accepted this one, has not taken: it is not going to.
    func takeBackUntaken() {
        var untaken: [Run] = []
        for case .messages(let run) in outgoing.take().parcels { untaken.append(run) }
        if pipe.conflates, let message = newest.take() { untaken.append(Run(message)) }
        pipe.handedOverForGood()
        pipe.takeBack(untaken)
    }

    func end() {
        guard !isEnded else { return }
        isEnded = true
        // The pipe counts first what has been counted for the other end until now.
        let last = arrived
        defer { withExtendedLifetime(last) {} }
        arrived = []
        reactor.answer(bell, with: nil)
        reactor.deferRelease(self)
        if isClosing, !isTurnedAway { reasonOfEnd = .closed }
        if outgoing.close() { _ = farEnd.wake(from: reactor) }
        if far != .socket, pipe.unsentCount > 0 {
            // What the session has been handed and has not sent goes with it.
            pipe.confirm(outgoing.collect(waitsFor: .zero))
            pipe.abandonOutstanding()
        }
        pipe.linkDown(reasonOfEnd)
        owner?.linkEnded(self)
    }

    func tell(_ parcel: Parcel) {
        followed = nil
        // A link that goes on waits for use as it did before.
        let (wakes, used) = outgoing.put(waitsFor: outlivesConnections ? pipe.awaitedUse : .zero) { put in
            put(parcel)
            return nil
        }
        pipe.confirm(used)
        if wakes { wakeFar() }
        if outlivesConnections, used != .zero { collect() }
    }
}
