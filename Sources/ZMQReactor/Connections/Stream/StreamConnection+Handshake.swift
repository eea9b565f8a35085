import EventReactor
import ZMTP

extension StreamConnection: CostlyHandshake {
    /// Whether a step of the handshake may be taken in this turn.
    func mayStep() -> Bool {
        guard endpoint.hasCostlyHandshakes else {
            if reactor.grantChurn() { return true }
            stream.stopWatching(for: .readable)
            readWhenChurnHasTime()
            return false
        }
        guard !CostlyHandshakes.on(reactor).mayStep(self) else { return true }
        stream.stopWatching(for: .readable)
        return false
    }

    func handshakeGoesOn() {
        guard state == .handshaking else { return }
        stream.startWatching(for: .readable)
        readOnce(for: pipe)
    }
}

extension StreamConnection {
    /// The peer is known: the owner decides on it.
    func handshakeCompleted(with peer: Peer) {
        // To a peer that cannot be written to nothing leaves that the stream could wait for.
        if writeError == 0 { stream.handshakeCompleted(with: peer, unsent: control.count - controlSent) }
        if let transform = wire.transform {
            translated = TranslatedOutput(transform)
            // What belongs to the handshake is sent as it is.
            controlSealed = control.count
        }
        // The application may send and close in this call: what it has queued leaves by this connection.
        state = .open
        input.mayHoldSecrets = false
        if observer.isObserved { keepPeer(peer) }
        let admission = owner?.connection(self, handshakeCompletedWith: peer) ?? .reject(.closed)
        let pipe: Pipe
        switch consume admission {
        case .reject(let reason):
            if state == .open { state = .handshaking }
            return end(reason)
        case .pipe(let admitted):
            pipe = admitted
            handshakeIsOver()
        case .pending(let admitted):
            pipe = admitted
            if state == .open { state = .handshaking }
            flags.insert([.awaitsAcceptance, .waitsForWritability])
            stream.stopWatching(for: .writable)
        }
        guard state != .closed else {
            // The application has ended it in that call.
            if !pipe.isPersistent { pipe.sink.remove(pipe) }
            return
        }
        self.pipe = pipe
        let settings = endpoint.heartbeat
        let hasHeartbeat = stream.hasHeartbeat || wire.hasHeartbeat(with: peer.version)
        if settings.interval > 0, writeError == 0, hasHeartbeat {
            heartbeat = ConnectionHeartbeat(of: self, settings)
        }
        pipe.linkUp(self, peer: peer)
        if writeError != 0 { self.pipe?.linkCannotSend() }
        // A 1.0 subscriber sends no subscriptions: it is sent everything and chooses for itself (D-4).
        if peer.version == .v1_0, endpoint.profile.type.takesSubscriptions {
            self.pipe?.receive(PeerCommand(.subscribe, topic: UnsafeRawBufferPointer(start: nil, count: 0)))
        }
    }

    private func handshakeIsOver() {
        timer?.cancel()
        timer = nil
    }

    /// Completes the handshake of a peer that waits for acceptance.
    func accept() {
        guard flags.contains(.awaitsAcceptance), state != .closed, endOfInput == nil else { return }
        flags.remove([.awaitsAcceptance, .waitsForWritability])
        if state == .handshaking { state = .open }
        handshakeIsOver()
        owner?.connectionAccepted(self)
        // READY leaves before any answer to what the peer has sent.
        flush()
        if state != .closed { resumeReceiving() }
    }

    /// A peer without a heartbeat from this side may have set a time to live for itself.
    @inline(__always)
    func noteTimeToLive() {
        guard wire.peerTimeToLive > 0, state != .closed, writeError == 0 else { return }
        if heartbeat == nil { heartbeat = ConnectionHeartbeat(of: self, .silent) }
        heartbeat?.heard(peerTimeToLive: wire.peerTimeToLive)
    }

    func ping(timeToLive: UInt16) {
        guard !flags.contains(.awaitsAcknowledgement) else { return }
        guard !stream.ping() else { return heartbeat?.controlLeft(behind: bytesSent) ?? () }
        Ping.append(timeToLive: timeToLive, to: &control)
        scheduleFlush()
    }
}
