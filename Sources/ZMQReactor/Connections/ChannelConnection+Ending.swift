import EventReactor
import ZMTP

extension ChannelConnection {
    func remoteHasClosed() {
        guard !isEnded else { return }
        acknowledge(outgoing.takeAcknowledged(awaiting: .zero))
        if kind == .socket { receivedInVain(takeUnprocessed().batches) }
        // What the other end has returned, and what it has not even taken.
        for item in outgoing.take().items {
            if case .messages(let batch) = item { returned.append(batch) }
        }
        if pipe.conflates, let message = newest.take() { returned.append(MessageBatch(message)) }
        if kind != .socket || !returned.isEmpty { takeBack(returned) }
        end()
    }

    /// Takes back what the other end, which has not accepted this one, has not taken and is not going to take.
    func takeBackUntaken() {
        var untaken: [MessageBatch] = []
        for case .messages(let batch) in outgoing.take().items { untaken.append(batch) }
        if pipe.conflates, let message = newest.take() { untaken.append(MessageBatch(message)) }
        passOwnership()
        takeBack(untaken)
    }

    /// What had been handed over and not acknowledged returns to the pipe, ahead of all else.
    private func takeBack(_ batches: [MessageBatch]) {
        if !ownsOutstanding { pipe.count(sent: -batches.reduce(0) { $0 + $1.count }) }
        pipe.forgetOutstanding()
        let behind = pipe.outbound.takeBatches()
        for batch in batches { pipe.outbound.append(batch) }
        for batch in behind { pipe.outbound.append(batch) }
        if pipe.conflates, pipe.outbound.count > 1 { pipe.sink.pipeDropped(pipe, pipe.outbound.keepLast()) }
    }

    /// What the session has been handed and has not sent is lost with it, and counted.
    private func abandonOutstanding() {
        let count = pipe.sending.outstanding.messages
        guard count > 0 else { return }
        pipe.forgetOutstanding()
        pipe.sink.abandon(count)
    }

    /// What another socket has handed over and this end has not processed returns to it; if it is gone, it is lost with
    /// this end. Returns whether the other end must be woken.
    private func giveBackArrived() -> Bool {
        let (batches, isClosed) = takeUnprocessed()
        guard !batches.isEmpty else { return false }
        guard !isClosed, !isRemoteGone else {
            receivedInVain(batches)
            return false
        }
        return outgoing.put { put in
            for batch in batches { put(.returned(batch)) }
            return nil
        }.wakes
    }

    private func receivedInVain(_ batches: [MessageBatch]) {
        pipe.sink.receivedInVain(batches.reduce(0) { $0 + $1.count })
    }

    /// Takes the messages that have arrived and not been processed. What the other end has returned is noted.
    private func takeUnprocessed() -> (batches: [MessageBatch], isClosed: Bool) {
        let (items, isClosed) = incoming.take()
        hasRemoteClosed = hasRemoteClosed || isClosed
        var batches: [MessageBatch] = []
        for item in arrived[nextArrived...] + items {
            switch item {
            case .messages(let batch): batches.append(batch)
            case .returned(let batch): returned.append(batch)
            default: break
            }
        }
        (arrived, nextArrived) = ([], 0)
        return (batches, hasRemoteClosed)
    }

    func end() {
        guard !isEnded else { return }
        isEnded = true
        // Until the pipe has counted these messages, they hold the place that the session had for them.
        let last = arrived
        defer { withExtendedLifetime(last) {} }
        var isAwaited = false
        if kind == .socket { isAwaited = giveBackArrived() } else { receivedInVain(takeUnprocessed().batches) }
        reactor.register(nil, for: wakeup)
        reactor.deferRelease(self)
        if isClosing, !isRejected { reasonOfEnd = .closed }
        if outgoing.close() || isAwaited { _ = remote.wake(from: reactor) }
        if kind != .socket, pipe.unsentCount > 0 {
            acknowledge(outgoing.takeAcknowledged(awaiting: .zero))
            abandonOutstanding()
        }
        pipe.linkDown(reasonOfEnd)
        owner?.connectionEnded(self)
    }
}
