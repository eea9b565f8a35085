import ZMTP

extension ChannelConnection: PipeLink {
    func pipeHasOutput() {
        guard kind != .socket else {
            if !pipe.conflates { pipe.attentionLevel = Self.batchSize }
            return schedule()
        }
        if !handOverGrowth() { flush() }
    }

    /// So many messages are handed to another socket at once, so that its thread can work on them meanwhile.
    private static var batchSize: Int { 128 }

    func resumeReceiving() {}

    func outboundIsLarge() { flush() }

    func refreshCredit() {
        if !isEnded { takeAcknowledged() }
    }

    var countsTaken: Bool { true }

    var keepsSubscriptions: Bool { outlivesConnections }

    func messagesTaken(_ credit: Credit) {
        // In order: what was there before this connection is taken first.
        let counted = credit.less(earlier)
        earlier = earlier.less(credit)
        guard counted != .zero else { return }
        used += counted
        schedule()
    }

    func close(afterSending: Bool) {
        guard !isEnded, !isClosing || !afterSending else { return }
        switch kind {
        case .socket:
            // What a socket that is gone has left behind returns first, and may still be sent to another one.
            if isAccepted, incoming.isClosed { return remoteHasClosed() }
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
                if kind == .session { pipe.sink.pipeCloses(pipe) }
                flush()
                isClosing = true
                // The session closes its channel when everything has left.
                if outgoing.close() { wakeRemote() }
            } else {
                isClosing = true
                put(.abort)
                // To a pipe that goes on, the session returns what has not left.
                if owner?.takesBack != true { end() }
            }
        }
    }

    func giveUp(afterWriting: Bool) {
        guard !isEnded else { return }
        guard kind != .socket else { return close(afterSending: false) }
        isClosing = true
        // The end returns with what has not left.
        put(.giveUp(afterWriting: afterWriting))
    }

    func disconnect(because reason: EventReason) {
        guard kind == .session, pipe.isPersistent else { return reject(reason) }
        guard !isEnded, !isRejected else { return }
        // The end returns with what has not left.
        (isClosing, isRejected) = (true, true)
        put(.reject(reason, connection: connection))
    }

    func reject(_ reason: EventReason) {
        guard !isEnded else { return }
        guard !outlivesConnections else { return rejectPeer(reason) }
        if kind == .session { put(.reject(reason, connection: connection)) }
        reasonOfEnd = reason
        end()
    }

    func announce(_ subscription: Subscription, topic: UnsafeRawBufferPointer) {
        announcements.append(.command(PeerCommand(subscription, topic: topic)))
        if kind != .socket, announcements.count >= 1000 { flush() } else { schedule() }
    }
}
