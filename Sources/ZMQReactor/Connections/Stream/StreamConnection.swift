import EventReactor
import Glibc
import ZMTP

/// The owner of a connection, which decides what follows its end.
protocol StreamConnectionOwner: AnyObject {
    var reactor: Reactor { get }
    var buffers: StreamBuffers { get }
    var observer: SocketObserver { get }

    /// The handshake is complete, except for the READY of an admission that is pending.
    func connection(_ connection: StreamConnection, handshakeCompletedWith peer: Peer) -> Admission

    /// The peer of a pending admission has been accepted.
    func connectionAccepted(_ connection: StreamConnection)

    /// The peer has reached a limit that does not end the connection, for the first time.
    func connection(_ connection: StreamConnection, reached limit: SocketLimit)

    /// The connection is gone; it makes no further calls.
    func connection(_ connection: StreamConnection, closedBecause reason: EventReason, afterHandshake: Bool)
}

extension StreamConnectionOwner {
    func connectionAccepted(_ connection: StreamConnection) {}
}

/// A connection over a byte stream: moves bytes between the stream and a pipe, as its wire protocol says.
///
///     handshaking ──▶ open ──▶ draining ──▶ closed        each may also end at once
///
/// Open, messages travel both ways. Draining, what is queued leaves, nothing more is delivered, and the connection ends
/// when the peer's system has acknowledged everything. The handshake is in `StreamConnection+Handshake`, reading in
/// `StreamConnection+Reading`, writing in `StreamConnection+Writing`, and all that ends in `StreamConnection+Closing`.
///
/// Rules:
/// * One read for each time the loop finds the stream readable, and no more of it handled at once than the budget of a
///   turn, so that a busy peer cannot starve the others. The rest is handled in the turns that follow, before the next
///   read.
/// * One gathering write at the end of a turn in which something was queued.
/// * Large reads and writes wait for the next turn when this one has moved its share, in their order.
/// * What the protocol has to say (greeting, READY, PONG, subscriptions) goes out between messages, ahead of them.
/// * A write that fails does not end the connection: what the peer had sent before that is still to be read, see
///   `writingFailed`.
/// * A raw peer that sends no more still receives what is queued: it may only have half-closed, see `peerHalfClosed`.
/// * Every callback into the application may close this connection: its state is consistent before, and read again
///   after.
final class StreamConnection {
    enum State {
        /// The peer is not known yet, or not accepted.
        case handshaking
        /// Messages travel.
        case open
        /// Everything queued leaves, and the connection ends then.
        case draining
        /// The connection has ended.
        case closed
    }

    struct Flags: OptionSet {
        let rawValue: UInt16
        @inline(__always) init(rawValue: UInt16) { self.rawValue = rawValue }

        /// Nothing can be written: the operating system's buffer is full, the peer is not accepted, writing has failed, or
        /// the peer is gone.
        static var waitsForWritability: Flags { Flags(rawValue: 1 << 0) }
        /// Work has been left for the next turn, or for one that has time: input, a read, or much output.
        static var hasRest: Flags { Flags(rawValue: 1 << 1) }
        /// Writing is to be done at the end of the turn.
        static var wantsToFlush: Flags { Flags(rawValue: 1 << 2) }
        /// Reading goes on at the end of the turn.
        static var wantsToRead: Flags { Flags(rawValue: 1 << 3) }
        /// The reactor calls at the end of the turn.
        static var isScheduled: Flags { Flags(rawValue: 1 << 4) }
        /// The handshake is done but for READY, which waits until the peer has been accepted: what the peer has queued
        /// stays with it when it is not. The time of the handshake goes on.
        static var awaitsAcceptance: Flags { Flags(rawValue: 1 << 5) }
        /// Everything has left while draining, and the peer's system has not acknowledged it.
        static var awaitsAcknowledgement: Flags { Flags(rawValue: 1 << 6) }
        /// The peer sends no more, and still receives.
        static var peerHalfClosed: Flags { Flags(rawValue: 1 << 7) }
        /// Nothing can be written, and the application has taken nothing for a long time.
        static var isHeldBackForTooLong: Flags { Flags(rawValue: 1 << 8) }
        /// The stream is read in its turn, because it has much, or because very many others begin or end. Meanwhile its
        /// readiness means nothing.
        static var readsLater: Flags { Flags(rawValue: 1 << 9) }
        /// Input has been left for the next turn. Meanwhile nothing is read.
        static var hasInputLeft: Flags { Flags(rawValue: 1 << 10) }
        /// The peer has once said more commands than a turn takes.
        static var wasLimited: Flags { Flags(rawValue: 1 << 11) }
    }

    /// Most bytes that one connection writes in one turn. The operating system takes in what the peer acknowledges
    /// between two calls, not within one: a call for much more stalls.
    static let turnBudget = 768 * 1024

    let reactor: Reactor
    let buffers: StreamBuffers
    let observer: SocketObserver
    /// What held when the endpoint was bound or connected.
    let endpoint: EndpointOptions
    weak var owner: (any StreamConnectionOwner)?

    // Unchecked is what each read and write changes in place; the checks would be a third of its cost. It calls nothing
    // unknown while it changes. All else is only read and assigned: the compiler sees that no access lasts.
    @exclusivity(unchecked) var stream: ByteStream
    @exclusivity(unchecked) var wire: WireProtocol
    @exclusivity(unchecked) var input: InputBuffer
    var lowWater = ReceiveLowWater()
    var pipe: Pipe?

    var state = State.handshaking
    var flags: Flags = []

    /// What the protocol has to say and has not left yet.
    @exclusivity(unchecked) var control: [UInt8] = []
    var controlSent = 0
    /// How many of these bytes are in the form in which they are sent, where messages and commands pass through a
    /// transform.
    var controlSealed = 0

    /// Translates messages for a peer of another form.
    var translated: TranslatedOutput?

    var heartbeat: ConnectionHeartbeat?
    var writeTimeout: WriteTimeout?

    /// Limits the handshake; and later how long a peer that has half-closed may take nothing, or the application where
    /// nothing can be sent.
    var timer: ReactorTimer?
    /// The number under which the peer is being authenticated in a task.
    var authentication: Int?
    /// The bytes that had left, or messages that had arrived, when the timer was last set for one of the latter.
    var progress = 0

    /// What has passed through.
    private(set) var bytesSent = 0
    private(set) var bytesReceived = 0
    /// The same, where another thread reads it.
    private(set) var counters: ConnectionCounters?
    /// What the last call has read, with what the stream has taken itself.
    private(set) var lastRead = 0
    /// The most that the next call reads.
    var readLimit = InputBuffer.largestRead
    /// What a closed connection no longer has; made when it is needed.
    var knownPeer: KnownPeer?

    /// The number of the error with which a write has failed; 0 as long as something can be written.
    var writeError: CInt = 0

    /// The number of the error that has ended reading, 0 for the end of the stream; nil while it goes on.
    var endOfInput: CInt?

    /// What a turn's budget for the input has measured, see `WorkBudget`.
    var portionSize = WorkBudget.initialSize

    init(
        _ stream: consuming ByteStream,
        of owner: some StreamConnectionOwner,
        _ endpoint: EndpointOptions,
        _ profile: Engine.Profile
    ) {
        self.stream = stream
        reactor = owner.reactor
        buffers = owner.buffers
        observer = owner.observer
        self.endpoint = endpoint
        self.owner = owner
        input = InputBuffer(pool: buffers.chunks, returned: buffers.returned)
        input.mayHoldSecrets = true
        wire = WireProtocol(endpoint.profile.type, profile)
    }

    deinit { pipe?.forget(self) }

    /// Begins. The owner is not called before this returns, unless it fails.
    func start() {
        // Without a handshake the connection is up at the end of the turn, and reads from then on.
        stream.watch(for: wire.isRaw ? [] : .readable, on: reactor, handler: self)
        guard !wire.isRaw else { return resumeReceiving() }
        timer = reactor.after(endpoint.options.handshakeInterval, handler: self)
        takeOutput()
        flush()
    }

    // MARK: What has passed through

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
        countRead(byteCount)
        observer.record(.bytesReceived(byteCount))
        counters?.bytesReceived.count(byteCount)
        heartbeat?.heard(peerTimeToLive: wire.peerTimeToLive)
    }

    /// So many bytes have been read, or taken by the stream. What it hands out later counts again: it is handled twice.
    @inline(__always)
    func countRead(_ byteCount: Int) {
        lastRead &+= byteCount
        reactor.didMove(byteCount)
    }

    /// A read begins.
    @inline(__always)
    func beginRead() { lastRead = 0 }

    /// Something has left.
    @inline(__always)
    func sent(_ byteCount: Int) {
        bytesSent += byteCount
        reactor.didMove(byteCount)
        observer.record(.bytesSent(byteCount))
        counters?.bytesSent.count(byteCount)
    }
}
