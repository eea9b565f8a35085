import EventReactor
import ZMTP

// When a connection reads and writes.

extension StreamConnection: ByteStreamHandler {
    func descriptor(_ watcher: FileDescriptorWatcher, ready: Readiness) { streamIsReady(for: ready) }

    @inline(__always)
    func streamIsReady(for ready: Readiness) {
        if ready.contains(.writable) {
            flags.remove(.waitsForWritability)
            let before = bytesSent
            flush()
            if bytesSent > before { heartbeat?.outputMoved() }
            if !flags.contains(.waitsForWritability), state != .closed {
                stream.stopWatching(for: .writable)
                writeTimeout?.cancel()
            }
        }
        if ready.contains(.readable), state != .closed, !flags.contains(.hasRest) { read(for: pipe) }
    }
}

extension StreamConnection {
    func streamGaveSignOfLife(isAnswer: Bool) {
        heartbeat?.heard(peerTimeToLive: wire.peerTimeToLive)
        if isAnswer { heartbeat?.pong() }
    }
}

extension StreamConnection: NextTurnHandler {
    func reactorTurnGoesOn() { takeRest() }
}

extension StreamConnection: EndOfTurnHandler {
    func reactorTurnEnded() {
        flags.remove(.isScheduled)
        if flags.contains(.wantsToRead), state != .closed {
            flags.remove(.wantsToRead)
            continueReading()
        }
        if flags.contains(.wantsToFlush), state != .closed { flush() }
    }

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
