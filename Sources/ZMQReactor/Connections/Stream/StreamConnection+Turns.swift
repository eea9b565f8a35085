import EventReactor
import ZMTP

// When a connection reads and writes.

extension StreamConnection: ByteStreamHandler {
    func descriptor(_ watcher: FileDescriptorWatcher, ready: Readiness) { streamIsReady(for: ready) }

    @inline(__always)
    func streamIsReady(for ready: Readiness) {
        if ready.contains(.writable) {
            flags.remove(.waitsForWritability)
            if reactor.turnIsLoaded, hasMuchOutput { flushInNextTurn() } else { flushAfterWaiting() }
            if !flags.contains(.waitsForWritability), state != .closed {
                stream.stopWatching(for: .writable)
                writeTimeout?.cancel()
            }
        }
        guard ready.contains(.readable), state != .closed, flags.isDisjoint(with: [.hasInputLeft, .readsLater]) else {
            return
        }
        if lastRead < Reactor.largePiece { read(for: pipe) } else { readMuch() }
    }
}

extension StreamConnection {
    func streamTook(_ count: Int, isAnswer: Bool) {
        countRead(count)
        heartbeat?.heard(peerTimeToLive: wire.peerTimeToLive)
        if isAnswer { heartbeat?.pong() }
    }
}

extension StreamConnection: NextTurnHandler {
    func reactorTurnGoesOn() { takeRest() }
    var isOver: Bool { state == .closed }
}

extension StreamConnection: EndOfTurnHandler {
    func reactorTurnEnded() {
        flags.remove(.isScheduled)
        if flags.contains(.wantsToRead), state != .closed {
            flags.remove(.wantsToRead)
            continueReading()
        }
        // What has left input or much output writes when it goes on with that: all of it is limited together.
        if flags.contains(.wantsToFlush), !flags.contains(.hasRest) || !leavesMuch, state != .closed {
            if reactor.turnIsLoaded, hasMuchOutput { flushInNextTurn() } else { flush() }
        }
    }

    /// Writes what has waited. That it leaves is a sign of life: the peer takes something.
    func flushAfterWaiting() {
        let before = bytesSent
        flush()
        if bytesSent > before { heartbeat?.outputMoved() }
    }

    /// Writes in a later turn, because it is much and this turn has moved its share, in the order of those that do. Not
    /// just at the end of the next turn, which may be as full.
    @inline(never)
    private func flushInNextTurn() {
        flags.insert(.wantsToFlush)
        goOnInNextTurn()
    }

    private var hasMuchOutput: Bool { control.count + (pipe?.outbound.byteCount ?? 0) >= Reactor.largePiece }

    private var leavesMuch: Bool { flags.contains(.hasInputLeft) || hasMuchOutput }

    private func schedule() {
        guard !flags.contains(.isScheduled) else { return }
        flags.insert(.isScheduled)
        reactor.atEndOfTurn(self)
    }

    func scheduleFlush() {
        guard flags.isDisjoint(with: [.wantsToFlush, .waitsForWritability]) else { return }
        flags.insert(.wantsToFlush)
        schedule()
    }
}

extension StreamConnection: PipeLink {
    func pipeHasOutput() { scheduleFlush() }

    func resumeReceiving() {
        guard !flags.contains(.wantsToRead) else { return }
        flags.insert(.wantsToRead)
        schedule()
    }

    func announce(_ subscription: Subscription, topic: UnsafeRawBufferPointer) {
        // What leaves before the end has been queued when draining began.
        guard let peer = pipe?.peer, state != .draining, writeError == 0, !wire.isRaw else { return }
        if endpoint.profile.type.usesGroups {
            subscription.append(group: topic, to: &control)
        } else {
            subscription.append(topic: topic, for: peer.version, to: &control)
        }
        scheduleFlush()
    }
}
