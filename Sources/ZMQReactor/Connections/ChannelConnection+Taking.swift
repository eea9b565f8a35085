import EventReactor
import ZMTP

extension ChannelConnection {
    /// Takes at once all there is, ahead of the end of the turn.
    func takeNow() { takeIfWanted(all: true) }

    private func takeIfWanted(all: Bool = false) {
        guard wantsToTake || hasRest && all, !isEnded else { return }
        wantsToTake = false
        take(all: all)
    }

    /// Takes what has arrived, again and again while the other side goes on, up to a turn's budget.
    private func take(all: Bool = false) {
        // Enough for what arrives at once by default: cutting a batch in two takes a walk over its messages.
        var budget = WorkBudget(pieces: 2048, largestPortion: 1024, size: portionSize, sharedBy: reactor.restCount)
        defer { if budget.isMeasuring { endMeasuring(&budget) } }
        while !isEnded {
            guard nextArrived < arrived.count else {
                guard !hasRemoteClosed else { return remoteHasClosed() }
                (arrived, hasRemoteClosed) = incoming.take()
                nextArrived = 0
                if arrived.isEmpty, !hasRemoteClosed { return }
                continue
            }
            guard budget.portion > 0 || budget.renew(at: reactor.workTime) || all else {
                return leaveRest()
            }
            takeNext(atMost: all ? .max : budget.portion, of: &budget)
            acknowledgeUsed()
        }
    }

    private func endMeasuring(_ budget: inout WorkBudget) {
        budget.end(at: reactor.workTime)
        portionSize = budget.size
    }

    /// Goes on in the next turn, so that others have theirs.
    private func leaveRest() {
        guard !hasRest else { return }
        hasRest = true
        reactor.inNextTurn(self)
    }

    /// Processes the next item, or as many messages of it.
    private func takeNext(atMost limit: Int, of budget: inout WorkBudget) {
        switch arrived[nextArrived] {
        case .messages(var batch):
            noteExchange()
            let part = batch.takeFirst(limit)
            budget.portion -= part.count
            if batch.isEmpty { nextArrived += 1 } else { arrived[nextArrived] = .messages(batch) }
            return discardsIncoming ? discardMessages(part) : pipe.receive(part)
        case .newest(let newest):
            nextArrived += 1
            guard let message = newest.take() else { return }
            noteExchange()
            budget.portion -= 1
            return discardsIncoming ? discardMessages(MessageBatch(message)) : pipe.receive(MessageBatch(message))
        case .command(let command):
            nextArrived += 1
            budget.portion -= 1
            guard !discardsIncoming else { return discard(MessageBatch(command.message)) }
            return pipe.receive(command, isCounted: kind != .socket)
        case .returned(let batch):
            returned.append(batch)
        case .peerHalfClosed:
            // The handler's answer to the last message was handed over at once.
            announcements.append(.finish)
            flush()
        case .ended(let reason):
            reasonOfEnd = reason
        case .accepted:
            nextArrived += 1
            accepted()
            owner?.connectionAccepted(self)
            if closesWhenAccepted, !isEnded { close(afterSending: true) }
            return
        case .peerUp(let peer):
            nextArrived += 1
            return peerUp(peer)
        case .peerDown(let reason):
            nextArrived += 1
            if !discardsIncoming { peerDown(reason) }
            return discardsIncoming = false
        case .event(let event):
            nextArrived += 1
            owner?.connection(self, recorded: event)
            return
        case .reject, .abort, .giveUp, .finish, .claim:
            break
        }
        nextArrived += 1
    }

    /// The peer has been turned away, so that the pipe does not receive what it has sent.
    private func discard(_ batch: MessageBatch) { used += pipe.credit(for: batch) }

    private func discardMessages(_ batch: MessageBatch) {
        pipe.sink.receivedInVain(batch.count)
        discard(batch)
    }

    func acknowledgeUsed() {
        guard used != .zero, !isEnded else { return }
        let wakes = incoming.acknowledge(used)
        used = .zero
        if wakes { wakeRemote() }
    }
}

extension ChannelConnection: WakeupHandler {
    func wakeupSignalled() {
        wantsToTake = true
        schedule()
    }
}

extension ChannelConnection: NextTurnHandler {
    var isOver: Bool { isEnded }

    func reactorTurnGoesOn() {
        hasRest = false
        wakeupSignalled()
    }
}

extension ChannelConnection: EndOfTurnHandler {
    func reactorTurnEnded() {
        if !isEnded { flush() }
        if wantsToTake, !isEnded {
            takeIfWanted()
            // The answers leave with this turn: another turn only for them would take longer than all the rest.
            if !isEnded { flush() }
        }
        acknowledgeUsed()
        isScheduled = false
        guard !isEnded else { return }
        if wantsToTake { schedule() } else if isRemoteGone, !hasRest { return remoteHasClosed() }
        pipe.noteWritability()
    }
}
