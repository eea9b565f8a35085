import EventReactor
import Glibc
import ZMTP

/// A connection without a protocol, of a STREAM socket or a session of one: whatever comes is a message of one frame, and the frames of
/// what is sent leave as they are.
///
/// Rules:
/// * There is no handshake: the connection is up at the end of the turn in which it was made.
/// * Each read is one message. When the socket has no room for another, reading stops, and the peer feels it.
/// * Messages are queued as frames, like all; only their bodies leave.
/// * A peer that has said its last word is still sent what is queued for it: it may only have half-closed. The connection ends when the
///   socket, which may answer that word, closes it; or when such a peer takes nothing of what is queued for as long as the linger.
/// * A write that fails does not end the connection: what the peer had sent before is read to its end first.
/// * Every callback into the application may close this very connection: state is settled before, and looked at after.
final class RawConnection {
    let descriptor: CInt
    let reactor: Reactor
    private let loop: LoopResources
    private let observer: SocketObserver
    private weak var owner: (any StreamConnectionOwner)?

    private(set) var pipe: Pipe?
    private var input: InputBuffer
    private var output = TranslatedOutput(.bodies)

    private var watcher: FileDescriptorWatcher?
    private var isDraining = false
    /// Ends the connection of a peer that has said its last and reads no more.
    private var patience: ReactorTimer?
    private var writeTimeout: WriteTimeout?

    /// What has passed through.
    private(set) var bytesSent = 0
    private var bytesReceived = 0
    private var counters: ConnectionCounters?
    private var knownPeerName: String?

    private enum Phase { case new, open, closing, ended }
    private var phase = Phase.new
    private var hasPeerFinished = false
    /// The number of the error with which a write has failed; 0 as long as something can be written.
    private var writeError: CInt = 0

    private var isWaitingForRoom = false
    private var wantsToFlush = false
    private var wantsToRead = false
    private var isScheduled = false

    init(_ descriptor: CInt, of owner: some StreamConnectionOwner) {
        self.descriptor = descriptor
        reactor = owner.reactor
        loop = owner.loop
        observer = owner.observer
        self.owner = owner
        input = InputBuffer(pool: loop.chunks)
    }

    deinit { pipe?.forget(self) }

    /// Why nothing more can be written; nil as long as something can.
    private var failure: EventReason? { writeError == 0 ? nil : writeTimeout?.expiry ?? .system(writeError) }

    /// The connection is up.
    private func open() {
        phase = .open
        let peer = Peer(version: .v3_1, socketType: .stream)
        let pipe: Pipe
        switch owner?.connection(self, hasShakenHandsWith: peer) ?? .reject(.closed) {
        case .pipe(let admitted), .pending(let admitted): pipe = admitted
        case .reject(let reason): return end(reason)
        }
        guard phase != .ended else {
            if !pipe.isPersistent { pipe.sink.remove(pipe) }
            return
        }
        self.pipe = pipe
        watcher = reactor.watchOpen(descriptor, for: .readable, handler: self)
        pipe.linkUp(self, peer: peer)
    }

    func end(_ reason: EventReason) {
        guard phase != .ended else { return }
        // Once the descriptor is closed it cannot be asked any more.
        if observer.isObserved { _ = peerName }
        phase = .ended
        patience?.cancel()
        writeTimeout?.cancel()
        watcher?.cancel()
        Glibc.close(descriptor)
        input.removeAll()
        reactor.deferRelease(self)
        let pipe = self.pipe
        self.pipe = nil
        pipe?.linkDown(reason)
        owner?.connection(self, hasEndedBecause: reason, afterHandshake: pipe != nil)
    }
}

// MARK: Reading

extension RawConnection {
    private func read() {
        guard phase == .closing || (pipe?.inboundRoom(for: 0) ?? 0) > 0 else {
            watcher?.interest.remove(.readable)
            return
        }
        guard let room = input.prepareToRead() else { return end(.noMemory(for: "what the peer sends")) }
        let count = Glibc.read(descriptor, room.baseAddress, room.count)
        let error = errno
        guard count > 0, let pipe, phase == .open, let chunk = input.chunk else {
            input.removeAll()
            if count == 0 { return peerFinished() }
            if count < 0, error != EAGAIN, error != EINTR { end(failure ?? .system(error)) }
            return
        }
        bytesReceived += count
        observer.record(.bytesReceived(count))
        counters?.bytesReceived.count(count)
        // Few bytes are copied, so that the chunk can be read into again.
        let message = Message(frames: CollectionOfOne(Frame(Chunk.Slice(chunk: chunk, start: 0, end: count))))
        input.removeAll()
        pipe.receive(Run(message))
    }

    private func peerFinished() {
        hasPeerFinished = true
        if let failure { return end(failure) }
        guard let pipe, phase == .open || !pipe.outbound.isEmpty else { return end(.peerClosed) }
        watcher?.interest.remove(.readable)
        if phase == .open { pipe.sink.peerHasFinished(pipe) }
        if phase == .closing { beginPatience() }
    }

    /// Looks again after the linger whether anything has left meanwhile; without linger, which is not meant for a connection that
    /// nobody on this side has given up, after 30 s.
    private func beginPatience() {
        guard patience == nil, let linger = owner?.endpointOptions.options.linger, linger != .untilSent else { return }
        var limit = Duration.seconds(30)
        if case .atMost(let time) = linger, time > .zero { limit = time }
        patience = reactor.after(limit) { [unowned self, sentBefore = bytesSent] _ in
            patience = nil
            if bytesSent > sentBefore { beginPatience() } else { end(.peerClosed) }
        }
    }
}

// MARK: Writing

extension RawConnection {
    private func flush() {
        wantsToFlush = false
        pipe?.linkFlushes()
        var budget = Self.turnBudget
        while phase != .ended, !isWaitingForRoom, let pipe, !pipe.outbound.isEmpty {
            guard budget > 0 else { return scheduleFlush() }
            let write = output.write(pipe.outbound, to: descriptor, atMost: budget)
            guard write.sent >= 0 else {
                if errno == EINTR { continue }
                guard errno == EAGAIN else { return writingFailed(errno) }
                return waitForRoom()
            }
            if write.sent < write.offered { waitForRoom() }
            budget -= write.sent
            bytesSent += write.sent
            observer.record(.bytesSent(write.sent))
            counters?.bytesSent.count(write.sent)
            if write.released > 0 { pipe.release(write.released) }
        }
        guard phase != .ended, !isWaitingForRoom else { return }
        writeTimeout?.cancel()
        watcher?.interest.remove(.writable)
        if phase == .closing { hasDrained() }
    }

    /// What has arrived already is read to its end and delivered, and the connection ends then.
    func writingFailed(_ number: CInt) {
        writeError = number
        if phase != .open || hasPeerFinished, let failure { return end(failure) }
        // As with `StreamConnection`.
        _ = shutdown(descriptor, CInt(SHUT_RDWR))
        isWaitingForRoom = true
        watcher?.interest.remove(.writable)
        writeTimeout?.cancel()
        pipe?.linkCannotSend()
    }

    private func waitForRoom() {
        isWaitingForRoom = true
        watcher?.interest.insert(.writable)
        if writeTimeout == nil { writeTimeout = WriteTimeout(of: self, owner?.endpointOptions.options.writeTimeout) }
        writeTimeout?.begin()
    }

    private func scheduleFlush() {
        guard !wantsToFlush, !isWaitingForRoom else { return }
        wantsToFlush = true
        schedule()
    }

    /// Everything queued has left while the connection is closing.
    private func hasDrained() {
        guard !isDraining else { return }
        // Bytes that the peer still sends would have close(2) throw away what it has not acknowledged: see
        // `StreamConnection`, which does the same.
        guard unacknowledged > 0, !hasPeerFinished else { return end(hasPeerFinished ? .peerClosed : .closed) }
        _ = shutdown(descriptor, CInt(SHUT_WR))
        watcher?.interest = .readable
        isDraining = true
        loop.acknowledgements.add(self, on: reactor)
    }
}

extension RawConnection: FileDescriptorHandler {
    func descriptor(_ watcher: FileDescriptorWatcher, ready: Readiness) {
        if ready.contains(.writable) {
            isWaitingForRoom = false
            flush()
        }
        if ready.contains(.readable), phase != .ended { read() }
    }
}

extension RawConnection: EndOfTurnHandler {
    func reactorTurnEnded() {
        isScheduled = false
        if phase == .new { open() }
        if wantsToRead {
            wantsToRead = false
            if phase == .open, !hasPeerFinished { watcher?.interest.insert(.readable) }
        }
        if wantsToFlush, phase != .ended { flush() }
    }

    private func schedule() {
        guard !isScheduled else { return }
        isScheduled = true
        reactor.atEndOfTurn(self)
    }
}

extension RawConnection: StreamLink {
    var isEnded: Bool { phase == .ended }
    var isOnHold: Bool { false }

    var unacknowledged: Int { owner?.transport.unacknowledged(on: descriptor) ?? 0 }

    func start() { schedule() }

    func outboundGrew() { scheduleFlush() }

    func inboundHasRoom() {
        wantsToRead = true
        schedule()
    }

    func close(afterSending: Bool) {
        guard phase != .ended else { return }
        guard afterSending, pipe != nil else { return end(.closed) }
        closeWhenSent()
    }

    func giveUp(afterWriting: Bool) {
        if afterWriting, phase != .ended { flush() }
        end(.closed)
    }

    func turnAway(_ reason: EventReason) { end(reason) }

    func closeWhenSent() {
        guard phase != .ended else { return }
        if let failure { return end(failure) }
        phase = .closing
        if hasPeerFinished { beginPatience() }
        scheduleFlush()
    }

    var peerName: String {
        if let knownPeerName { return knownPeerName }
        knownPeerName = isEnded ? nil : owner?.transport.peerName(of: descriptor)
        return knownPeerName ?? "unknown"
    }

    func count(in counters: ConnectionCounters) {
        counters.bytesSent.count(bytesSent)
        counters.bytesReceived.count(bytesReceived)
        self.counters = counters
    }

    func info(endpoint: Endpoint, isAccepted: Bool) -> ConnectionInfo {
        ConnectionInfo(
            of: pipe,
            endpoint: endpoint,
            peer: peerName,
            isAccepted: isAccepted,
            bytes: (bytesSent, bytesReceived)
        )
    }

    /// Raw peers know no subscriptions.
    func send(_ subscription: Subscription, topic: UnsafeRawBufferPointer) {}
}
