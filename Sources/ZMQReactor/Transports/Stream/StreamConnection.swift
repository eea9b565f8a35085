import EventReactor
import Glibc
import ZMTP

/// Who made a connection, and decides what becomes of it.
protocol StreamConnectionOwner: AnyObject {
    var reactor: Reactor { get }
    var loop: LoopResources { get }
    var observer: SocketObserver { get }
    var transport: any StreamTransport { get }

    /// What held when the endpoint was bound or connected.
    var endpointOptions: EndpointOptions { get }

    /// The handshake is done, but for the last word of an admission that is pending.
    func connection(_ connection: any StreamLink, hasShakenHandsWith peer: Peer) -> Admission

    /// The connection is gone; it makes no further calls.
    func connection(_ connection: any StreamLink, hasEndedBecause reason: EventReason, afterHandshake: Bool)
}

extension StreamConnectionOwner {
    /// What speaks with the peer at the other end of a new byte stream.
    func makeConnection(_ descriptor: CInt, role: Engine.Configuration.Role) -> any StreamLink {
        let endpoint = endpointOptions
        guard !endpoint.profile.type.traits.contains(.raw) else { return RawConnection(descriptor, of: self) }
        return StreamConnection(descriptor, of: self, endpoint, role: role)
    }
}

/// A ZMTP connection over a byte stream: moves bytes between a descriptor and a pipe.
///
/// Life: handshake, traffic, and perhaps closing (what is queued leaves, nothing more is delivered). Reading is in
/// `StreamConnection+Reading`, writing in `StreamConnection+Writing`.
///
/// A write that fails does not end the connection: what the peer had sent before that is still to be read, see `writingFailed`.
///
/// Rules:
/// * One read for each time the loop finds the descriptor readable, and no more of it handled at once than the budget of a turn, so that
///   a busy peer cannot starve the others. The rest is handled in the turns that follow, before the next read.
/// * One gathering write at the end of a turn in which something was queued.
/// * What the engine has to say (greeting, READY, PONG, subscriptions) goes out between messages, ahead of them.
/// * Every callback into the application may close this very connection: state is settled before, and looked at after.
final class StreamConnection {
    let descriptor: CInt
    let reactor: Reactor
    let loop: LoopResources
    let observer: SocketObserver
    private weak var owner: (any StreamConnectionOwner)?

    // Unchecked is what each read and write goes through; the checks would be a third of its cost. Engine, input, low-water mark, control and
    // translation call nothing unknown while they change, and all else is only read and assigned: no access can meet another.
    @exclusivity(unchecked) var engine: Engine
    @exclusivity(unchecked) var input: InputBuffer
    @exclusivity(unchecked) var lowWater = ReceiveLowWater()
    @exclusivity(unchecked) var pipe: Pipe?

    /// What the engine has to say and has not left yet.
    @exclusivity(unchecked) var control: [UInt8] = []
    @exclusivity(unchecked) var controlSent = 0

    /// What messages go through on their way to a 1.0 peer.
    @exclusivity(unchecked) var translated: TranslatedOutput?

    @exclusivity(unchecked) private(set) var watcher: FileDescriptorWatcher?
    /// Limits the handshake.
    private var timer: ReactorTimer?
    private var isDraining = false
    @exclusivity(unchecked) private(set) var heartbeat: ConnectionHeartbeat?
    private var writeTimeout: WriteTimeout?

    /// What has passed through.
    @exclusivity(unchecked) private(set) var bytesSent = 0
    @exclusivity(unchecked) private(set) var bytesReceived = 0
    /// The same, where another thread reads it.
    @exclusivity(unchecked) private(set) var counters: ConnectionCounters?
    var knownPeerName: String?

    /// The number of the error with which a write has failed; 0 as long as something can be written.
    @exclusivity(unchecked) private(set) var writeError: CInt = 0

    /// Why nothing more can be written; nil as long as something can.
    var failure: EventReason? { writeError == 0 ? nil : writeTimeout?.expiry ?? .system(writeError) }

    @exclusivity(unchecked) private(set) var isEnded = false
    /// Whether the connection ends as soon as everything queued has left.
    @exclusivity(unchecked) private(set) var isClosing = false
    /// Whether the operating system's buffer is full, so that we wait for `writable`.
    @exclusivity(unchecked) var isWaitingForRoom = false
    /// How much of the input is handled in one turn.
    @exclusivity(unchecked) var budget = WorkBudget()
    /// Whether input has been left for the next turn; meanwhile nothing is read.
    @exclusivity(unchecked) var hasRest = false
    /// What is to be done at the end of the turn.
    @exclusivity(unchecked) var wantsToFlush = false
    @exclusivity(unchecked) private var wantsToRead = false
    @exclusivity(unchecked) private var isScheduled = false

    init(
        _ descriptor: CInt,
        of owner: some StreamConnectionOwner,
        _ endpoint: EndpointOptions,
        role: Engine.Configuration.Role
    ) {
        self.descriptor = descriptor
        reactor = owner.reactor
        loop = owner.loop
        observer = owner.observer
        self.owner = owner
        input = InputBuffer(pool: loop.chunks)
        engine = Engine(
            Engine.Configuration(
                socketType: endpoint.profile.type,
                role: role,
                identity: endpoint.profile.identity,
                maxMessageSize: endpoint.options.maxMessageSize,
                maxFrames: endpoint.options.limits.framesPerMessage,
                maxHandshakeBytes: endpoint.options.limits.handshakeBytes,
                maxMetadataBytes: endpoint.options.limits.metadataBytes,
                acceptsOlderPeers: endpoint.options.acceptsOlderPeers
            )
        )
    }

    deinit { pipe?.forget(self) }

    /// Begins the handshake.
    func start() {
        guard let owner else { return end(.closed) }
        watcher = reactor.watchOpen(descriptor, for: .readable, handler: self)
        timer = reactor.after(owner.endpointOptions.options.handshakeInterval) { [unowned self] _ in
            end(.handshakeTimeout)
        }
        engine.start()
        takeEngineOutput()
        flush()
    }

    private var isShakingHands = false

    /// Whether the handshake is done but for READY, which waits until the peer has been accepted: what the peer has queued stays
    /// with it when it is not. The time of the handshake goes on.
    private(set) var isOnHold = false

    /// The peer may be told that the handshake is done.
    func accept() {
        guard isOnHold, !isEnded else { return }
        isOnHold = false
        isWaitingForRoom = false
        handshakeIsOver()
        // The peer is told before anything that it has sent is answered.
        flush()
        if !isEnded { inboundHasRoom() }
    }

    private func handshakeIsOver() {
        timer?.cancel()
        timer = nil
    }

    func shakenHands(with peer: Peer) {
        // The application may send and close in this call: what it has queued leaves by this connection.
        isShakingHands = true
        let admission = owner?.connection(self, hasShakenHandsWith: peer) ?? .reject(.closed)
        isShakingHands = false
        let pipe: Pipe
        switch consume admission {
        case .reject(let reason): return end(reason)
        case .pipe(let admitted):
            pipe = admitted
            handshakeIsOver()
        case .pending(let admitted):
            pipe = admitted
            isOnHold = true
            isWaitingForRoom = true
            watcher?.interest.remove(.writable)
        }
        guard let endpoint = owner?.endpointOptions, !isEnded else {
            // The application has ended it when it was told of the handshake.
            if !pipe.isPersistent { pipe.sink.remove(pipe) }
            return
        }
        self.pipe = pipe
        if peer.version == .v1_0 { translated = TranslatedOutput(.version1) }
        let settings = endpoint.heartbeat
        // libzmq takes PINGs from everybody; the protocol has them since 3.1 (DEV-30).
        if settings.interval > 0, peer.version >= .v3_1, writeError == 0 {
            heartbeat = ConnectionHeartbeat(of: self, settings)
        }
        pipe.linkUp(self, peer: peer)
        if writeError != 0 { self.pipe?.linkCannotSend() }
        // A 1.0 subscriber sends no subscriptions: it is sent everything and chooses for itself (D-4).
        if peer.version == .v1_0, endpoint.profile.type.takesSubscriptions {
            self.pipe?.receive(PeerCommand(.subscribe, topic: UnsafeRawBufferPointer(start: nil, count: 0)))
        }
    }

    /// Counts in a place that another thread reads from now on, too.
    func count(in counters: ConnectionCounters) {
        counters.bytesSent.count(bytesSent)
        counters.bytesReceived.count(bytesReceived)
        self.counters = counters
    }

    /// Something has arrived.
    @inline(__always)
    func heard(_ byteCount: Int) {
        bytesReceived += byteCount
        observer.record(.bytesReceived(byteCount))
        counters?.bytesReceived.count(byteCount)
        heartbeat?.heard(peerTimeToLive: engine.peerTimeToLive)
    }

    /// Something has left.
    @inline(__always)
    func sent(_ byteCount: Int) {
        bytesSent += byteCount
        observer.record(.bytesSent(byteCount))
        counters?.bytesSent.count(byteCount)
    }

    /// A peer without a heartbeat from us may have set a time to live for itself.
    @inline(__always)
    func noteTimeToLive() {
        guard engine.peerTimeToLive > 0, !isEnded, writeError == 0 else { return }
        if heartbeat == nil { heartbeat = ConnectionHeartbeat(of: self, .silent) }
        heartbeat?.heard(peerTimeToLive: engine.peerTimeToLive)
    }

    /// The operating system takes no more: that may last as long as the options say.
    func limitWaitForRoom() {
        if writeTimeout == nil { writeTimeout = WriteTimeout(of: self, owner?.endpointOptions.options.writeTimeout) }
        writeTimeout?.begin()
    }

    func askPeerName() -> String? { owner?.transport.peerName(of: descriptor) }

    func ping(timeToLive: UInt16) {
        guard !isDraining else { return }
        Ping.append(timeToLive: timeToLive, to: &control)
        scheduleFlush()
    }

    /// Everything queued has left while the connection is closing.
    func hasDrained() {
        guard !isEnded, !isDraining else { return }
        // What the other machine has not acknowledged would be lost if data arrived after close(2), which answers with a
        // reset: half-close, and wait until all has been acknowledged or the peer has closed, too.
        guard unacknowledged > 0 else { return end(.closed) }
        _ = shutdown(descriptor, CInt(SHUT_WR))
        watcher?.interest = .readable
        isDraining = true
        loop.acknowledgements.add(self, on: reactor)
    }

    var unacknowledged: Int { owner?.transport.unacknowledged(on: descriptor) ?? 0 }

    /// Whether there are bytes that have arrived and not been read, see tcp(7), SIOCINQ.
    var hasUnreadBytes: Bool {
        var count: CInt = 0
        return ioctl(descriptor, UInt(FIONREAD), &count) == 0 && count > 0
    }

    /// The peer takes no more bytes, and none that arrive later are wanted; what has arrived already is read to its end and delivered, and
    /// the connection ends then. While the application has no room for it, that waits.
    func writingFailed(_ number: CInt) {
        writeError = number
        if isClosing, let failure { return end(failure) }
        // What is in the system's buffer stays readable, and there is an end behind it also where only this direction has failed.
        _ = shutdown(descriptor, CInt(SHUT_RDWR))
        // As if for room, which does not come.
        isWaitingForRoom = true
        (control, controlSent) = ([], 0)
        watcher?.interest.remove(.writable)
        writeTimeout?.cancel()
        heartbeat?.cancel()
        heartbeat = nil
        pipe?.linkCannotSend()
        // Reading may have stopped because too much waited to leave.
        inboundHasRoom()
    }

    func end(_ reason: EventReason) {
        guard !isEnded else { return }
        // Once the descriptor is closed it cannot be asked any more.
        if observer.isObserved { _ = peerName }
        isEnded = true
        timer?.cancel()
        heartbeat?.cancel()
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

extension StreamConnection: FileDescriptorHandler {
    func descriptor(_ watcher: FileDescriptorWatcher, ready: Readiness) {
        if ready.contains(.writable) {
            isWaitingForRoom = false
            let before = bytesSent
            flush()
            if bytesSent > before { heartbeat?.outputMoved() }
            if !isWaitingForRoom, !isEnded {
                watcher.interest.remove(.writable)
                writeTimeout?.cancel()
            }
        }
        if ready.contains(.readable), !isEnded, !hasRest { read(for: pipe) }
    }
}

extension StreamConnection: NextTurnHandler {
    func reactorTurnGoesOn() { takeRest() }
}

extension StreamConnection: EndOfTurnHandler {
    func reactorTurnEnded() {
        isScheduled = false
        if wantsToRead, !isEnded {
            wantsToRead = false
            continueReading()
        }
        if wantsToFlush, !isEnded { flush() }
    }

    private func schedule() {
        guard !isScheduled else { return }
        isScheduled = true
        reactor.atEndOfTurn(self)
    }

    func scheduleFlush() {
        guard !wantsToFlush, !isWaitingForRoom else { return }
        wantsToFlush = true
        schedule()
    }
}

extension StreamConnection: StreamLink {
    func outboundGrew() { scheduleFlush() }

    func inboundHasRoom() {
        guard !wantsToRead else { return }
        wantsToRead = true
        schedule()
    }

    func close(afterSending: Bool) {
        guard !isEnded else { return }
        guard afterSending, !isOnHold, pipe != nil || isShakingHands else { return end(.closed) }
        closeWhenSent()
    }

    /// Ends the connection as soon as everything queued has left.
    func closeWhenSent() {
        if let failure { return end(failure) }
        if let pipe, !isClosing { pipe.sink.pipeCloses(pipe) }
        isClosing = true
        scheduleFlush()
    }

    func turnAway(_ reason: EventReason) { end(reason) }

    func send(_ subscription: Subscription, topic: UnsafeRawBufferPointer) {
        guard let peer = pipe?.peer, writeError == 0 else { return }
        subscription.append(topic: topic, for: peer.version, to: &control)
        scheduleFlush()
    }
}
