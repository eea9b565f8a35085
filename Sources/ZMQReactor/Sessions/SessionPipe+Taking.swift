import EventReactor
import ZMTP

// Items from the owner.
extension SessionPipe {
    /// The most items handled in one turn. They are batches of messages, or single subscriptions.
    private static let turnBudget = 1024

    /// Takes what is available, and looks again when that has been written: meanwhile the owner need not wake this
    /// side.
    func take() {
        guard let channels else { return }
        if nextArrived == arrived.count {
            (arrived, hasOwnerClosed) = channels.fromOwner.take()
            nextArrived = 0
        }
        let isEmpty = arrived.isEmpty
        let end = min(nextArrived + Self.turnBudget, arrived.count)
        while nextArrived < end, self.channels != nil {
            nextArrived += 1
            carryOut(arrived[nextArrived - 1])
        }
        guard self.channels != nil else { return }
        if nextArrived == arrived.count {
            (arrived, nextArrived) = ([], 0)
            if hasOwnerClosed { session.ownerHasClosed(pipe) }
        }
        // Even then: the owner may have stopped waiting, and does not wake a side that has found something.
        guard self.channels != nil, !isEmpty, !isScheduled else { return }
        reactor.exchangesWithAnotherThread()
        isScheduled = true
        reactor.atEndOfTurn(self)
    }

    private func carryOut(_ item: ChannelItem) {
        switch item {
        case .messages(let batch):
            unsentBytes += batch.byteCount
            pipe.outbound.append(batch)
            pipe.outboundGrew()
        case .newest(let newest):
            guard let message = newest.take() else { break }
            pipe.outbound.append(message)
            pipe.outboundGrew()
        case .command(let command): command.withTopic { take(command.subscription, $0) }
        case .accepted: pipe.link?.accept()
        case .reject(let reason, let connection):
            // The pipe may have another peer by now.
            if !pipe.isPersistent || connection == self.connection { pipe.link?.reject(reason) }
        case .abort: if pipe.isPersistent { session.stopConnecting() } else { pipe.link?.close(afterSending: false) }
        case .giveUp(let afterWriting): pipe.link?.giveUp(afterWriting: afterWriting)
        case .finish: pipe.link?.close(afterSending: true)
        case .peerHalfClosed, .returned, .claim, .ended, .peerUp, .peerDown, .event: break
        }
    }

    private func take(_ subscription: Subscription, _ topic: UnsafeRawBufferPointer) {
        guard pipe.isPersistent else {
            if pipe.conflates { subscriptions.set(subscription, topic) }
            return pipe.link?.announce(subscription, topic: topic) ?? ()
        }
        subscriptions.set(subscription, topic)
        subscriptions.announce(subscription, topic, to: pipe, behind: announced)
    }
}

extension SessionPipe: WakeupHandler {
    func wakeupSignalled() {
        guard let channels else { return }
        takeAcknowledged(from: channels)
        take()
    }
}

extension SessionPipe: EndOfTurnHandler {
    func reactorTurnEnded() {
        isScheduled = false
        take()
    }
}
