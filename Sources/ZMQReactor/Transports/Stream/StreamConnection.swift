import EventReactor
import Glibc
import ZMTP

/// Why a connection has ended.
enum EndReason {
    /// We closed it.
    case closed
    case peerClosed
    /// The peer answered our handshake with ERROR: trying again would be in vain (N-7).
    case refused(String)
    case protocolError(String)
    case handshakeTimeout
    /// The socket does not want this peer, or no longer.
    case turnedAway(String)
    case system(CInt)

    var isOurs: Bool { if case .closed = self { true } else { false } }

    var text: String {
        switch self {
        case .closed: "closed"
        case .peerClosed: "the peer closed the connection"
        case .refused(let text), .protocolError(let text), .turnedAway(let text): text
        case .handshakeTimeout: "the handshake took too long"
        case .system(let number): String(cString: strerror(number))
        }
    }
}

/// Who made a connection, and decides what becomes of it.
protocol StreamConnectionOwner: AnyObject {
    /// The handshake is done. Answers the pipe that the connection serves; nil turns the peer away.
    func connection(_ connection: any StreamLink, hasShakenHandsWith peer: Peer) -> Pipe?

    /// The connection is gone; it makes no further calls.
    func connection(_ connection: any StreamLink, hasEndedBecause reason: EndReason, afterHandshake: Bool)
}

/// A ZMTP connection over a byte stream: moves bytes between a descriptor and a pipe.
///
/// Life: handshake, traffic, and perhaps closing (what is queued leaves, nothing more is delivered). Reading is in
/// `StreamConnection+Reading`, writing in `StreamConnection+Writing`.
///
/// Rules:
/// * One read for each time the loop finds the descriptor readable, so that a busy peer cannot starve the others.
/// * One gathering write at the end of a turn in which something was queued.
/// * What the engine has to say (greeting, READY, PONG, subscriptions) goes out between messages, ahead of them.
/// * Every callback into the application may close this very connection: state is settled before, and looked at after.
final class StreamConnection {
    let descriptor: CInt
    let socket: Socket
    let endpoint: Endpoint
    private weak var owner: (any StreamConnectionOwner)?

    var engine: Engine
    var input = InputBuffer()
    var pipe: Pipe?

    /// What the engine has to say and has not left yet.
    var control: [UInt8] = []
    var controlSent = 0

    /// What messages go through on their way to a 1.0 peer.
    var translated: TranslatedOutput?

    private(set) var watcher: FileDescriptorWatcher?
    private var handshakeTimer: EventReactor.Timer?
    private var drainTimer: EventReactor.Timer?

    private(set) var isEnded = false
    /// Whether the connection ends as soon as everything queued has left.
    private(set) var isClosing = false
    /// Whether the operating system's buffer is full, so that we wait for `writable`.
    var isWaitingForRoom = false
    /// What is to be done at the end of the turn.
    var wantsToFlush = false
    private var wantsToRead = false
    private var isScheduled = false

    init(
        _ descriptor: CInt,
        of socket: Socket,
        endpoint: Endpoint,
        role: Engine.Configuration.Role,
        owner: any StreamConnectionOwner
    ) {
        self.descriptor = descriptor
        self.socket = socket
        self.endpoint = endpoint
        self.owner = owner
        engine = Engine(
            Engine.Configuration(
                socketType: socket.type,
                role: role,
                identity: socket.identity,
                maxMessageSize: socket.options.maxMessageSize,
                acceptsOlderPeers: socket.options.acceptsOlderPeers
            )
        )
    }

    /// Begins the handshake.
    func start() {
        do {
            watcher = try socket.reactor.watch(descriptor, for: .readable, handler: self)
        } catch {
            return end(.system(error.errno ?? EBADF))
        }
        handshakeTimer = socket.reactor.after(socket.options.handshakeTimeout) { [unowned self] _ in
            end(.handshakeTimeout)
        }
        engine.start()
        takeEngineOutput()
        flush()
    }

    var reactor: Reactor { socket.reactor }

    func shakenHands(with peer: Peer) {
        handshakeTimer?.cancel()
        handshakeTimer = nil
        guard let owner, let pipe = owner.connection(self, hasShakenHandsWith: peer) else {
            return end(socket.refusalOfPeers.map { .turnedAway($0) } ?? .closed)
        }
        guard !isEnded else {
            // The application has ended it when it was told of the handshake.
            if !pipe.isPersistent { socket.remove(pipe) }
            return
        }
        self.pipe = pipe
        if peer.version == .v1_0 { translated = TranslatedOutput(.version1) }
        pipe.linkUp(self, peer: peer)
    }

    /// Everything queued has left while the connection is closing.
    func hasDrained() {
        guard !isEnded, drainTimer == nil else { return }
        // What the other machine has not acknowledged would be lost if data arrived after close(2), which answers with a
        // reset: half-close, and wait until all has been acknowledged or the peer has closed, too.
        guard unacknowledged > 0 else { return end(.closed) }
        _ = shutdown(descriptor, CInt(SHUT_WR))
        watcher?.interest = .readable
        drainTimer = reactor.every(.milliseconds(5)) { [unowned self] _ in
            if unacknowledged == 0 { end(.closed) }
        }
    }

    /// Bytes that the peer's operating system has not acknowledged, see tcp(7), SIOCOUTQ; 0 where there is no such thing.
    private var unacknowledged: CInt {
        guard case .tcp = endpoint else { return 0 }
        var count: CInt = 0
        guard ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 else { return 0 }
        return count
    }

    func end(_ reason: EndReason) {
        guard !isEnded else { return }
        isEnded = true
        handshakeTimer?.cancel()
        drainTimer?.cancel()
        watcher?.cancel()
        Glibc.close(descriptor)
        input.removeAll(pool: socket.loop.chunks)
        reactor.deferRelease(self)
        let pipe = self.pipe
        self.pipe = nil
        pipe?.linkDown()
        owner?.connection(self, hasEndedBecause: reason, afterHandshake: pipe != nil)
    }
}

extension StreamConnection: FileDescriptorHandler {
    func descriptor(_ watcher: FileDescriptorWatcher, ready: Readiness) {
        if ready.contains(.writable) {
            isWaitingForRoom = false
            flush()
        }
        if ready.contains(.readable), !isEnded { read() }
    }
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
        guard afterSending, pipe != nil else { return end(.closed) }
        closeWhenSent()
    }

    /// Ends the connection as soon as everything queued has left.
    func closeWhenSent() {
        if let pipe, !isClosing { socket.pipeCloses(pipe) }
        isClosing = true
        scheduleFlush()
    }

    func turnAway(_ reason: String) { end(.turnedAway(reason)) }

    func send(_ subscription: Subscription, topic: UnsafeRawBufferPointer) {
        guard let peer = pipe?.peer else { return }
        subscription.append(topic: topic, for: peer.version, to: &control)
        scheduleFlush()
    }
}
