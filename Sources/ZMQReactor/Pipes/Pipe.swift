import ZMTP

/// One peer as its sink, a socket or a session, uses it: a queue out, a queue in, and a link that moves the bytes.
///
/// A pipe is made when the socket connects, and kept whether or not the link is up; or when the handshake of a peer
/// that connected to us is done, and destroyed when that peer leaves (RFC 28 to 31, our rule Q-1).
///
/// The link calls the sink only through its pipe, and the pipe does no I/O.
///
/// What the link calls is in `Pipe+Linking`, what the socket calls to send in `Pipe+Sending`, and what has arrived in
/// `Pipe+Receiving`.
final class Pipe {
    /// Receives all events of the pipe.
    let sink: any PipeSink

    /// Those of the sink.
    let budgets: PipeBudgets

    /// The endpoint that was bound or connected to.
    let endpoint: Endpoint

    /// Whether the pipe outlives its connections, because this side connects.
    let isPersistent: Bool

    /// Whether either queue keeps its newest message only.
    let conflates: Bool

    // MARK: Place in the socket

    /// This pipe's number in its socket, reused when the pipe is gone; -1 without one.
    var slot = -1

    /// The frame that a ROUTER puts in front of what this peer sends, as it travels; empty for other types.
    var routingPrefix: [UInt8] = []

    /// Distinguishes the peer, present or lost, from earlier ones at the other end; see `Pipe+Parting`.
    var peerNumber = UniqueNumber.next()

    /// Whether the pipe stands in its socket's rotation of pipes with room.
    var isInRotation = false

    /// Whether it has left the rotation because it was full, and is going to return.
    var hasLeftRotationFull = false

    /// Whether a send to this very peer would have blocked: the application is called again when there is room, or when
    /// the pipe is gone.
    var hasBlockedSender = false

    /// Whether the pipe stands among its socket's pipes with messages to take.
    var isInFairQueue = false

    // MARK: Queues

    // Both queues call nothing unknown while they change, so that no access can meet another; the checks for that would
    // cost more than the rest of a send.
    @exclusivity(unchecked) var outbound: OutboundQueue
    @exclusivity(unchecked) var inbound = InboundQueue()

    /// What `outbound` may hold; outstanding is what the other end of a channel has not acknowledged.
    var sending: CreditWindow

    /// What `inbound` may hold; outstanding is what the owner of a session has not acknowledged.
    var receiving: CreditWindow

    /// What the budgets count of this pipe: bytes to send; bytes of whole messages, and of unfinished ones, that have
    /// arrived.
    var sendingKnown = 0
    var receivingKnown = (whole: 0, unfinished: 0)

    // MARK: Sending

    /// The messages in `outbound` at which the link is called: 0 until it is scheduled.
    var attentionLevel = 0

    /// Whether the socket is going to be notified at the end of the turn that there is room.
    var isRelieved = false

    /// How long the queue may stay full, in nanoseconds; 0 without a limit.
    let slowPeerTimeout: Int64

    /// Whether the time is running in which the queue may stay full.
    var isWatchedAsFull = false

    // MARK: Receiving

    /// The bytes that have arrived at which `inboundCapacity` looks closely.
    var closeLook = 0

    /// Why the link has stopped reading.
    enum HeldBack { case not, byMarks, byBudget }
    var heldBack = HeldBack.not

    /// Whether the budget is exhausted and bytes have arrived that are no whole message yet.
    var isOverBudget = false

    /// What is notified when the application takes messages.
    struct TakingObservers: OptionSet {
        let rawValue: UInt8
        /// The link acknowledges it.
        static let link = TakingObservers(rawValue: 1)
        /// The link has stopped reading, or the budget counts what has arrived.
        static let flowControl = TakingObservers(rawValue: 2)
    }
    var takingObservers: TakingObservers = []

    // MARK: Link

    private var uncountedLink = UncountedLink()

    /// Moves the bytes; nil while there is no connection.
    var link: (any PipeLink)? {
        @inline(__always) get { uncountedLink.value }
        set { uncountedLink.set(newValue) }
    }

    /// The peer, from its handshake; nil while the link is down.
    var peer: Peer?

    /// Why the last link ended.
    var reasonOfEnd = EventReason.closed

    /// Messages that have left and arrived since the link is up.
    var messagesSent = 0
    var messagesReceived = 0

    init(of sink: any PipeSink, endpoint: Endpoint, options: Options, isPersistent: Bool) {
        self.sink = sink
        budgets = sink.budgets
        self.endpoint = endpoint
        self.isPersistent = isPersistent
        conflates = options.conflates
        (sending, receiving) = (options.sending, options.receiving)
        slowPeerTimeout = options.slowPeerTimeout
        outbound = OutboundQueue(pool: budgets.chunks)
    }

    deinit {
        forgetReceived()
        forgetSentAtEnd()
    }

    /// What a batch counts against a window. Bytes do not count where the newest message takes the place of others.
    func credit(for batch: MessageBatch) -> Credit {
        Credit(messages: batch.count, bytes: conflates ? 0 : batch.byteCount)
    }
}
