import EventReactor
import Glibc
import ZMTP

extension StreamConnection {
    func close(afterSending: Bool) {
        guard afterSending, state != .handshaking, !flags.contains(.awaitsAcceptance) else { return end(.closed) }
        closeWhenSent()
    }

    /// Ends the connection as soon as everything queued has left.
    func closeWhenSent() {
        guard state != .closed else { return }
        if let failure { return end(failure) }
        if let pipe, state != .draining { pipe.sink.pipeCloses(pipe) }
        state = .draining
        // What comes is of no interest, but a peer that closes at the same time may wait until it is read.
        if flags.isDisjoint(with: [.peerHalfClosed, .awaitsAcceptance]) { stream.startWatching(for: .readable) }
        if flags.contains(.peerHalfClosed) { limitHalfClose() }
        scheduleFlush()
    }

    func reject(_ reason: EventReason) { end(reason) }

    func giveUp(afterWriting: Bool) {
        if afterWriting, state != .closed { flush() }
        end(.closed)
    }

    // MARK: Draining

    /// Everything queued has left while draining.
    func hasDrained() {
        guard state != .closed, !flags.contains(.awaitsAcknowledgement) else { return }
        guard !flags.contains(.peerHalfClosed) else { return end(.peerClosed) }
        // What the other machine has not acknowledged would be lost if data arrived after close(2), which answers with
        // a reset: half-close, and wait until all has been acknowledged or the peer has closed, too.
        guard unacknowledged > 0 else { return end(.closed) }
        stream.shutdown(SHUT_WR)
        stream.interest = .readable
        flags.insert(.awaitsAcknowledgement)
        AcknowledgementWatch.of(reactor).add(self, on: reactor)
    }

    /// The peer sends no more.
    func peerHalfClosed() {
        if let failure { return end(failure) }
        guard wire.outlastsHalfClose, let pipe, state == .open || !pipe.outbound.isEmpty else {
            return end(.peerClosed)
        }
        flags.insert(.peerHalfClosed)
        stream.stopWatching(for: .readable)
        if state == .open { pipe.sink.peerHalfClosed(pipe) }
        if state == .draining { limitHalfClose() }
    }

    /// Looks again after the linger whether anything has left meanwhile; without linger, which is not meant for a
    /// connection that is not given up on this side, after 30 s.
    private func limitHalfClose() {
        guard timer == nil, endpoint.options.linger != .untilSent else { return }
        var limit = Duration.seconds(30)
        if case .atMost(let time) = endpoint.options.linger, time > .zero { limit = time }
        progress = bytesSent
        timer = reactor.after(limit, handler: self)
    }

    private func halfCloseIsOverdue() {
        if bytesSent > progress { limitHalfClose() } else { end(.peerClosed) }
    }

    // MARK: Failing

    /// Why nothing more can be written; nil as long as something can.
    var failure: EventReason? { writeError == 0 ? nil : writeTimeout?.expiry ?? .system(writeError) }

    /// The peer takes no more bytes, for the reason with this number, and none that arrive later are wanted; what has
    /// arrived already is read to its end and delivered, and the connection ends then. While the application has no
    /// room for it, that waits for some time: the application may itself wait for room to send, which only the next
    /// connection makes. Then it is read past the marks, as far as the budgets allow: no more than the system's buffer
    /// holds.
    func writingFailed(_ number: CInt) {
        writeError = number
        if state == .draining || flags.contains(.peerHalfClosed), let failure { return end(failure) }
        // What is in the system's buffer stays readable, and there is an end behind it also where only this direction
        // has failed.
        stream.shutdown(SHUT_RDWR)
        // As if for room, which does not come.
        flags.insert(.waitsForWritability)
        (control, controlSent, controlSealed) = ([], 0, 0)
        stream.stopWatching(for: .writable)
        writeTimeout?.cancel()
        heartbeat?.cancel()
        heartbeat = nil
        pipe?.linkCannotSend()
        // Reading may have stopped because too much waited to leave.
        resumeReceiving()
    }

    /// How long the application may take nothing of what has arrived on a connection that cannot send any more.
    private static var longestHoldBack: Duration { .seconds(5) }

    /// The application has no room for what has arrived on a connection that cannot send any more.
    func limitHoldBack(of pipe: Pipe) {
        guard timer == nil else { return }
        progress = pipe.messagesReceived
        timer = reactor.after(Self.longestHoldBack, handler: self)
    }

    private func holdBackIsOverdue() {
        guard let pipe, pipe.messagesReceived == progress else { return resumeReceiving() }
        flags.insert(.isHeldBackForTooLong)
        resumeReceiving()
    }

    // MARK: The end

    func end(_ reason: EventReason) {
        guard state != .closed else { return }
        // Once the stream is closed it cannot be asked any more.
        if observer.isObserved { keepPeer(pipe?.peer ?? knownPeer?.peer) }
        // The application may end it in the event of the handshake, before it has its pipe.
        let afterHandshake = pipe != nil || state != .handshaking
        if !afterHandshake { control.wipe() }
        state = .closed
        timer?.cancel()
        heartbeat?.cancel()
        writeTimeout?.cancel()
        if let authentication { PendingAuthentications.of(reactor).end(authentication) }
        if flags.contains(.awaitsAcknowledgement) { AcknowledgementWatch.of(reactor).connectionEnded() }
        stream.close(because: reason)
        input.removeAll()
        reactor.deferRelease(self)
        let pipe = pipe.take()
        pipe?.linkDown(reason)
        owner?.connection(self, closedBecause: reason, afterHandshake: afterHandshake)
    }
}

extension StreamConnection: TimerHandler {
    func timerFired(_ timer: ReactorTimer) {
        self.timer = nil
        if flags.contains(.peerHalfClosed) { return halfCloseIsOverdue() }
        if state == .open, failure != nil { holdBackIsOverdue() } else { end(.handshakeTimeout) }
    }
}

extension Pipe {
    /// The link cannot send any more and is going to end when what it has received has been taken. What is queued for
    /// this very peer is lost, and nothing more is queued; what is queued for an endpoint waits for the next link.
    func linkCannotSend() {
        if !isPersistent { takeNoMore() }
    }
}

extension StreamConnection: AcknowledgedConnection {
    var isEnded: Bool { state == .closed }

    /// Bytes that have been written and that the peer's operating system has not acknowledged, where closing could lose
    /// them.
    var unacknowledged: Int { stream.unacknowledged }

    /// Bytes that the peer's operating system has acknowledged; where that is not to be known, those that ours has
    /// taken.
    var bytesAcknowledged: Int { bytesSent - unacknowledged }

    /// Whether there are bytes that have arrived and not been read.
    var hasUnreadBytes: Bool { stream.hasUnreadBytes }
}
