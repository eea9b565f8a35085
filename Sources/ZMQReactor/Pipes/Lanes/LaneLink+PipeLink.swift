import ZMTP

extension LaneLink: PipeLink {
    func outboundGrew() {
        guard far != .socket else { return schedule() }
        if !handOverGrowth() { flush() }
    }

    func inboundHasRoom() {}

    func outboundIsLarge() { flush() }

    func refreshRoom() {
        if !isEnded { collect() }
    }

    var countsTaken: Bool { true }

    var keepsSubscriptions: Bool { outlivesConnections }

    func taken(_ credit: Credit) {
        // In order: what was there before this link is taken first.
        let counted = credit.less(earlier)
        earlier = earlier.less(credit)
        guard counted != .zero else { return }
        used += counted
        schedule()
    }

    func close(afterSending: Bool) {
        guard !isEnded, !isClosing || !afterSending else { return }
        switch far {
        case .socket:
            if afterSending {
                flush()
                guard isAccepted || pipe.unsentCount == 0 else { return closesWhenAccepted = true }
            } else if !isAccepted {
                takeBackUntaken()
            }
            isClosing = true
            end()
        case .session, .endpoint:
            if afterSending {
                if far == .session { pipe.sink.pipeCloses(pipe) }
                flush()
                isClosing = true
                // It closes its lane when everything has left.
                if outgoing.close() { wakeFar() }
            } else {
                isClosing = true
                tell(.abort)
                // A pipe that goes on is given back what has not left.
                if owner?.takesBack != true { end() }
            }
        }
    }

    func giveUp(afterWriting: Bool) {
        guard !isEnded else { return }
        guard far != .socket else { return close(afterSending: false) }
        isClosing = true
        // The end comes back with what has not left.
        tell(.giveUp(afterWriting: afterWriting))
    }

    func disconnect(because reason: EventReason) {
        guard far == .session, pipe.isPersistent else { return turnAway(reason) }
        guard !isEnded, !isTurnedAway else { return }
        // The end comes back with what has not left.
        (isClosing, isTurnedAway) = (true, true)
        tell(.turnAway(reason, connection: connection))
    }

    func turnAway(_ reason: EventReason) {
        guard !isEnded else { return }
        guard !outlivesConnections else { return turnPeerAway(reason) }
        if far == .session { tell(.turnAway(reason, connection: connection)) }
        reasonOfEnd = reason
        end()
    }

    func send(_ subscription: Subscription, topic: UnsafeRawBufferPointer) {
        announcements.append(.command(PeerCommand(subscription, topic: topic)))
        if far != .socket, announcements.count >= 1000 { flush() } else { schedule() }
    }
}
