public import EventReactor
public import ZMTP

/// What all sockets are: a place on a reactor where messages leave and arrive, whatever the number of peers behind it.
///
/// Create one of the subclasses. A socket belongs to the thread of its reactor, and lives until ``close(_:)``, also when the
/// application holds no reference to it.
public class Socket {
    /// The loop this socket lives on. All its callbacks run there.
    public let reactor: Reactor

    /// The context this socket was created in.
    public let context: Context

    /// What kind of socket this is.
    public let type: SocketType

    /// How the socket behaves; change it with ``configure(_:)``.
    public internal(set) var options: SocketOptions {
        _read { yield endpointOptions.options }
        set { endpointOptions = EndpointOptions(newValue, profile) }
    }

    /// What holds for the endpoints that are bound and connected from now on.
    final private(set) var endpointOptions: EndpointOptions

    /// What has passed through the socket.
    public var statistics: SocketStatistics { observer.statistics }

    /// Where every counter, drop and event begins.
    final let observer = SocketObserver()

    /// What the pipes share.
    final let budgets: PipeBudgets

    /// Ends the connections of peers that do not keep up, where an option says so.
    final private(set) lazy var slowPeers = SlowPeers(of: self, on: reactor)

    /// Called with everything that happens to the socket's connections.
    public var onEvent: ((Socket, SocketEvent) -> Void)? {
        didSet { observer.onEvent = onEvent.map { onEvent in { [unowned self] in onEvent(self, $0) } } }
    }

    /// The real endpoint of the last bind.
    public internal(set) var lastEndpoint: String?

    let loop: LoopResources

    /// The socket's peers; a peer that has gone leaves a gap that the next one takes. Nothing is called while they change.
    @exclusivity(unchecked) private(set) var pipes: [Pipe?] = []
    @exclusivity(unchecked) private var gaps: [Int] = []

    var listeners: [any Listener] = []
    var connectors: [any Connector] = []

    private var currentState = SocketState.open
    /// Every call of the application asks for it, so that this is where one from another thread is noticed.
    final var state: SocketState {
        get {
            reactor.checkThread()
            return currentState
        }
        set { currentState = newValue }
    }
    var lingering: Lingering?

    @exclusivity(unchecked) var fairQueue = FairQueue()  // calls nothing unknown
    final var isPaused = false
    private var isDrainScheduled = false
    @exclusivity(unchecked) private var drainBudget = WorkBudget()

    /// Whether there is a handler that messages go to, now or at another time.
    final var hasHandler = false

    /// Uses the socket in the place of a handler.
    final var consumer: (any SocketConsumer)?

    /// The rule by which the socket deals with its peers, if its type has one.
    final let pattern: (any Pattern)?

    /// The pipes that were full and have room since this turn.
    @exclusivity(unchecked) final var relieved: [Pipe] = []  // appended to, and taken

    /// The frames of a message that is being sent frame by frame.
    final var parts: [Frame] = []

    /// What a ROUTER peer may call this socket (ID-2).
    final var identity: [UInt8] = [] { didSet { endpointOptions = EndpointOptions(options, profile) } }

    /// What is left of a message that is being taken frame by frame.
    final var restOfReceived: Message?

    /// - Parameter isReceiver: whether there is a handler that messages go to.
    init(
        _ type: SocketType,
        _ place: _SocketPlace,
        _ options: SocketOptions,
        by pattern: (any Pattern)? = nil,
        isReceiver: Bool = false
    ) throws(ZMQError) {
        try options.validate(for: type)
        self.type = type
        reactor = place.reactor
        context = place.context
        self.pattern = pattern
        hasHandler = isReceiver
        budgets = PipeBudgets(on: reactor, options, within: context)
        endpointOptions = EndpointOptions(options, SocketProfile(type: type, identity: []))
        loop = budgets.loop
        try context.register(on: reactor)
        budgets.belong(to: self)
        loop.add(self)
    }

    /// Changes options. Either all changes hold or none.
    ///
    /// An endpoint keeps the options of its bind or connect, also for peers that come later: changes hold for what is bound or connected
    /// afterwards. What belongs to the socket changes at once: ``SocketOptions/sendBudget``, ``SocketOptions/receiveBudget``, and
    /// ``SocketOptions/linger`` for ``close(_:)``.
    ///
    /// - Throws: `invalidArgument` naming the option and the value that it cannot have.
    public func configure(_ change: (inout SocketOptions) -> Void) throws(ZMQError) {
        reactor.checkThread()
        var changed = options
        change(&changed)
        try changed.validate(for: type)
        options = changed
        budgets.configure(changed)
    }

    // MARK: What a type of socket decides

    /// Whether a message that arrives may take the place of the one before it, when only the last is kept.
    func wants(_ message: borrowing Message) -> Bool { true }

    /// Whether a message that arrives can be given to a handler now.
    var hasReceiver: Bool { hasHandler }

    /// Messages have arrived.
    func receive(_ run: consuming Run, from pipe: Pipe) { hand(run, from: pipe) }

    /// A peer asks for something. Types that do not care ignore it.
    func receive(_ command: PeerCommand, from pipe: Pipe) {}

    /// Gives the run's messages to the handler, one by one, as long as the socket `flows`.
    func deliver(_ run: inout Run, from pipe: Pipe) {}

    /// Sends messages off the front of the run, each behind the frame in `prefix`, as it travels, if that is not empty. What is
    /// left in the run would block, and the consumer is told of room.
    func forward(_ run: inout Run, behind prefix: [UInt8]) {}

    /// Tells the handler that a send which was refused is worth another try: to any peer, or to that of the pipe.
    func becameWritable(for pipe: Pipe?) {}

    /// Tells the handler of a message that it has sent and that was dropped.
    func messageDropped() {}

    /// Lets go of the handler.
    func forgetHandler() {}

    // MARK: Pipes

    /// The number of peers that are connected and have shaken hands.
    public var peerCount: Int { pipes.count { $0?.peer != nil } }

    /// Whether there is a peer, connected or not.
    final var hasPipes: Bool { pipes.count > gaps.count }

    func add(_ pipe: Pipe) {
        place(pipe)
        pipeAdded(pipe)
    }

    private func place(_ pipe: Pipe) {
        if let gap = gaps.popLast() {
            pipe.slot = gap
            pipes[gap] = pipe
        } else {
            pipe.slot = pipes.count
            pipes.append(pipe)
        }
    }

    /// Gives a pipe another number, and answers the one it had, which no pipe gets until `free(slot:)`.
    final func renumber(_ pipe: Pipe) -> Int {
        let former = pipe.slot
        pipes[former] = nil
        place(pipe)
        return former
    }

    /// A number that a pipe had can be given to another one.
    final func free(slot: Int) { gaps.append(slot) }

    func remove(_ pipe: Pipe) {
        guard pipe.slot >= 0, pipes[pipe.slot] === pipe else { return }
        pipes[pipe.slot] = nil
        pipeRemoved(pipe)
        pipe.forgetSent()
        precondition(!pipe.isInRotation, "a rotation would go on sending to a pipe that is gone")
        gaps.append(pipe.slot)
        pipe.slot = -1
        abandon(pipe.outbound.count)
    }

    /// Messages cannot leave any more.
    final func abandon(_ count: Int) {
        guard count > 0 else { return }
        lingering?.abandoned += count
        drop(count, state == .closed ? .lingerExpired : .peerGone)
    }

    // MARK: Receiving

    /// Whether messages go to the handler now.
    final var flows: Bool { hasReceiver && !isPaused && state == .open }

    /// Gives messages to the application, or queues them.
    final func hand(_ run: consuming Run, from pipe: Pipe) {
        observer.record(.received(run.count))
        if pipe.conflates { keepLast(of: &run, from: pipe) }
        if fairQueue.isEmpty {
            consumer?.take(&run, from: pipe, at: self)
            if flows { deliver(&run, from: pipe) }
        }
        guard !run.isEmpty, state == .open else { return }
        pipe.inbound.append(run)
        fairQueue.add(pipe)
        consumer?.messagesArrived(at: self)
    }

    /// Reduces a run, and what waits ahead of it, to the newest message.
    private func keepLast(of run: inout Run, from pipe: Pipe) {
        var displaced = pipe.inbound.count
        var last: Message?
        var unwanted = 0
        while let message = run.next() {
            guard wants(message) else {
                unwanted += 1
                continue
            }
            if last != nil { displaced += 1 }
            last = message
        }
        drop(unwanted, .notSubscribed)
        guard let last else { return }
        let passedOver = pipe.inbound.held
        pipe.inbound.removeAll()
        if passedOver != .zero { pipe.taken(passedOver) }
        drop(displaced, .conflated)
        run = Run(last)
    }

    /// Sees to it that messages which wait are given to the handler, now that it takes some again.
    func scheduleDrain() {
        guard !isDrainScheduled, !fairQueue.isEmpty else { return }
        isDrainScheduled = true
        reactor.atEndOfTurn(self)
    }

    /// Gives queued messages to the handler, one from each peer in turn.
    private func drain() {
        isDrainScheduled = false
        drainBudget.begin()
        while flows, drainBudget.portion > 0 || drainBudget.renew(at: reactor.workTime),
            let (message, pipe) = fairQueue.next()
        {
            var run = Run(message)
            deliver(&run, from: pipe)
            drainBudget.portion -= 1
        }
        if drainBudget.isMeasuring { drainBudget.end(at: reactor.workTime) }
        if flows { scheduleDrain() }
    }
}

extension Socket: EndOfTurnHandler {
    package func reactorTurnEnded() { drain() }
}
